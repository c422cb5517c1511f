#include "models/ddr/accounting.h"

#include <algorithm>

namespace vesper::ddr {

namespace {

/// Divides a span of time: each part takes what it claims, as long as something is left.
class Division {
 public:
  Division(Breakdown& parts, Clock span) : parts_(parts), left_(span) {}
  void take(Cause cause, uint64_t claim) {
    const uint64_t part = std::min(claim, left_);
    parts_[static_cast<size_t>(cause)] += part;
    left_ -= part;
  }
  void rest(Cause cause) { take(cause, left_); }

 private:
  Breakdown& parts_;
  uint64_t left_;
};

uint64_t overlap(Clock from, Clock to, Clock start, Clock end) {
  const Clock first = std::max(from, start);
  const Clock last = std::min(to, end);
  return last > first ? last - first : 0;
}

}  // namespace

void Accounting::begin(Account& account, uint8_t task, uint8_t rank, Clock arrival) {
  account.arrival = account.cut = arrival;
  account.refresh_seen = refresh_[rank].at(arrival);
  account.turnaround_seen = turnaround_;
  account.bursts_served = 0;
  account.task = task;
  account.rank = rank;
  account.parts = {};
  tasks_ = std::max(tasks_, task + 1U);
  account.tasks_seen = tasks_;
  for (uint32_t t = 0; t < tasks_; ++t) account.usage_seen[t] = static_cast<uint32_t>(usage_[t]);
}

void Accounting::note_turnaround(bool write, Clock clock) {
  if (any_column_ && write != last_write_) {
    // A turnaround takes what the direction change adds to the distance of two transfers, at most.
    const Clock distance = clock - last_column_;
    const Clock needed = write ? part_.read_to_write() : part_.write_to_read(true);
    turnaround_ +=
        std::min(distance, std::max<Clock>(needed, part_.tccd_s)) - std::min<Clock>(distance, part_.tccd_s);
  }
  any_column_ = true;
  last_write_ = write;
  last_column_ = clock;
}

void Accounting::moved(uint8_t task, uint32_t bank, bool write, Clock clock) {
  note_turnaround(write, clock);
  usage_[task] += part_.burst_clocks();
  Opening& opening = openings_[bank];
  RowOutcome outcome = RowOutcome::hit;
  if (opening.fresh) outcome = opening.conflict ? RowOutcome::conflict : RowOutcome::miss;
  opening.fresh = false;
  ++totals_[task].rows[static_cast<size_t>(outcome)];
}

void Accounting::served(Account& account, uint32_t bank, Clock clock) {
  const Opening& opening = openings_[bank];
  if (account.cut >= clock) {
    ++account.bursts_served;
    return;
  }
  Division division(account.parts, clock - account.cut);
  if (account.bursts_served++ != 0) division.take(Cause::service, part_.burst_clocks());
  division.take(Cause::row_miss,
                overlap(account.cut, clock, opening.activate, opening.activate + part_.trcd));
  if (opening.conflict) {
    division.take(Cause::bank_conflict,
                  overlap(account.cut, clock, opening.precharge, opening.precharge + part_.trp));
  }
  const uint64_t refresh = refresh_[account.rank].at(clock);
  division.take(Cause::refresh, refresh - account.refresh_seen);
  division.take(Cause::turnaround, turnaround_ - account.turnaround_seen);
  division.rest(Cause::arbitration);
  account.refresh_seen = refresh;
  account.turnaround_seen = turnaround_;
  account.cut = clock;
}

void Accounting::passed(Account& account, Clock clock) {
  if (clock <= account.cut) return;
  Division division(account.parts, clock - account.cut);
  division.take(Cause::service, 1);
  const uint64_t refresh = refresh_[account.rank].at(clock);
  division.take(Cause::refresh, refresh - account.refresh_seen);
  division.take(Cause::turnaround, turnaround_ - account.turnaround_seen);
  division.rest(Cause::arbitration);
  account.refresh_seen = refresh;
  account.turnaround_seen = turnaround_;
  account.cut = clock;
}

void Accounting::divide_arbitration(Account& account, uint32_t own_clocks) {
  uint64_t& waited = account.parts[static_cast<size_t>(Cause::arbitration)];
  if (waited == 0) return;
  std::array<uint32_t, kMaxTasks> share;
  uint64_t all = 0;
  for (uint32_t t = 0; t < tasks_; ++t) {
    share[t] = static_cast<uint32_t>(usage_[t]) - (t < account.tasks_seen ? account.usage_seen[t] : 0);
    if (t == account.task) share[t] -= std::min(share[t], own_clocks);
    all += share[t];
  }
  if (all == 0) {
    account.parts[static_cast<size_t>(Cause::service)] += waited;
    waited = 0;
    return;
  }
  uint64_t seen = 0;
  uint64_t given = 0;
  for (uint32_t t = 0; t < tasks_; ++t) {
    if (share[t] == 0) continue;
    seen += share[t];
    const uint64_t up_to = waited * seen / all;
    lost_[size_t{account.task} * kMaxTasks + t] += up_to - given;
    given = up_to;
  }
}

void Accounting::finish(Account& account, bool write, uint32_t bytes, Clock clock) {
  Division division(account.parts, clock - std::min(clock, account.cut));
  division.take(Cause::service, write ? 1 : part_.read_clocks());
  division.rest(Cause::arbitration);
  divide_arbitration(account, account.bursts_served * part_.burst_clocks());

  TaskTotals& totals = totals_[account.task];
  ++totals.requests;
  (write ? totals.write_bytes : totals.read_bytes) += bytes;
  totals.latency += clock - account.arrival;
  for (size_t c = 0; c < kCauses; ++c) totals.parts[c] += account.parts[c];
}

}  // namespace vesper::ddr
