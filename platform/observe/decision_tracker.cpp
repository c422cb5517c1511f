#include "platform/observe/decision_tracker.h"

#include <algorithm>
#include <utility>

namespace vesper::observe {

std::string_view name_of(Cause cause) {
  constexpr std::string_view kNames[] = {"feedback", "release"};
  return kNames[static_cast<size_t>(cause)];
}

DecisionTracker::DecisionTracker(const RunInfo& run) : accelerators_(run.accelerators.size()), ready_(1) {
  if (std::ranges::none_of(run.tasks, &RunTask::runs_in_stages)) return;
  ready_.resize(accelerators_.size());
  for (const RunTask& task : run.tasks) {
    homes_.push_back(task.stage ? std::optional(task.stage->accelerator) : std::nullopt);
  }
}

std::span<DecisionTracker::Accelerator> DecisionTracker::sharing_with(uint16_t accelerator) {
  if (share_all()) return accelerators_;
  return std::span(accelerators_).subspan(accelerator, 1);
}

std::span<DecisionTracker::Accelerator> DecisionTracker::served_by(JobId job) {
  if (homes_.empty()) return accelerators_;
  if (job.task >= homes_.size() || !homes_[job.task]) return {};
  return sharing_with(*homes_[job.task]);
}

void DecisionTracker::job_released(const JobReleased& event) {
  const std::span<Accelerator> served = served_by(event.job);
  if (served.empty()) return;
  ++ready_for(static_cast<uint16_t>(served.data() - accelerators_.data()));
  for (Accelerator& accelerator : served) {
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
  int64_t& ready = ready_for(event.accelerator);
  if (!event.last) ++ready;
  if (ready > 0 && accelerator.under_way == 0) accelerator.trigger = Trigger{event.feedback, Cause::feedback};
}

std::optional<Trigger> DecisionTracker::instruction_issued(const InstructionIssued& event) {
  if (event.accelerator >= accelerators_.size()) return std::nullopt;
  Accelerator& accelerator = accelerators_[event.accelerator];
  int64_t& ready = ready_for(event.accelerator);
  --ready;
  std::optional<Trigger> trigger = std::exchange(accelerator.trigger, std::nullopt);
  ++accelerator.under_way;
  if (ready <= 0) {
    // The others stay idle: nothing is left for them to be decided.
    for (Accelerator& other : sharing_with(event.accelerator)) other.trigger.reset();
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
