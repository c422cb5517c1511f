/// The way of a software decision from its trigger to its instruction, put together from marks.
///
/// For a decision triggered at T (by an interrupt line, if known) whose instruction is issued at I:
/// - acknowledged  the first acknowledgement of the line in [T, I]. It names the vector entry: the last one
/// before.
/// - interrupt     the first assertion of the line from T to the acknowledgement (to I, if there is none); T
/// if
///                 there is none, as when the line was high already.
/// - vector        that vector entry; not before `interrupt`. Without acknowledgement (firmware saw the event
///                 without an interrupt of its own) the same as `interrupt`.
/// - policy entry  the first after the acknowledgement (after T without one); not before `vector`. None:
/// `vector`.
/// - policy left   the last in [T, I], not before `policy entry`; I if the policy was entered and not left,
/// and
///                 `policy entry` if there is none at all. So `policy` spans all the policy's work for the
///                 decision: what it is told of (releases, feedback) and what it is asked.
/// What happened before T on the decision's behalf counts as no time: a CPU that was already in the vector or
/// in the policy at T shows zero there. Every time lies in [T, I] and they never fall, so the parts are not
/// negative and add up to I - T exactly.
#pragma once

#include <optional>
#include <vector>

#include "platform/observe/observer.h"

namespace vesper::observe {

struct SoftwareStages {
  Time interrupt_asserted = 0;
  Time vector_entered = 0;
  Time policy_entered = 0;
  Time policy_left = 0;
};

class SoftwarePath {
 public:
  /// Marks of one kind come in order of time; the CPU may be ahead of everything else.
  void mark(Mark mark, uint32_t value, Time at);
  [[nodiscard]] SoftwareStages stages(Time trigger, Time instruction, std::optional<uint32_t> line) const;
  /// No later question has a trigger before `time`.
  void forget_before(Time time);

 private:
  struct Record {
    Mark mark;
    uint32_t value;
    Time at;
    Time vector;  ///< of an acknowledgement: the vector entry it belongs to
  };

  [[nodiscard]] const Record* first(Mark mark, Time from, Time to, std::optional<uint32_t> value) const;
  [[nodiscard]] const Record* last(Mark mark, Time from, Time to) const;

  std::vector<Record> records_;
  Time vector_ = 0;
};

}  // namespace vesper::observe
