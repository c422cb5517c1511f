/// Gathers the figures of a run: jobs, decisions, preemptions, their latencies, and the metrics over them.
///
/// What each figure means stands beside it in summary.h, what triggers a decision in decision_tracker.h.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "platform/observe/decision_tracker.h"
#include "platform/observe/job_tracker.h"
#include "platform/observe/run_info.h"
#include "platform/observe/samples.h"
#include "platform/observe/summary.h"

namespace vesper::observe {

class RunStatistics final : public Observer {
 public:
  explicit RunStatistics(const RunInfo& run);

  /// The figures at the end of the run; `accelerators` by index, missing ones count nothing. Call once.
  [[nodiscard]] Summary finish(Time end, bool complete, std::span<const AcceleratorTotals> accelerators);

  [[nodiscard]] uint64_t decisions() const { return decisions_; }

  [[nodiscard]] uint32_t topics() const override {
    return bit(Topic::job) | bit(Topic::instruction) | bit(Topic::region);
  }
  void job_released(const JobReleased& event) override;
  void first_compute(JobId job, Time at) override;
  void job_completed(JobId job, Time at) override;
  void job_failed(JobId job, Time at) override;
  void instruction_issued(const InstructionIssued& event) override;
  void region_ended(const RegionEnded& event) override;

 private:
  struct Task {
    uint64_t released = 0;
    uint64_t completed_late = 0;
    uint64_t unfinished_due = 0;  ///< not complete at a deadline within the run
    uint64_t failed = 0;
    [[nodiscard]] uint64_t missed() const { return completed_late + unfinished_due + failed; }
    Samples response;
    double turnaround = 0;  ///< sum of response / isolated over jobs that bring their own isolated time
    double isolated = 0;    ///< sum of these times
    uint64_t own = 0;       ///< how many jobs do: all of a task, or none
    double worst_own = 0;   ///< largest response / isolated over them
  };
  struct Accelerator {
    std::optional<Time> busy_since;
    Time busy = 0;
  };

  Task& task(JobId job);
  void count(const TrackedJob& job, Time at);
  [[nodiscard]] std::optional<Slowdown> slowdown_of(size_t task);
  /// Over the tasks' slowdowns.
  static void add_slowdowns(const std::vector<TaskSummary>& tasks, Metrics& metrics);
  [[nodiscard]] bool is_stage(size_t task) const {
    return task < run_.tasks.size() && run_.tasks[task].stage.has_value();
  }
  [[nodiscard]] StageSummary stage_summary(size_t task);
  /// Over the tasks of the user; visits of stages count in none.
  [[nodiscard]] Metrics metrics(Time end) const;

  const RunInfo& run_;
  JobTracker jobs_;
  DecisionTracker triggers_;
  std::vector<Task> tasks_;
  std::vector<Accelerator> accelerators_;
  std::optional<Time> warm_until_;  ///< release of the first job behind the warm-up
  bool warm_up_ = false;            ///< there was one
  uint64_t decisions_ = 0;
  uint64_t preemptions_ = 0;
  Samples decision_latency_;
  Samples preemption_latency_;
  Samples blocking_;
};

}  // namespace vesper::observe
