#include "platform/observe/decision_tracker.h"

#include <algorithm>
#include <utility>

namespace vesper::observe {

std::string_view name_of(Cause cause) {
  constexpr std::string_view kNames[] = {"feedback", "release"};
  return kNames[static_cast<size_t>(cause)];
}

void DecisionTracker::job_released(const JobReleased& event) {
  ++ready_;
  for (Accelerator& accelerator : accelerators_) {
    if (accelerator.under_way > 0 || accelerator.trigger) continue;
    bool before_feedback = accelerator.feedback && event.release <= *accelerator.feedback;
    accelerator.trigger = before_feedback ? Trigger{*accelerator.feedback, Cause::feedback}
                                          : Trigger{event.release, Cause::release};
  }
}

void DecisionTracker::region_ended(const RegionEnded& event) {
  if (event.accelerator >= accelerators_.size()) return;
  Accelerator& accelerator = accelerators_[event.accelerator];
  if (accelerator.under_way > 0) --accelerator.under_way;
  accelerator.feedback = event.feedback;
  if (!event.last) ++ready_;
  if (ready_ > 0 && accelerator.under_way == 0)
    accelerator.trigger = Trigger{event.feedback, Cause::feedback};
}

std::optional<Trigger> DecisionTracker::instruction_issued(const InstructionIssued& event) {
  if (event.accelerator >= accelerators_.size()) return std::nullopt;
  Accelerator& accelerator = accelerators_[event.accelerator];
  --ready_;
  std::optional<Trigger> trigger = std::exchange(accelerator.trigger, std::nullopt);
  ++accelerator.under_way;
  if (ready_ <= 0) {
    // The others stay idle: nothing is left for them to be decided.
    for (Accelerator& other : accelerators_) other.trigger.reset();
  }
  if (trigger) trigger->at = std::min(trigger->at, event.at);
  return trigger;
}

Time DecisionTracker::earliest_trigger(Time now) const {
  for (const Accelerator& accelerator : accelerators_) {
    if (accelerator.trigger) now = std::min(now, accelerator.trigger->at);
  }
  return now;
}

}  // namespace vesper::observe
