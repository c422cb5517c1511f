#include "models/scheduler/job_release.h"

#include <algorithm>

namespace vesper::scheduler {

JobRelease::JobRelease(sc_core::sc_module_name name, const Properties& properties,
                       const core::Environment& environment)
    : ReleaseFifos(name, properties.clock, {properties.fifo_depth, properties.interrupt_cycles},
                   environment) {
  for (const core::TaskInfo& info : environment.tasks) {
    tasks_.push_back({info.next_release, std::nullopt});
    draw(tasks_.back());
  }
  SC_HAS_PROCESS(JobRelease);
  SC_METHOD(step);
  sensitive << wake_;
}

void JobRelease::draw(Task& task) {
  task.upcoming = task.arrivals ? task.arrivals() : std::nullopt;
  if (task.upcoming) task.due = clock_.edge_at_or_after(task.upcoming->release);
}

void JobRelease::step() {
  const uint64_t now = core::now_ps();
  while (std::optional<uint16_t> first = first_due(now)) admit(*first);
  plan(now);
  entered();
}

std::optional<uint16_t> JobRelease::first_due(uint64_t now) const {
  std::optional<uint16_t> first;
  auto key = [&](uint16_t i) { return std::pair(tasks_[i].due, tasks_[i].upcoming->order); };
  for (uint16_t i = 0; i < tasks_.size(); ++i) {
    if (!tasks_[i].upcoming || tasks_[i].due > now) continue;
    if (!first || key(i) < key(*first)) first = i;
  }
  return first;
}

void JobRelease::admit(uint16_t index) {
  Task& task = tasks_[index];
  enter(index, task.released++, *task.upcoming);
  draw(task);
}

void JobRelease::plan(uint64_t now) {
  std::optional<uint64_t> next;
  for (const Task& task : tasks_) {
    if (task.upcoming) next = std::min(task.due, next.value_or(task.due));
  }
  wake_.cancel();
  if (next) wake_.notify(core::to_time(*next - now));
}

VESPER_IP(JobRelease, "job_release",
          "posts jobs at their release times: a FIFO per task, a status line, an interrupt");

}  // namespace vesper::scheduler
