#include "platform/observe/job_tracks.h"

#include <algorithm>

namespace vesper::observe {
namespace {

/// Threads of a task come together: more than jobs of it are ever under way.
constexpr uint32_t kLanesOfATask = 1 << 16;

double microseconds(Time time) { return static_cast<double>(time) * 1e-6; }

}  // namespace

JobTracks::JobTracks(TraceEvents& events, const RunInfo& run)
    : events_(events), names_(requester_names(run)), tasks_(run.tasks.size()) {
  const uint32_t jobs = events.add_process("jobs");
  const bool has_stages =
      std::ranges::any_of(run.tasks, [](const RunTask& task) { return task.stage.has_value(); });
  const uint32_t stages = has_stages ? events.add_process("stages") : jobs;
  for (size_t i = 0; i < tasks_.size(); ++i) {
    tasks_[i].process = run.tasks[i].stage ? stages : jobs;
    tasks_[i].single_stream = run.tasks[i].single_stream;
  }
}

std::string JobTracks::name_of(JobId job) const {
  return json_string(fmt::format("{} {}", name_at(names_, job.task, "task"), job.job));
}

void JobTracks::released(const JobReleased& event) {
  if (event.job.task >= tasks_.size()) return;
  Task& task = tasks_[event.job.task];
  if (task.single_stream && task.busy) {
    task.next.push_back(event);
  } else {
    open(event, event.release);
  }
}

void JobTracks::open(const JobReleased& event, Time since) {
  tasks_[event.job.task].busy = true;
  jobs_[event.job] = {event, since, free_lane(event.job.task), {}, {}, {}};
}

size_t JobTracks::free_lane(uint16_t number) {
  Task& task = tasks_[number];
  const auto lane = static_cast<size_t>(std::ranges::find(task.taken, false) - task.taken.begin());
  if (lane == task.taken.size()) {
    std::string name = name_at(names_, number, "task");
    if (lane > 0) name += fmt::format(" ({})", lane + 1);
    const auto rank = number * kLanesOfATask + static_cast<uint32_t>(lane) + 1;
    task.lanes.push_back(events_.add_thread(task.process, name, rank));
    task.taken.push_back(false);
  }
  task.taken[lane] = true;
  return lane;
}

void JobTracks::ran(const InstructionIssued& instruction, Time end) {
  auto job = jobs_.find(instruction.job);
  if (job == jobs_.end()) return;
  std::optional<JobId> preempts;
  if (instruction.preempt) preempts = instruction.previous;
  job->second.regions.push_back({instruction.region, preempts, instruction.at, end});
}

void JobTracks::passed(JobId id, TraceEvents::Track track, Time start, Time end, bool landmark) {
  auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  Job& job = found->second;
  const Point point{track, std::max(start, job.since)};
  if (end <= point.at) return;
  if (landmark) {
    job.points.push_back(point);
    job.last.reset();
  } else {
    job.last = point;
  }
}

void JobTracks::over(JobId id, Time at, const char* outcome) {
  auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  write(found->second, at, outcome);
  Task& task = tasks_[id.task];
  task.taken[found->second.lane] = false;
  task.busy = false;
  jobs_.erase(found);
  if (task.next.empty()) return;
  open(task.next.front(), at);
  task.next.pop_front();
}

void JobTracks::write(const Job& job, Time end, const char* outcome) {
  const TraceEvents::Track track = tasks_[job.release.job.task].lanes[job.lane];
  std::string args = fmt::format("\"outcome\":\"{}\"", outcome);
  if (job.release.deadline != kNoDeadline) {
    args += fmt::format(",\"deadline_us\":{:.6f},\"late\":{}", microseconds(job.release.deadline),
                        end > job.release.deadline);
  }
  events_.slice(track, name_of(job.release.job), job.since, end, args);
  for (const Region& region : job.regions) {
    std::string what;
    if (region.preempts) {
      what = fmt::format("\"job\":{},\"preempts\":{}", name_of(job.release.job), name_of(*region.preempts));
    }
    events_.slice(track, fmt::format("\"region {}{}\"", region.region, region.preempts ? " (preempts)" : ""),
                  region.start, std::min(region.end, end), what);
  }
  write_arrow(job, track, end);
}

void JobTracks::write_arrow(const Job& job, TraceEvents::Track track, Time end) {
  std::vector<Point> points = job.points;
  if (job.last) points.push_back(*job.last);
  if (points.empty() || end <= job.since) return;
  std::ranges::stable_sort(points, {}, &Point::at);
  const std::string id = fmt::format("{}.{}", job.release.job.task, job.release.job.job);
  using Flow = TraceEvents::Flow;
  events_.flow(Flow::start, track, id, job.since);
  for (const Point& point : points) {
    events_.flow(&point == &points.back() ? Flow::finish : Flow::step, point.track, id, point.at);
  }
}

void JobTracks::finish(Time end) {
  for (const auto& [id, job] : jobs_) write(job, end, "unfinished");
  jobs_.clear();
}

}  // namespace vesper::observe
