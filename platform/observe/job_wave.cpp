#include "platform/observe/job_wave.h"

#include <algorithm>

namespace vesper::observe {

JobWave::JobWave(ObserverHub& hub, const RunInfo& run) : tasks_(run.tasks.size()) {
  constexpr uint16_t kCounterWidth = 32;
  for (size_t i = 0; i < tasks_.size(); ++i) {
    auto declare = [&](const char* counter) {
      return Signal(hub,
                    {"tasks." + run.tasks[i].name + "." + counter, "scheduler", kCounterWidth, false, true});
    };
    tasks_[i].unfinished = declare("unfinished");
    tasks_[i].missed = declare("missed");
    tasks_[i].unfinished.set(uint64_t{0}, 0);
    tasks_[i].missed.set(uint64_t{0}, 0);
  }
}

void JobWave::job_released(const JobReleased& event) {
  pass(event.release, event.release);
  if (event.job.task >= tasks_.size()) return;
  Task& task = tasks_[event.job.task];
  task.jobs.push_back(event.job.job);
  task.unfinished.set(task.jobs.size(), now_);
  due_.emplace(event.deadline, event.job);
}

void JobWave::job_completed(JobId id, Time at) { remove(id, at); }

void JobWave::job_failed(JobId id, Time at) {
  if (remove(id, at)) tasks_[id.task].failed.push_back(id.job);
}

bool JobWave::remove(JobId id, Time at) {
  pass(at, at);
  if (id.task >= tasks_.size()) return false;
  Task& task = tasks_[id.task];
  if (std::erase(task.jobs, id.job) == 0) return false;
  task.unfinished.set(task.jobs.size(), now_);
  return true;
}

void JobWave::pass(Time time, Time now) {
  now_ = std::max(now_, now);
  while (!due_.empty() && due_.top().first < time) {
    JobId job = due_.top().second;
    due_.pop();
    Task& task = tasks_[job.task];
    bool unfinished = std::ranges::find(task.jobs, job.job) != task.jobs.end();
    bool failed = std::erase(task.failed, job.job) != 0;
    if (unfinished || failed) task.missed.set(++task.misses, now_);
  }
}

}  // namespace vesper::observe
