/// Follows jobs from release to completion, for observers that tell of whole jobs.
///
/// Expects   jobs of a task are released with rising numbers; an instruction for a job comes after its
/// release.
///           Events of jobs never released are ignored.
/// Blocking  the time from a job's release to the end of the region that ran on the accelerator then; known
///           at its first instruction.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "platform/observe/observer.h"
#include "platform/observe/run_info.h"

namespace vesper::observe {

struct TrackedJob {
  JobId id;
  Time release = 0;
  Time deadline = 0;
  bool late = false;
  Time isolated = 0;  ///< 0: its task's
  uint32_t weight = 1;
  bool warm_up = false;
  bool completed = false;
  bool preempts = false;      ///< its first instruction preempted another job
  uint32_t preemptions = 0;   ///< times it was preempted
  std::optional<Time> start;  ///< its first instruction
  std::optional<Time> blocking;
  std::vector<Time> first_region_end;  ///< by accelerator: of the region that ran at the release; 0: not yet

  /// Completed later than its deadline.
  [[nodiscard]] bool misses(Time completion) const { return completion > deadline; }
};

class JobTracker {
 public:
  explicit JobTracker(size_t accelerators) : fresh_(accelerators) {}

  /// Jobs of this task count as released when the one before ends, if that is later than their release.
  void make_single_stream(uint16_t task) { streams_.insert(task); }

  void job_released(const JobReleased& event);
  /// The job the instruction starts for the first time, or null.
  TrackedJob* instruction_issued(const InstructionIssued& event);
  void region_ended(const RegionEnded& event);

  /// The job if it was released and is not completed, or null.
  TrackedJob* find(JobId id);
  /// The job is complete, or failed: find() does not know it any more. Pointers to jobs are valid until then.
  void complete(TrackedJob& job, Time at);
  /// All jobs that are not completed, by task and number.
  [[nodiscard]] std::vector<const TrackedJob*> unfinished() const;

 private:
  using Jobs = std::deque<TrackedJob>;

  static Jobs::iterator place_of(Jobs& jobs, uint32_t number);
  void note_blocking(TrackedJob& job, uint16_t accelerator) const;

  std::vector<Jobs> tasks_;  ///< jobs by rising number; completed ones leave from the front
  std::set<uint16_t> streams_;
  std::vector<std::vector<JobId>> fresh_;  ///< by accelerator: released since its last region ended
};

/// Tells the tracker which of the run's tasks are single streams.
void follow_streams(const RunInfo& run, JobTracker& jobs);

}  // namespace vesper::observe
