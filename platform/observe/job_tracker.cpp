#include "platform/observe/job_tracker.h"

#include <algorithm>

namespace vesper::observe {

JobTracker::Jobs::iterator JobTracker::place_of(Jobs& jobs, uint32_t number) {
  if (jobs.empty() || jobs.back().id.job < number) return jobs.end();
  // Numbers that rise by one are found at once.
  size_t guess = number - jobs.front().id.job;
  if (number >= jobs.front().id.job && guess < jobs.size() && jobs[guess].id.job == number) {
    return jobs.begin() + static_cast<std::ptrdiff_t>(guess);
  }
  return std::ranges::lower_bound(jobs, number, {}, [](const TrackedJob& job) { return job.id.job; });
}

void JobTracker::job_released(const JobReleased& event) {
  if (event.job.task >= tasks_.size()) tasks_.resize(event.job.task + size_t{1});
  Jobs& jobs = tasks_[event.job.task];
  TrackedJob job;
  job.id = event.job;
  job.release = event.release;
  job.deadline = event.deadline;
  job.late = event.late;
  job.isolated = event.isolated;
  job.weight = event.weight;
  job.warm_up = event.warm_up;
  job.first_region_end.resize(fresh_.size());
  jobs.insert(place_of(jobs, event.job.job), std::move(job));
  for (auto& fresh : fresh_) fresh.push_back(event.job);
}

TrackedJob* JobTracker::instruction_issued(const InstructionIssued& event) {
  if (event.preempt) {
    if (TrackedJob* previous = find(event.previous)) ++previous->preemptions;
  }
  TrackedJob* job = find(event.job);
  if (job == nullptr || job->start) return nullptr;
  job->start = event.at;
  job->preempts = event.preempt;
  if (job->preempts) note_blocking(*job, event.accelerator);
  return job;
}

void JobTracker::note_blocking(TrackedJob& job, uint16_t accelerator) const {
  if (accelerator >= fresh_.size()) return;
  Time end = job.first_region_end[accelerator];
  job.blocking = end > job.release ? end - job.release : 0;
}

void JobTracker::region_ended(const RegionEnded& event) {
  if (event.accelerator >= fresh_.size()) return;
  auto& fresh = fresh_[event.accelerator];
  for (JobId id : fresh) {
    if (TrackedJob* job = find(id)) job->first_region_end[event.accelerator] = event.end;
  }
  fresh.clear();
}

TrackedJob* JobTracker::find(JobId id) {
  if (id.task >= tasks_.size()) return nullptr;
  Jobs& jobs = tasks_[id.task];
  auto found = place_of(jobs, id.job);
  bool known = found != jobs.end() && found->id == id && !found->completed;
  return known ? &*found : nullptr;
}

void JobTracker::complete(TrackedJob& job, Time at) {
  job.completed = true;
  Jobs& jobs = tasks_[job.id.task];
  const bool stream = streams_.contains(job.id.task);
  while (!jobs.empty() && jobs.front().completed) jobs.pop_front();
  if (stream && !jobs.empty()) jobs.front().release = std::max(jobs.front().release, at);
}

std::vector<const TrackedJob*> JobTracker::unfinished() const {
  std::vector<const TrackedJob*> jobs;
  for (const Jobs& task : tasks_) {
    for (const TrackedJob& job : task) {
      if (!job.completed) jobs.push_back(&job);
    }
  }
  return jobs;
}

void follow_streams(const RunInfo& run, JobTracker& jobs) {
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    if (run.tasks[i].single_stream) jobs.make_single_stream(static_cast<uint16_t>(i));
  }
}

}  // namespace vesper::observe
