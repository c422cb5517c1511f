/// Who used each link and who waited for whom, in exact integer sums of cycles and flits.
///
/// A packet's wait at a link is what its last flit leaves later than it would have, had it found the link
/// free after the link before: the waits of a packet add up to its lag behind the empty network. They are
/// charged to the packets that the link carried meanwhile, from the last back (`waited_for`, by task, the
/// waiter's own included); what is left is `blocked`: no credit downstream, no free virtual channel, its
/// input port read for another channel, or a competitor longer ago than the history of the link reaches. So
/// waited_for over all tasks + blocked = waiting, to the cycle.
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

  /// `flits` flits of packet `serial` from cycle `from` on.
  void sent(size_t link, size_t task, uint32_t serial, uint64_t from, uint64_t flits) {
    flits_[link * tasks_ + task] += flits;
    History& history = history_[link];
    Grant& last = history.grants[history.last];
    if (last.serial == serial && last.until == from) {
      last.until += flits;
      return;
    }
    history.last = (history.last + 1) % kHistory;
    history.grants[history.last] = {from, from + flits, serial, static_cast<uint32_t>(task)};
  }
  /// Takes back the last `flits` of what was told to be sent from `from` on and has not been.
  void retract(size_t link, size_t task, uint64_t from, uint64_t flits);
  /// Packet `serial` waited `cycles` cycles of those from `from` to before `until`.
  void waited(size_t link, size_t task, uint32_t serial, uint64_t cycles, uint64_t from, uint64_t until);

  /// Flits of a task over a link; as many busy cycles.
  [[nodiscard]] uint64_t flits(size_t link, size_t task) const { return flits_[link * tasks_ + task]; }
  /// Cycles that packets of `task` waited for the link while it carried other packets of `other`.
  [[nodiscard]] uint64_t waited_for(size_t link, size_t task, size_t other) const {
    return waited_[(link * tasks_ + task) * tasks_ + other];
  }
  [[nodiscard]] uint64_t blocked(size_t link, size_t task) const { return blocked_[link * tasks_ + task]; }
  /// All cycles that packets of `task` waited for the link.
  [[nodiscard]] uint64_t waiting(size_t link, size_t task) const { return waiting_[link * tasks_ + task]; }

 private:
  static constexpr size_t kHistory = 64;
  struct Grant {
    uint64_t from = 0, until = 0;
    uint32_t serial = 0, task = 0;
  };
  /// The last grants of a link, in a ring.
  struct History {
    std::array<Grant, kHistory> grants{};
    size_t last = 0;
  };

  size_t tasks_ = 0;
  std::vector<History> history_;
  std::vector<uint64_t> flits_, waited_, blocked_, waiting_;
};

}  // namespace vesper::noc
