#include "platform/observe/state_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/observe/format.h"

namespace vesper::observe {
namespace {

std::string microseconds(Time time) { return fmt::format("{}.{:06} us", time / 1'000'000, time % 1'000'000); }

}  // namespace

StateWatch::StateWatch(const RunInfo& run, std::function<Time()> now)
    : now_(std::move(now)), names_(requester_names(run)) {
  for (const std::string& name : run.accelerators) accelerators_.push_back({name, {}, {}});
}

std::string StateWatch::name_of(JobId job) const {
  return fmt::format("{} {}", name_at(names_, job.task, "task"), job.job);
}

void StateWatch::job_released(const JobReleased& event) { jobs_[event.job] = {event}; }

void StateWatch::job_completed(JobId job, Time /*at*/) { jobs_.erase(job); }

void StateWatch::instruction_issued(const InstructionIssued& event) {
  if (auto job = jobs_.find(event.job); job != jobs_.end()) ++job->second.instructions;
  if (auto job = jobs_.find(event.previous); event.preempt && job != jobs_.end()) ++job->second.preempted;
  if (event.accelerator < accelerators_.size()) accelerators_[event.accelerator].running = event;
}

void StateWatch::region_ended(const RegionEnded& event) {
  if (event.accelerator >= accelerators_.size()) return;
  accelerators_[event.accelerator].running.reset();
  accelerators_[event.accelerator].last = event;
}

bool StateWatch::signal_declared(uint32_t id, const SignalInfo& info) {
  signals_[id] = {info, {}};
  return true;
}

void StateWatch::signal_changed(uint32_t id, uint64_t value, Time at) {
  const std::vector<std::string>& names = signals_[id].info.value_names;
  changed(id, value < names.size() ? names[value] : std::to_string(value), at);
}

void StateWatch::signal_changed(uint32_t id, std::string_view text, Time at) {
  changed(id, fmt::format("\"{}\"", text), at);
}

void StateWatch::changed(uint32_t id, std::string value, Time at) {
  std::deque<Change>& changes = signals_[id].changes;
  const auto place = std::ranges::upper_bound(changes, at, {}, &Change::at);
  changes.insert(place, {at, std::move(value)});
  const Time now = now_();
  while (changes.size() > 1 && changes[1].at <= now) changes.pop_front();
}

std::string StateWatch::line_of(const Job& job) const {
  const JobReleased& release = job.release;
  const Time now = now_();
  std::string text = fmt::format("  {}: released {}", name_of(release.job), microseconds(release.release));
  if (release.deadline != kNoDeadline) {
    text +=
        fmt::format(", due {}{}", microseconds(release.deadline), release.deadline < now ? " (missed)" : "");
  }
  text += job.instructions == 0 ? ", not started" : fmt::format(", {} regions begun", job.instructions);
  if (job.preempted > 0) text += fmt::format(", preempted {} times", job.preempted);
  const bool runs = std::ranges::any_of(accelerators_, [&](const Accelerator& accelerator) {
    return accelerator.running && accelerator.running->job == release.job;
  });
  return text + (runs ? ", running\n" : ", waiting\n");
}

std::string StateWatch::line_of(const Accelerator& accelerator) const {
  if (accelerator.running) {
    const InstructionIssued& now = *accelerator.running;
    return fmt::format("  {}: {} region {}{} since {}\n", accelerator.name, name_of(now.job), now.region,
                       now.preempt  ? fmt::format(", which preempted {}", name_of(now.previous))
                       : now.resume ? ", resumed"
                                    : "",
                       microseconds(now.at));
  }
  if (!accelerator.last) return fmt::format("  {}: has done nothing yet\n", accelerator.name);
  return fmt::format("  {}: idle since {}, after {} region {}\n", accelerator.name,
                     microseconds(accelerator.last->end), name_of(accelerator.last->job),
                     accelerator.last->region);
}

std::string StateWatch::jobs() const {
  std::string text = jobs_.empty() ? "no job is unfinished\n" : "unfinished jobs\n";
  for (const auto& [id, job] : jobs_) text += line_of(job);
  text += "accelerators\n";
  for (const Accelerator& accelerator : accelerators_) text += line_of(accelerator);
  return text;
}

std::string StateWatch::signals() const {
  std::map<std::string_view, const std::string*> values;
  for (const auto& [id, state] : signals_) {
    const auto& changes = state.changes;
    const auto next = std::ranges::upper_bound(changes, now_(), {}, &Change::at);
    if (next != changes.begin()) values[state.info.path] = &std::prev(next)->value;
  }
  std::string text;
  for (const auto& [path, value] : values) text += fmt::format("  {} = {}\n", path, *value);
  return text;
}

}  // namespace vesper::observe
