#include "platform/observe/run_statistics.h"

#include <algorithm>

#include "platform/observe/format.h"

namespace vesper::observe {
namespace {

std::optional<double> ratio(double part, double whole) {
  if (whole <= 0) return std::nullopt;
  return part / whole;
}

}  // namespace

RunStatistics::RunStatistics(const RunInfo& run)
    : run_(run),
      jobs_(run.accelerators.size()),
      triggers_(run),
      tasks_(run.tasks.size()),
      accelerators_(run.accelerators.size()) {
  follow_streams(run, jobs_);
}

RunStatistics::Task& RunStatistics::task(JobId job) {
  if (job.task >= tasks_.size()) tasks_.resize(job.task + size_t{1});
  return tasks_[job.task];
}

void RunStatistics::job_released(const JobReleased& event) {
  if (event.warm_up) {
    warm_up_ = true;
  } else {
    ++task(event.job).released;
    if (!warm_until_) warm_until_ = event.release;
  }
  jobs_.job_released(event);
  triggers_.job_released(event);
}

void RunStatistics::first_compute(JobId id, Time at) {
  const TrackedJob* job = jobs_.find(id);
  if (job != nullptr && job->preempts && !job->warm_up) preemption_latency_.add(at - job->release);
}

void RunStatistics::job_completed(JobId id, Time at) {
  TrackedJob* job = jobs_.find(id);
  if (job == nullptr) return;
  if (!job->warm_up) count(*job, at);
  jobs_.complete(*job, at);
}

void RunStatistics::count(const TrackedJob& job, Time at) {
  Task& owner = task(job.id);
  Time response = at - job.release;
  owner.response.add(response);
  if (job.misses(at)) ++owner.completed_late;
  if (job.isolated == 0) return;
  ++owner.own;
  owner.isolated += static_cast<double>(job.isolated);
  const double slowdown = static_cast<double>(response) / static_cast<double>(job.isolated);
  owner.turnaround += slowdown;
  owner.worst_own = std::max(owner.worst_own, slowdown);
}

void RunStatistics::job_failed(JobId id, Time at) {
  TrackedJob* job = jobs_.find(id);
  if (job == nullptr) return;
  if (!job->warm_up) ++task(id).failed;
  jobs_.complete(*job, at);
}

void RunStatistics::instruction_issued(const InstructionIssued& event) {
  ++decisions_;
  if (event.preempt) ++preemptions_;
  if (auto trigger = triggers_.instruction_issued(event)) decision_latency_.add(event.at - trigger->at);
  const TrackedJob* started = jobs_.instruction_issued(event);
  if (started != nullptr && started->blocking && !started->warm_up) blocking_.add(*started->blocking);
  if (event.accelerator < accelerators_.size()) accelerators_[event.accelerator].busy_since = event.at;
}

void RunStatistics::region_ended(const RegionEnded& event) {
  jobs_.region_ended(event);
  triggers_.region_ended(event);
  if (event.accelerator >= accelerators_.size()) return;
  Accelerator& accelerator = accelerators_[event.accelerator];
  if (accelerator.busy_since) accelerator.busy += event.end - *accelerator.busy_since;
  accelerator.busy_since.reset();
}

std::optional<Slowdown> RunStatistics::slowdown_of(size_t index) {
  Task& task = tasks_[index];
  if (task.own > 0) return Slowdown{task.turnaround / static_cast<double>(task.own), task.worst_own};
  const Time isolated = index < run_.tasks.size() ? run_.tasks[index].isolated : 0;
  const std::optional<Distribution> response = task.response.distribution();
  if (isolated == 0 || !response) return std::nullopt;
  const auto alone = static_cast<double>(isolated);
  return Slowdown{task.response.sum() / static_cast<double>(task.response.count()) / alone,
                  static_cast<double>(response->max) / alone};
}

void RunStatistics::add_slowdowns(const std::vector<TaskSummary>& tasks, Metrics& metrics) {
  double sum = 0, worst = 0, count = 0;
  for (const TaskSummary& task : tasks) {
    if (task.released == 0) continue;
    if (!task.slowdown) return;
    sum += task.slowdown->mean;
    worst = std::max(worst, task.slowdown->max);
    ++count;
  }
  if (count == 0) return;
  metrics.task_antt = sum / count;
  metrics.worst_slowdown = worst;
}

Metrics RunStatistics::metrics(Time end) const {
  uint64_t completed = 0;
  uint64_t late = 0;
  uint64_t missed = 0;
  uint64_t normalised_jobs = 0;
  double turnaround = 0;
  double progress = 0;
  for (size_t i = 0; i < tasks_.size(); ++i) {
    if (is_stage(i)) continue;
    const Task& task = tasks_[i];
    uint64_t jobs = task.response.count();
    completed += jobs;
    late += task.completed_late;
    missed += task.missed();
    if (task.own > 0) {
      normalised_jobs += task.own;
      turnaround += task.turnaround;
      if (task.response.sum() > 0) progress += task.isolated / task.response.sum();
      continue;
    }
    Time isolated = i < run_.tasks.size() ? run_.tasks[i].isolated : 0;
    if (isolated == 0 || jobs == 0) continue;
    auto alone = static_cast<double>(isolated);
    normalised_jobs += jobs;
    turnaround += task.response.sum() / alone;
    if (task.response.sum() > 0) progress += alone / (task.response.sum() / static_cast<double>(jobs));
  }
  auto number = [](uint64_t n) { return static_cast<double>(n); };
  Metrics metrics;
  metrics.antt = ratio(turnaround, number(normalised_jobs));
  if (normalised_jobs > 0) metrics.stp = progress;
  metrics.violation_rate = ratio(number(late), number(completed));
  metrics.miss_rate = ratio(number(missed), number(completed + missed - late));
  Time from = warm_up_ ? std::min(end, warm_until_.value_or(end)) : 0;
  double simulated = number(end - from) / number(kPicosecondsPerSecond);
  metrics.throughput_per_s = ratio(number(completed), simulated);
  return metrics;
}

StageSummary RunStatistics::stage_summary(size_t index) {
  const RunStage& stage = *run_.tasks[index].stage;
  Task& visits = tasks_[index];
  return {run_.tasks[stage.task].name,
          stage.name,
          run_.accelerators[stage.accelerator],
          visits.released,
          visits.response.count(),
          visits.response.distribution()};
}

Summary RunStatistics::finish(Time end, bool complete, std::span<const AcceleratorTotals> totals) {
  for (const TrackedJob* job : jobs_.unfinished()) {
    if (job->deadline <= end && !job->warm_up) ++task(job->id).unfinished_due;
  }
  Summary summary;
  summary.design = run_.design;
  summary.scenario = run_.scenario;
  summary.seed = run_.seed;
  summary.simulated = end;
  summary.complete = complete;
  std::vector<std::string> names = requester_names(run_);
  for (size_t i = 0; i < tasks_.size(); ++i) {
    if (is_stage(i)) {
      summary.stages.push_back(stage_summary(i));
      continue;
    }
    Task& task = tasks_[i];
    summary.tasks.push_back({name_at(names, i, "task"), task.released, task.response.count(), task.missed(),
                             task.response.distribution(), task.failed, slowdown_of(i)});
  }
  summary.scheduler = {run_.placement,
                       run_.policy,
                       run_.preemption_points,
                       decisions_,
                       preemptions_,
                       decision_latency_.distribution(),
                       preemption_latency_.distribution(),
                       blocking_.distribution()};
  summary.metrics = metrics(end);
  add_slowdowns(summary.tasks, summary.metrics);
  auto fraction = [&](Time part) {
    return end == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(end);
  };
  for (size_t i = 0; i < accelerators_.size(); ++i) {
    Accelerator& a = accelerators_[i];
    Time busy = a.busy + (a.busy_since && *a.busy_since < end ? end - *a.busy_since : 0);
    static const AcceleratorTotals kNothing;
    const AcceleratorTotals& counted = i < totals.size() ? totals[i] : kNothing;
    AcceleratorSummary& own = summary.accelerators.emplace_back();
    own = {run_.accelerators[i], fraction(counted.busy.value_or(busy)), fraction(counted.compute_busy),
           counted.steps, counted.errors};
    if (counted.fetch_busy) own.fetch_utilisation = fraction(*counted.fetch_busy);
    if (counted.at_peak) own.mac_utilisation = fraction(*counted.at_peak);
  }
  return summary;
}

}  // namespace vesper::observe
