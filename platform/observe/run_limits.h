/// Ends a run early: at its first missed deadline or first preemption, after so many regions, or when all
/// requests have been served.
///
/// A miss is found at the first event (release, instruction, end of a region or job) after the deadline, so
/// that where a run ends depends on simulated events alone. A job that failed counts as a miss.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "platform/observe/observer.h"

namespace vesper::observe {

enum class StopReason : uint8_t { none, first_miss, first_preemption, regions, served };

/// Jobs of the tasks from `first_task` on; completed or failed they have been served.
struct ExpectedJobs {
  uint16_t first_task = 0;
  uint64_t count = 0;
};

class RunLimits final : public Observer {
 public:
  /// `stop` is called once, from the event that reaches a limit.
  RunLimits(bool at_first_miss, std::optional<uint64_t> most_regions, std::function<void()> stop,
            std::optional<ExpectedJobs> expected = {}, bool at_first_preemption = false);

  /// Why the run was ended; none if it was not.
  [[nodiscard]] StopReason reason() const { return reason_; }
  /// The job that missed its deadline or preempted, where one ended the run.
  [[nodiscard]] std::optional<JobId> culprit() const { return culprit_; }
  /// Of the expected jobs.
  [[nodiscard]] uint64_t served() const { return served_; }

  /// None without a limit.
  [[nodiscard]] uint32_t topics() const override {
    if (!at_first_miss_ && !at_first_preemption_ && !most_regions_) return expected_ ? bit(Topic::job) : 0;
    return bit(Topic::job) | bit(Topic::instruction) | bit(Topic::region);
  }
  void job_released(const JobReleased& event) override;
  void job_completed(JobId job, Time at) override;
  void job_failed(JobId job, Time at) override;
  void instruction_issued(const InstructionIssued& event) override;
  void region_ended(const RegionEnded& event) override;

 private:
  void find_miss(Time now);
  void count_served(JobId job);
  void end_run(StopReason reason, std::optional<JobId> culprit = {});

  bool at_first_miss_;
  std::optional<uint64_t> most_regions_;
  std::function<void()> stop_;
  std::optional<ExpectedJobs> expected_;
  bool at_first_preemption_;
  std::optional<JobId> culprit_;
  uint64_t served_ = 0;
  StopReason reason_ = StopReason::none;
  uint64_t regions_ = 0;
  std::set<std::pair<Time, JobId>> due_;  ///< released, not completed; by deadline
};

}  // namespace vesper::observe
