#include "models/accelerator/job_memory.h"

#include <algorithm>

namespace vesper::accelerator {

JobMemory::JobMemory(const core::Environment& environment)
    : tasks_(environment.requesters.size()), spare_(environment.spare_memory) {
  for (size_t i = 0; i < environment.tasks.size() && i < tasks_.size(); ++i)
    tasks_[i].own = environment.tasks[i].tensors;
}

void JobMemory::begin(observe::JobId job) {
  Task& task = tasks_[job.task];
  if (std::ranges::find(task.live, job.job, &Live::job) != task.live.end()) return;
  if (task.own.bytes == 0) return;
  if (task.free.empty()) task.free.push_back(spare_->take(task.own.bytes) - task.own.first);
  auto nearest = std::ranges::min_element(task.free);
  task.live.push_back({job.job, *nearest});
  task.free.erase(nearest);
}

void JobMemory::end(observe::JobId job) {
  Task& task = tasks_[job.task];
  auto live = std::ranges::find(task.live, job.job, &Live::job);
  if (live == task.live.end()) return;
  task.free.push_back(live->offset);
  task.live.erase(live);
}

uint64_t JobMemory::offset(observe::JobId job) const {
  const Task& task = tasks_[job.task];
  auto live = std::ranges::find(task.live, job.job, &Live::job);
  return live == task.live.end() ? 0 : live->offset;
}

}  // namespace vesper::accelerator
