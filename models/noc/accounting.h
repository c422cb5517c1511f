/// Who used each link and who waited for whom, in exact integer sums of cycles and flits.
///
/// A waiting interval of a packet at a switch (flits there, but not granted) is split cycle by cycle: while
/// its output link carried flits of another packet, that packet's task is charged (`waited`); the rest is
/// `blocked`: no credit downstream, no free virtual channel, or its input port read for another channel. So
/// waited over all tasks + blocked = all waiting, to the cycle.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vesper::noc {

class Accounting {
 public:
  /// Nothing is counted until this is called.
  void enable(size_t links, size_t tasks);
  [[nodiscard]] bool enabled() const { return tasks_ != 0; }
  [[nodiscard]] size_t tasks() const { return tasks_; }

  void sent(size_t link, size_t task, uint64_t from, uint64_t flits);
  /// Takes back the last `flits` of what was told to be sent from `from` on and has not been.
  void retract(size_t link, size_t task, uint64_t from, uint64_t flits);
  void waited(size_t link, size_t task, uint64_t from, uint64_t until);

  /// Flits of a task over a link; as many busy cycles.
  [[nodiscard]] uint64_t flits(size_t link, size_t task) const { return flits_[link * tasks_ + task]; }
  /// Cycles that packets of `task` waited for the link while it carried packets of `other`.
  [[nodiscard]] uint64_t waited_for(size_t link, size_t task, size_t other) const {
    return waited_[(link * tasks_ + task) * tasks_ + other];
  }
  [[nodiscard]] uint64_t blocked(size_t link, size_t task) const { return blocked_[link * tasks_ + task]; }
  /// All cycles that packets of `task` waited for the link.
  [[nodiscard]] uint64_t waiting(size_t link, size_t task) const { return waiting_[link * tasks_ + task]; }

 private:
  /// The last grants of a link. A wait that reaches further back is `blocked` for the part before them.
  static constexpr size_t kHistory = 32;
  struct Grant {
    uint64_t from = 0, until = 0;
    size_t task = 0;
  };
  struct History {
    std::array<Grant, kHistory> grants{};
    size_t next = 0;
  };

  size_t tasks_ = 0;
  std::vector<History> history_;
  std::vector<uint64_t> flits_, waited_, blocked_, waiting_;
};

}  // namespace vesper::noc
