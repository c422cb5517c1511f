/// `jobs.csv`: a row a job, as jobs complete; then the unfinished ones by task and number, without finish.
///
/// `start_s` is the job's first instruction, `preemptions` how often it was preempted, `late` whether it
/// stood at the door of a full FIFO, `missed` whether it completed after its deadline or was unfinished at a
/// deadline within the run. `deadline_s` is empty for a job without one. `failed`: it was abandoned after an
/// error of the memory; such a job has missed and has no finish. `isolated_s` is the job's time alone, its
/// own where it brings one, else its task's, empty where that is not known; `weight` its importance for
/// policies that weigh. A job of the `warm_up` counts in no figure of the summary. Visits of stages have no
/// rows: the first of a job's visits starts it, and preemptions of its visits for another job are its own.
#pragma once

#include "platform/observe/file_writer.h"
#include "platform/observe/job_tracker.h"
#include "platform/observe/run_info.h"

namespace vesper::observe {

class JobLog final : public Observer {
 public:
  JobLog(const std::filesystem::path& path, const RunInfo& run);

  /// Writes the unfinished jobs and closes the file.
  void finish(Time end);

  [[nodiscard]] uint32_t topics() const override { return bit(Topic::job) | bit(Topic::instruction); }
  void job_released(const JobReleased& event) override;
  void instruction_issued(const InstructionIssued& event) override;
  void job_completed(JobId job, Time at) override;
  void job_failed(JobId job, Time at) override;

 private:
  void write(const TrackedJob& job, std::optional<Time> finish, bool missed, bool failed = false);
  void write(std::optional<Time> time);
  [[nodiscard]] std::optional<Time> isolated(const TrackedJob& job) const;

  CsvNames tasks_;
  std::vector<RunTask> known_;
  JobTracker jobs_{0};
  CsvWriter table_;
};

}  // namespace vesper::observe
