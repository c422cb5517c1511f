#include "platform/report/gantt.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "platform/report/account.h"
#include "platform/report/statistics.h"

namespace vesper::report {

using Json = nlohmann::ordered_json;

namespace {

constexpr size_t kBins = 2048;
constexpr size_t kWorst = 7;  // windows around the worst jobs

/// Of a time after `from`, empty as not-a-number.
float after(const std::optional<Time>& time, Time from) {
  if (!time) return std::numeric_limits<float>::quiet_NaN();
  return static_cast<float>(seconds(*time) - seconds(from));
}

bool within(const std::vector<Window>& windows, Time from, Time to) {
  return std::ranges::any_of(windows, [=](const Window& w) { return from <= w.to && to >= w.from; });
}

std::vector<Window> merged(std::vector<Window> windows) {
  std::ranges::sort(windows, {}, &Window::from);
  std::vector<Window> all;
  for (const Window& window : windows) {
    if (!all.empty() && window.from <= all.back().to) {
      all.back().to = std::max(all.back().to, window.to);
    } else {
      all.push_back(window);
    }
  }
  return all;
}

/// The jobs that a reader looks for first, the worst before the others: the latest, else those that took
/// longest beside their time alone.
std::vector<const Job*> worst_jobs(const RunData& run, size_t most) {
  auto badness = [&](const Job* job) {
    const auto late = static_cast<double>(lateness(*job, run.end()));
    const auto response = static_cast<double>(job->end(run.end()) - job->release);
    const bool known = job->isolated && *job->isolated > 0;
    return std::tuple(late, response / (known ? static_cast<double>(*job->isolated) : 1.0),
                      run.end() - std::min(job->release, run.end()));
  };
  std::vector<const Job*> jobs;
  for (const Job& job : run.jobs) jobs.push_back(&job);
  const size_t count = std::min(most, jobs.size());
  std::ranges::partial_sort(jobs, jobs.begin() + static_cast<std::ptrdiff_t>(count), std::ranges::greater{},
                            badness);
  jobs.resize(count);
  return jobs;
}

/// The ends of the worst jobs, some time apart from each other.
std::vector<Time> worst_times(const RunData& run) {
  constexpr size_t kCandidates = 4096;
  const Time apart = run.end() / (4 * kWorst);
  std::vector<Time> times;
  for (const Job* job : worst_jobs(run, kCandidates)) {
    const Time time = job->end(run.end());
    auto near = [&](Time other) { return std::max(time, other) - std::min(time, other) < apart; };
    if (std::ranges::none_of(times, near)) times.push_back(time);
    if (times.size() == kWorst) break;
  }
  return times;
}

/// The times of what is drawn, sorted, to cut windows by number.
std::vector<Time> starts_of(const RunData& run) {
  std::vector<Time> starts;
  for (const Job& job : run.jobs) starts.push_back(job.release);
  if (run.stretches) {
    for (const Stretch& stretch : *run.stretches) starts.push_back(stretch.start);
  }
  std::ranges::sort(starts);
  return starts;
}

/// The window from `from` with at most `count` starts.
Window counted(const std::vector<Time>& starts, Time from, Time to, size_t count) {
  const auto first = std::ranges::lower_bound(starts, from);
  if (static_cast<size_t>(starts.end() - first) <= count) return {from, to};
  return {from, std::min(to, *(first + static_cast<std::ptrdiff_t>(count)))};
}

/// The window around `middle` with about `count` starts.
Window around(const std::vector<Time>& starts, Time middle, Time end, size_t count) {
  const auto place = static_cast<size_t>(std::ranges::lower_bound(starts, middle) - starts.begin());
  const size_t first = place > count / 2 ? place - count / 2 : 0;
  const Time from = first == 0 ? 0 : starts[first];
  return counted(starts, from, end, count);
}

Json bins_json(const RunData& run, Columns& columns) {
  const Time width = std::max<Time>((run.end() + kBins - 1) / kBins, 1);
  std::vector<std::vector<double>> busy(run.tasks(), std::vector<double>(kBins));
  std::vector<std::vector<uint32_t>> missed(run.tasks(), std::vector<uint32_t>(kBins));
  auto bin_of = [&](Time time) { return std::min<size_t>(time / width, kBins - 1); };
  if (run.stretches) {
    for (const Stretch& s : *run.stretches) {
      for (size_t bin = bin_of(s.start); bin < kBins && bin * width < s.end; ++bin) {
        const Time from = std::max<Time>(s.start, bin * width);
        const Time to = std::min<Time>(s.end, (bin + 1) * width);
        if (to > from) busy[s.task][bin] += static_cast<double>(to - from);
      }
    }
  }
  for (const Job& job : run.jobs) {
    if (job.missed) ++missed[job.task][bin_of(job.end(run.end()))];
  }
  Json tasks = Json::array();
  for (size_t task = 0; task < run.tasks(); ++task) {
    std::vector<uint8_t> fractions;
    for (double time : busy[task])
      fractions.push_back(
          static_cast<uint8_t>(std::min(255.0, time * 255 / static_cast<double>(width) + 0.5)));
    tasks.push_back({{"busy", columns.add(fractions)}, {"missed", columns.add(missed[task])}});
  }
  return {{"width_s", seconds(width)}, {"tasks", tasks}};
}

Json jobs_json(const RunData& run, const std::vector<Window>& windows, size_t most, Columns& columns) {
  std::vector<double> release;
  std::vector<float> start, finish, deadline;
  std::vector<uint32_t> number;
  std::vector<uint16_t> task;
  std::vector<uint8_t> missed;
  bool complete = true;
  for (const Job& job : run.jobs) {
    if (!within(windows, job.release, job.end(run.end()))) continue;
    if (release.size() == most) {
      complete = false;
      break;
    }
    release.push_back(seconds(job.release));
    start.push_back(after(job.start, job.release));
    finish.push_back(after(job.finish, job.release));
    deadline.push_back(after(job.deadline, job.release));
    number.push_back(job.number);
    task.push_back(job.task);
    missed.push_back(job.missed ? 1 : 0);
  }
  return {
      {"complete", complete},          {"release", columns.add(release)},   {"start", columns.add(start)},
      {"finish", columns.add(finish)}, {"deadline", columns.add(deadline)}, {"number", columns.add(number)},
      {"task", columns.add(task)},     {"missed", columns.add(missed)}};
}

Json stretches_json(const RunData& run, const std::vector<Window>& windows, size_t most, Columns& columns) {
  std::vector<double> start;
  std::vector<float> length, scheduler, swap, compute;
  std::vector<uint32_t> job, regions;
  std::vector<uint16_t> task, accelerator;
  bool complete = true;
  for (const Stretch& s : *run.stretches) {
    if (!within(windows, s.start, s.end)) continue;
    if (start.size() == most) {
      complete = false;
      break;
    }
    start.push_back(seconds(s.start));
    length.push_back(static_cast<float>(seconds(s.end - s.start)));
    scheduler.push_back(static_cast<float>(seconds(s.scheduler)));
    swap.push_back(static_cast<float>(seconds(s.swap)));
    compute.push_back(static_cast<float>(seconds(s.compute)));
    job.push_back(s.job);
    regions.push_back(s.regions);
    task.push_back(s.task);
    accelerator.push_back(s.accelerator);
  }
  return {{"complete", complete},          {"start", columns.add(start)},
          {"length", columns.add(length)}, {"scheduler", columns.add(scheduler)},
          {"swap", columns.add(swap)},     {"compute", columns.add(compute)},
          {"job", columns.add(job)},       {"regions", columns.add(regions)},
          {"task", columns.add(task)},     {"accelerator", columns.add(accelerator)}};
}

}  // namespace

std::vector<Window> exact_windows(const RunData& run, const Budget& budget,
                                  const std::optional<Window>& wanted) {
  const std::vector<Time> starts = starts_of(run);
  const size_t most = std::min(budget.stretches, budget.jobs);
  if (wanted) return {counted(starts, wanted->from, std::min(wanted->to, run.end()), most)};
  const size_t stretches = run.stretches ? run.stretches->size() : 0;
  if (stretches <= budget.stretches && run.jobs.size() <= budget.jobs) return {{0, run.end()}};
  const size_t each = most / (kWorst + 1) / 2;  // jobs that reach into a window count as well
  std::vector<Window> windows{counted(starts, 0, run.end(), each)};
  for (Time time : worst_times(run)) windows.push_back(around(starts, time, run.end(), each));
  return merged(std::move(windows));
}

void RegionMarks::instruction(Time at, uint16_t accelerator) {
  if (!within(windows_, at, at)) return;
  if (times_.size() == most_) {
    complete_ = false;
    return;
  }
  times_.push_back(seconds(at));
  accelerators_.push_back(accelerator);
}

Json RegionMarks::json(Columns& columns) const {
  return {{"complete", complete_}, {"at", columns.add(times_)}, {"accelerator", columns.add(accelerators_)}};
}

Json gantt_json(const RunData& run, const std::vector<Window>& windows, const Budget& budget,
                Columns& columns) {
  Json shown = Json::array();
  for (const Window& window : windows) shown.push_back({seconds(window.from), seconds(window.to)});
  const bool whole = windows.size() == 1 && windows[0].from == 0 && windows[0].to >= run.end();
  Json json = {{"end_s", seconds(run.end())},
               {"whole", whole},
               {"windows", shown},
               {"total_jobs", run.jobs.size()},
               {"total_stretches", run.stretches ? Json(run.stretches->size()) : Json(nullptr)},
               {"bins", bins_json(run, columns)},
               {"jobs", jobs_json(run, windows, budget.jobs, columns)}};
  if (run.stretches) json["stretches"] = stretches_json(run, windows, budget.stretches, columns);
  return json;
}

}  // namespace vesper::report
