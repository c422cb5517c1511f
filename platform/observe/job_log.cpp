#include "platform/observe/job_log.h"

namespace vesper::observe {

JobLog::JobLog(const std::filesystem::path& path, const RunInfo& run)
    : tasks_(requester_names(run), "task"),
      known_(run.tasks),
      table_(path,
             "task,job,release_s,start_s,finish_s,deadline_s,response_s,missed,preemptions,late,failed,"
             "isolated_s,weight,warm_up") {
  follow_streams(run, jobs_);
}

void JobLog::job_released(const JobReleased& event) {
  if (job_of_user(known_, event.job) == event.job) jobs_.job_released(event);
}

void JobLog::instruction_issued(const InstructionIssued& event) {
  InstructionIssued of_user = event;
  of_user.job = job_of_user(known_, event.job);
  of_user.previous = job_of_user(known_, event.previous);
  of_user.preempt = event.preempt && of_user.previous != of_user.job;
  jobs_.instruction_issued(of_user);
}

void JobLog::job_completed(JobId id, Time at) {
  TrackedJob* job = jobs_.find(id);
  if (job == nullptr) return;
  write(*job, at, job->misses(at));
  jobs_.complete(*job, at);
}

void JobLog::job_failed(JobId id, Time at) {
  TrackedJob* job = jobs_.find(id);
  if (job == nullptr) return;
  write(*job, std::nullopt, true, true);
  jobs_.complete(*job, at);
}

void JobLog::finish(Time end) {
  for (const TrackedJob* job : jobs_.unfinished()) write(*job, std::nullopt, job->deadline <= end);
  table_.close();
}

void JobLog::write(std::optional<Time> time) {
  if (time) {
    table_.seconds(*time);
  } else {
    table_.empty();
  }
}

std::optional<Time> JobLog::isolated(const TrackedJob& job) const {
  if (job.isolated != 0) return job.isolated;
  bool known = job.id.task < known_.size() && known_[job.id.task].isolated != 0;
  return known ? std::optional(known_[job.id.task].isolated) : std::nullopt;
}

void JobLog::write(const TrackedJob& job, std::optional<Time> finish, bool missed, bool failed) {
  table_.text(tasks_[job.id.task]).number(job.id.job).seconds(job.release);
  write(job.start);
  write(finish);
  write(job.deadline == kNoDeadline ? std::nullopt : std::optional(job.deadline));
  write(finish ? std::optional(*finish - job.release) : std::nullopt);
  table_.flag(missed).number(job.preemptions).flag(job.late).flag(failed);
  write(isolated(job));
  table_.number(job.weight).flag(job.warm_up).end_row();
}

}  // namespace vesper::observe
