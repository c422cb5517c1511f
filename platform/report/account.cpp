#include "platform/report/account.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace vesper::report {
namespace {

constexpr size_t kBetweenCheckpoints = 256;

/// `part` of a stretch of which `kept` of `whole` counts.
Time cut(Time part, Time kept, Time whole) {
  if (kept == whole) return part;
  return static_cast<Time>(static_cast<unsigned __int128>(part) * kept / whole);
}

std::pair<uint16_t, uint32_t> key_of(const Job* job) { return {job->task, job->number}; }

}  // namespace

std::string_view name_of(Cause cause) {
  constexpr std::string_view kNames[] = {"waited", "scheduler", "swap", "memory", "alone", "failed"};
  return kNames[static_cast<size_t>(cause)];
}

Time Account::total() const {
  return std::accumulate(waited.begin(), waited.end(), idle + scheduler + swap + compute + stall);
}

Time memory_time(const Job& job, const Account& account) {
  if (!job.isolated) return account.stall;
  const Time work = account.compute + account.stall;
  return std::min(account.stall, work > *job.isolated ? work - *job.isolated : 0);
}

Time lateness(const Job& job, Time run_end) {
  const Time end = job.end(run_end);
  return job.deadline && end > *job.deadline ? end - *job.deadline : 0;
}

Reason reason_of(const Job& job, const Account& account, Time run_end) {
  if (job.failed) return {Cause::failed};
  if (job.isolated && job.deadline && *job.isolated > *job.deadline - std::min(job.release, *job.deadline))
    return {Cause::alone, 0, *job.isolated, true};
  Reason reason;
  auto consider = [&](Cause cause, uint16_t task, Time time) {
    if (time > reason.time) reason = {cause, task, time};
  };
  for (size_t i = 0; i < account.waited.size(); ++i)
    consider(Cause::waited, static_cast<uint16_t>(i), account.waited[i]);
  consider(Cause::swap, 0, account.swap);
  consider(Cause::memory, 0, memory_time(job, account));
  consider(Cause::scheduler, 0, account.idle + account.scheduler);
  reason.enough = reason.time >= lateness(job, run_end);
  return reason;
}

Accounting::Accounting(const RunData& run) : run_(run), accelerators_(run.accelerators.all().size()) {
  by_job_.resize(run.stretches->size());
  std::iota(by_job_.begin(), by_job_.end(), 0U);
  std::ranges::sort(by_job_, {},
                    [this](uint32_t i) { return std::tuple(at(i).task, at(i).job, at(i).start, i); });
  for (const Job& job : run.jobs) jobs_.push_back(&job);
  std::ranges::sort(jobs_, {}, key_of);
  std::vector<std::vector<Time>> busy(accelerators_.size(), std::vector<Time>(run.tasks()));
  for (uint32_t i = 0; i < run.stretches->size(); ++i) {
    const uint16_t number = at(i).accelerator;
    Accelerator& accelerator = accelerators_[number];
    if (accelerator.stretches.size() % kBetweenCheckpoints == 0)
      accelerator.checkpoints.push_back(busy[number]);
    accelerator.stretches.push_back(i);
    busy[number][at(i).task] += at(i).end - at(i).start;
  }
}

std::vector<uint32_t> Accounting::own(const Job& job) const {
  const auto key = [this](uint32_t i) { return std::tuple(at(i).task, at(i).job); };
  const auto range = std::ranges::equal_range(by_job_, std::tuple(job.task, job.number), {}, key);
  return {range.begin(), range.end()};
}

std::vector<Accounting::Gap> Accounting::gaps(const Job& job, const std::vector<uint32_t>& own) const {
  std::vector<Gap> all;
  Time from = job.release;
  for (uint32_t i : own) {
    if (at(i).start > from) all.push_back({at(i).accelerator, from, at(i).start});
    from = std::max(from, at(i).end);
  }
  const Time end = job.end(run_.end());
  if (end <= from) return all;
  if (!own.empty()) {
    all.push_back({at(own.back()).accelerator, from, end});
  } else if (accelerators_.size() == 1) {
    all.push_back({0, from, end});
  }
  return all;
}

size_t Accounting::begun_before(const Accelerator& accelerator, Time time) const {
  const auto found =
      std::ranges::lower_bound(accelerator.stretches, time, {}, [this](uint32_t i) { return at(i).start; });
  return static_cast<size_t>(found - accelerator.stretches.begin());
}

/// Adds the time that each task held the accelerator before `until`.
void Accounting::add_busy(const Accelerator& accelerator, Time until, int64_t sign,
                          std::vector<int64_t>& sums) const {
  const size_t begun = begun_before(accelerator, until);
  if (begun == 0) return;
  const size_t checkpoint = (begun - 1) / kBetweenCheckpoints;
  for (size_t task = 0; task < sums.size(); ++task)
    sums[task] += sign * static_cast<int64_t>(accelerator.checkpoints[checkpoint][task]);
  for (size_t k = checkpoint * kBetweenCheckpoints; k < begun; ++k) {
    const Stretch& stretch = at(accelerator.stretches[k]);
    sums[stretch.task] += sign * static_cast<int64_t>(std::min(stretch.end, until) - stretch.start);
  }
}

Account Accounting::account(const Job& job) const {
  Account account;
  const std::vector<uint32_t> stretches = own(job);
  std::vector<int64_t> waited(run_.tasks());
  for (const Gap& gap : gaps(job, stretches)) {
    add_busy(accelerators_[gap.accelerator], gap.to, +1, waited);
    add_busy(accelerators_[gap.accelerator], gap.from, -1, waited);
  }
  account.waited.assign(waited.begin(), waited.end());
  Time from = job.release;
  for (uint32_t i : stretches) {
    const Stretch& s = at(i);
    const Time whole = s.end - s.start;
    const Time kept = s.end > from ? s.end - std::max(from, s.start) : 0;
    from = std::max(from, s.end);
    if (kept == 0) continue;
    const Time scheduler = cut(s.scheduler, kept, whole);
    const Time swap = cut(s.swap, kept, whole);
    const Time compute = cut(s.compute, kept, whole);
    account.scheduler += scheduler;
    account.swap += swap;
    account.compute += compute;
    account.stall += kept - scheduler - swap - compute;
  }
  const Time known = account.total();
  const Time response = job.end(run_.end()) - job.release;
  account.idle = response > known ? response - known : 0;
  return account;
}

bool Accounting::is_due_later(const Holder& holder, const Job& job) const {
  const auto found = std::ranges::lower_bound(jobs_, std::pair(holder.task, holder.job), {}, key_of);
  if (found == jobs_.end() || key_of(*found) != std::pair(holder.task, holder.job)) return false;
  return job.deadline && (!(*found)->deadline || *(*found)->deadline > *job.deadline);
}

std::vector<Holder> Accounting::holders(const Job& job, size_t most) const {
  std::map<std::pair<uint16_t, uint32_t>, Time> times;
  for (const Gap& gap : gaps(job, own(job))) {
    const Accelerator& accelerator = accelerators_[gap.accelerator];
    const size_t begun = begun_before(accelerator, gap.to);
    for (size_t k = begun; k > 0; --k) {
      const Stretch& stretch = at(accelerator.stretches[k - 1]);
      if (stretch.end <= gap.from) break;
      times[{stretch.task, stretch.job}] += std::min(stretch.end, gap.to) - std::max(stretch.start, gap.from);
    }
  }
  std::vector<Holder> all;
  for (const auto& [who, time] : times) all.push_back({who.first, who.second, time});
  std::ranges::stable_sort(all, std::ranges::greater{}, &Holder::time);
  if (all.size() > most) all.resize(most);
  for (Holder& holder : all) holder.later_deadline = is_due_later(holder, job);
  return all;
}

}  // namespace vesper::report
