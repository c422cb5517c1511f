#include "platform/observe/run_limits.h"

#include <algorithm>

namespace vesper::observe {

RunLimits::RunLimits(bool at_first_miss, std::optional<uint64_t> most_regions, std::function<void()> stop,
                     std::optional<ExpectedJobs> expected, bool at_first_preemption)
    : at_first_miss_(at_first_miss),
      most_regions_(most_regions),
      stop_(std::move(stop)),
      expected_(expected),
      at_first_preemption_(at_first_preemption) {}

void RunLimits::job_released(const JobReleased& event) {
  if (!at_first_miss_) return;
  find_miss(event.release);
  due_.insert({event.deadline, event.job});
}

void RunLimits::job_completed(JobId job, Time at) {
  find_miss(at);
  std::erase_if(due_, [&](const auto& due) { return due.second == job; });
  count_served(job);
}

void RunLimits::count_served(JobId job) {
  if (!expected_ || job.task < expected_->first_task) return;
  if (++served_ == expected_->count) end_run(StopReason::served);
}

void RunLimits::job_failed(JobId job, Time /*at*/) {
  if (at_first_miss_) end_run(StopReason::first_miss, job);
  count_served(job);
}

void RunLimits::instruction_issued(const InstructionIssued& event) {
  find_miss(event.at);
  if (at_first_preemption_ && event.preempt) end_run(StopReason::first_preemption, event.job);
  ++regions_;
  if (most_regions_ && regions_ >= *most_regions_) end_run(StopReason::regions);
}

void RunLimits::region_ended(const RegionEnded& event) { find_miss(event.end); }

void RunLimits::find_miss(Time now) {
  if (!due_.empty() && due_.begin()->first < now) {
    end_run(StopReason::first_miss, due_.begin()->second);
  }
}

void RunLimits::end_run(StopReason reason, std::optional<JobId> culprit) {
  if (reason_ != StopReason::none) return;
  reason_ = reason;
  culprit_ = culprit;
  stop_();
}

}  // namespace vesper::observe
