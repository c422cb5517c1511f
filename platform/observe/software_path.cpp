#include "platform/observe/software_path.h"

#include <algorithm>

namespace vesper::observe {

void SoftwarePath::mark(Mark mark, uint32_t value, Time at) {
  if (mark == Mark::vector_entered) vector_ = at;
  records_.push_back({mark, value, at, vector_});
}

const SoftwarePath::Record* SoftwarePath::first(Mark mark, Time from, Time to,
                                                std::optional<uint32_t> value) const {
  auto found = std::ranges::find_if(records_, [&](const Record& r) {
    return r.mark == mark && from <= r.at && r.at <= to && (!value || r.value == *value);
  });
  return found == records_.end() ? nullptr : &*found;
}

const SoftwarePath::Record* SoftwarePath::last(Mark mark, Time from, Time to) const {
  auto found = std::find_if(records_.rbegin(), records_.rend(),
                            [&](const Record& r) { return r.mark == mark && from <= r.at && r.at <= to; });
  return found == records_.rend() ? nullptr : &*found;
}

SoftwareStages SoftwarePath::stages(Time trigger, Time instruction, std::optional<uint32_t> line) const {
  SoftwareStages s;
  const Record* acknowledged = first(Mark::interrupt_acknowledged, trigger, instruction, line);
  Time taken = acknowledged != nullptr ? acknowledged->at : instruction;
  const Record* asserted = first(Mark::interrupt_asserted, trigger, taken, line);
  s.interrupt_asserted = asserted != nullptr ? asserted->at : trigger;
  s.vector_entered = s.interrupt_asserted;
  if (acknowledged != nullptr) s.vector_entered = std::max(s.interrupt_asserted, acknowledged->vector);

  Time since = acknowledged != nullptr ? acknowledged->at : trigger;
  const Record* entered = first(Mark::policy_entered, since, instruction, std::nullopt);
  const Record* left = last(Mark::policy_left, trigger, instruction);
  s.policy_entered = entered != nullptr ? std::max(s.vector_entered, entered->at) : s.vector_entered;
  s.policy_left = s.policy_entered;
  if (entered != nullptr && (left == nullptr || left->at < entered->at)) {
    s.policy_left = instruction;
  } else if (left != nullptr) {
    s.policy_left = std::max(s.policy_entered, left->at);
  }
  return s;
}

void SoftwarePath::forget_before(Time time) {
  std::erase_if(records_, [=](const Record& record) { return record.at < time; });
}

}  // namespace vesper::observe
