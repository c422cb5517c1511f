#include "platform/report/sections.h"

#include <algorithm>
#include <numeric>

#include "platform/report/statistics.h"

namespace vesper::report {

using Json = ordered_json;

// ---- response times

Json responses_json(const RunData& run, Columns& columns) {
  struct Task {
    std::vector<Time> responses;
    std::optional<Time> isolated, shortest, longest;
  };
  std::vector<Task> tasks(run.tasks());
  for (const Job& job : run.jobs) {
    if (job.warm_up) continue;
    Task& task = tasks[job.task];
    if (job.finish) task.responses.push_back(*job.finish - job.release);
    if (job.isolated) task.isolated = std::max(task.isolated.value_or(0), *job.isolated);
    if (!job.deadline || *job.deadline < job.release) continue;
    const Time relative = *job.deadline - job.release;
    task.shortest = std::min(task.shortest.value_or(relative), relative);
    task.longest = std::max(task.longest.value_or(relative), relative);
  }
  Json all = Json::array();
  for (Task& task : tasks) {
    Json distribution = distribution_json(task.responses);
    all.push_back({{"distribution", std::move(distribution)},
                   {"curve", curve_json(task.responses, columns)},
                   {"isolated_s", seconds_or_null(task.isolated)},
                   {"deadline_s", {seconds_or_null(task.shortest), seconds_or_null(task.longest)}}});
  }
  return all;
}

// ---- decisions

namespace {

constexpr std::string_view kParts[] = {"trigger_to_interrupt", "interrupt_to_vector", "vector_to_policy",
                                       "policy", "policy_to_instruction"};

struct Decisions {
  std::vector<Time> total;
  std::array<std::vector<Time>, std::size(kParts)> parts;
};

Json decisions_of(Decisions& decisions, Columns& columns) {
  Json parts = Json::array();
  for (size_t i = 0; i < std::size(kParts); ++i) {
    if (decisions.parts[i].empty()) continue;
    parts.push_back({{"name", kParts[i]}, {"distribution", distribution_json(decisions.parts[i])}});
  }
  Json total = distribution_json(decisions.total);
  return {{"total", std::move(total)}, {"parts", parts}, {"curve", curve_json(decisions.total, columns)}};
}

}  // namespace

Json decisions_json(RunData& run, RegionMarks& marks, Columns& columns) {
  if (!run.has("decisions.csv")) return nullptr;
  CsvReader table(run.folder / "decisions.csv");
  const size_t accelerator = table.column("accelerator"), cause = table.column("cause"),
               instruction = table.column("instruction_s"), total = table.column("total_s");
  std::array<size_t, std::size(kParts)> parts{};
  for (size_t i = 0; i < parts.size(); ++i) parts[i] = table.column(std::string(kParts[i]) + "_s");
  std::map<std::string, Decisions, std::less<>> causes;
  uint64_t ahead = 0;
  while (table.next()) {
    marks.instruction(table.time(instruction), run.accelerators.number(table.text(accelerator)));
    if (table.empty(cause)) {
      ++ahead;
      continue;
    }
    auto found = causes.find(table.text(cause));
    if (found == causes.end()) found = causes.try_emplace(std::string(table.text(cause))).first;
    Decisions& decisions = found->second;
    decisions.total.push_back(table.time(total));
    for (size_t i = 0; i < parts.size(); ++i) {
      if (!table.empty(parts[i])) decisions.parts[i].push_back(table.time(parts[i]));
    }
  }
  Json all = Json::array();
  for (auto& [name, decisions] : causes) {
    Json one = decisions_of(decisions, columns);
    one["cause"] = name;
    all.push_back(std::move(one));
  }
  return {{"ahead", ahead}, {"causes", all}};
}

// ---- memory

namespace {

constexpr size_t kMostBins = 1200;

struct Moved {
  Time window;
  uint16_t port, requester;
  uint64_t read, written;
};

/// The windows' width is nowhere written: the largest that all of them are multiples of.
Time width_of(const std::vector<Moved>& rows, Time end) {
  Time width = 0;
  for (const Moved& row : rows) width = std::gcd(width, row.window);
  return width == 0 ? std::max<Time>(end, 1) : width;
}

}  // namespace

Json bandwidth_json(RunData& run, Columns& columns) {
  if (!run.has("bandwidth.csv")) return nullptr;
  CsvReader table(run.folder / "bandwidth.csv");
  const size_t window = table.column("window_s"), port = table.column("port"), task = table.column("task"),
               read = table.column("read_bytes"), written = table.column("write_bytes");
  Names ports;
  std::vector<Moved> rows;
  while (table.next()) {
    rows.push_back({table.time(window), ports.number(table.text(port)),
                    run.requesters.number(table.text(task)), table.number(read), table.number(written)});
  }
  const Time last = rows.empty() ? 0 : rows.back().window;
  const Time width = width_of(rows, run.end());
  const Time merged = std::max<Time>((std::max(last + 1, run.end()) / width + kMostBins) / kMostBins, 1);
  const Time bin = width * merged;
  const size_t bins = (std::max(last + 1, run.end()) - 1) / bin + 1;
  struct Series {
    std::vector<float> read, written;
    uint64_t bytes_read = 0, bytes_written = 0;
  };
  std::map<std::pair<uint16_t, uint16_t>, Series> series;
  for (const Moved& row : rows) {
    Series& s = series[{row.port, row.requester}];
    s.read.resize(bins);
    s.written.resize(bins);
    const auto rate = [&](uint64_t bytes) {
      return static_cast<float>(static_cast<double>(bytes) / seconds(bin));
    };
    s.read[row.window / bin] += rate(row.read);
    s.written[row.window / bin] += rate(row.written);
    s.bytes_read += row.read;
    s.bytes_written += row.written;
  }
  Json all = Json::array();
  for (const auto& [key, s] : series) {
    all.push_back({{"port", key.first},
                   {"requester", key.second},
                   {"read_bytes", s.bytes_read},
                   {"write_bytes", s.bytes_written},
                   {"read", columns.add(s.read)},
                   {"write", columns.add(s.written)}});
  }
  return {{"window_s", seconds(width)},
          {"bin_s", seconds(bin)},
          {"bins", bins},
          {"ports", ports.all()},
          {"series", all}};
}

Json interference_json(const RunData& run) {
  if (run.interference.empty()) return nullptr;
  Json all = Json::array();
  for (const Waiting& w : run.interference) all.push_back({w.where, w.task, w.waited_for, seconds(w.time)});
  return all;
}

Json memory_time_json(const RunData& run) {
  if (run.memory_time.empty()) return nullptr;
  Json all = Json::array();
  for (const auto& [requester, sums] : run.memory_time) {
    Json parts = Json::object();
    for (size_t i = 0; i < sums.parts.size(); ++i)
      parts[std::string(name_of(static_cast<observe::LatencyPart>(i)))] = seconds(sums.parts[i]);
    all.push_back({{"requester", requester},
                   {"payloads", sums.payloads},
                   {"bytes", sums.bytes},
                   {"latency_s", seconds(sums.latency)},
                   {"parts", parts}});
  }
  return all;
}

// ---- jobs, and where their time went

namespace {

/// Sums over jobs of one task, for their mean.
struct Sums {
  uint64_t jobs = 0;
  std::vector<double> waited;
  double idle = 0, scheduler = 0, swap = 0, compute = 0, stall = 0, memory = 0;

  void add(const Job& job, const Account& account) {
    ++jobs;
    waited.resize(account.waited.size());
    for (size_t i = 0; i < waited.size(); ++i) waited[i] += seconds(account.waited[i]);
    idle += seconds(account.idle);
    scheduler += seconds(account.scheduler);
    swap += seconds(account.swap);
    compute += seconds(account.compute);
    stall += seconds(account.stall);
    memory += seconds(memory_time(job, account));
  }
  [[nodiscard]] Json mean() const {
    if (jobs == 0) return nullptr;
    const auto n = static_cast<double>(jobs);
    Json each = Json::array();
    for (double time : waited) each.push_back(time / n);
    return {{"jobs", jobs},     {"waited", each},         {"idle", idle / n},   {"scheduler", scheduler / n},
            {"swap", swap / n}, {"compute", compute / n}, {"stall", stall / n}, {"memory", memory / n}};
  }
};

/// Counts of misses by cause, and of those waited for by task.
struct Reasons {
  std::map<std::pair<Cause, uint16_t>, uint64_t> counts;
  [[nodiscard]] Json json() const {
    Json all = Json::array();
    for (const auto& [key, count] : counts) all.push_back({name_of(key.first), key.second, count});
    return all;
  }
};

struct ByTask {
  Sums completed, missed;
  Reasons reasons;
  uint64_t misses = 0;
};

Json account_json(const Account& a) {
  Json waited = Json::array();
  for (Time time : a.waited) waited.push_back(seconds(time));
  return {{"waited", waited},        {"idle", seconds(a.idle)},       {"scheduler", seconds(a.scheduler)},
          {"swap", seconds(a.swap)}, {"compute", seconds(a.compute)}, {"stall", seconds(a.stall)}};
}

Json job_json(const RunData& run, const Job& job) {
  return {{"task", job.task},
          {"job", job.number},
          {"release", seconds(job.release)},
          {"start", seconds_or_null(job.start)},
          {"finish", seconds_or_null(job.finish)},
          {"deadline", seconds_or_null(job.deadline)},
          {"isolated", seconds_or_null(job.isolated)},
          {"preemptions", job.preemptions},
          {"missed", job.missed},
          {"late", seconds(lateness(job, run.end()))}};
}

Json missed_json(const RunData& run, const Job& job, const Accounting* accounting) {
  constexpr size_t kHolders = 3;
  Json row = job_json(run, job);
  if (accounting == nullptr) return row;
  const Account account = accounting->account(job);
  const Reason reason = reason_of(job, account, run.end());
  row["reason"] = {name_of(reason.cause), reason.task, seconds(reason.time), reason.enough};
  row["account"] = account_json(account);
  row["memory"] = seconds(memory_time(job, account));
  Json holders = Json::array();
  for (const Holder& holder : accounting->holders(job, kHolders))
    holders.push_back({holder.task, holder.job, seconds(holder.time), holder.later_deadline});
  row["holders"] = holders;
  return row;
}

/// The worst jobs that `counts` lets in, of each task as many, at most `most` of all; by release.
template <class Counts, class Worse>
std::vector<const Job*> worst(const RunData& run, size_t most, const Counts& counts, const Worse& worse) {
  std::vector<std::vector<const Job*>> tasks(run.tasks());
  for (const Job& job : run.jobs) {
    if (counts(job)) tasks[job.task].push_back(&job);
  }
  // Tasks with few jobs leave their room to the others.
  std::vector<size_t> order(tasks.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t task) { return tasks[task].size(); });
  std::vector<const Job*> chosen;
  size_t left = tasks.size();
  for (size_t task : order) {
    std::vector<const Job*>& jobs = tasks[task];
    const size_t count = std::min(jobs.size(), (most - chosen.size()) / left--);
    std::ranges::partial_sort(
        jobs, jobs.begin() + static_cast<std::ptrdiff_t>(count), [&](const Job* a, const Job* b) {
          const auto key = [&](const Job* j) { return std::tuple(~worse(*j), j->release, j->number); };
          return key(a) < key(b);
        });
    chosen.insert(chosen.end(), jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(count));
  }
  std::ranges::sort(chosen);  // as they lie in the run
  return chosen;
}

}  // namespace

Json jobs_json(const RunData& run, size_t rows) {
  std::optional<Accounting> accounting;
  if (run.stretches) accounting.emplace(run);
  std::vector<ByTask> tasks(run.tasks());
  uint64_t misses = 0;
  for (const Job& job : run.jobs) {
    if (job.warm_up) continue;
    if (job.missed) ++tasks[job.task].misses;
    if (job.missed) ++misses;
    if (!accounting || (!job.missed && !job.finish)) continue;
    const Account account = accounting->account(job);
    ByTask& task = tasks[job.task];
    if (job.finish) task.completed.add(job, account);
    if (!job.missed) continue;
    task.missed.add(job, account);
    const Reason reason = reason_of(job, account, run.end());
    ++task.reasons.counts[{reason.cause, reason.cause == Cause::waited ? reason.task : uint16_t{0}}];
  }
  Json by_task = Json::array();
  for (const ByTask& task : tasks) {
    by_task.push_back({{"missed", task.misses},
                       {"completed_mean", task.completed.mean()},
                       {"missed_mean", task.missed.mean()},
                       {"reasons", accounting ? task.reasons.json() : Json(nullptr)}});
  }
  Json missed = Json::array();
  for (const Job* job : worst(
           run, rows, [](const Job& j) { return j.missed && !j.warm_up; },
           [&](const Job& j) { return lateness(j, run.end()); }))
    missed.push_back(missed_json(run, *job, accounting ? &*accounting : nullptr));
  Json listed = Json::array();
  for (const Job* job : worst(
           run, rows, [](const Job&) { return true; },
           [&](const Job& j) { return j.end(run.end()) - j.release; }))
    listed.push_back(job_json(run, *job));
  return {{"explained", accounting.has_value()},
          {"total", run.jobs.size()},
          {"misses", misses},
          {"tasks", by_task},
          {"missed", missed},
          {"jobs", listed}};
}

}  // namespace vesper::report
