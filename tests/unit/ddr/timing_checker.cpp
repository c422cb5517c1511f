#include "tests/unit/ddr/timing_checker.h"

#include <algorithm>

namespace vesper::ddr::testing {

TimingChecker::TimingChecker(const Part& part)
    : part_(part),
      banks_(part.all_banks()),
      activates_(part.ranks),
      refreshed_(part.ranks, kLongAgo),
      refreshes_(part.ranks) {}

void TimingChecker::require(bool holds, const char* rule, const Command& c) {
  if (holds) return;
  violations_.push_back(std::string(rule) + " broken at clock " + std::to_string(c.clock) + " by command " +
                        std::to_string(static_cast<int>(c.kind)) + " to bank " + std::to_string(c.bank));
}

void TimingChecker::apart(int64_t distance, int64_t least, const char* rule, const Command& c) {
  require(distance >= least, rule, c);
}

void TimingChecker::issued(const Command& c) {
  const auto t = static_cast<int64_t>(c.clock);
  require(t > last_, "one command a clock", c);
  last_ = t;
  ++counts_[static_cast<size_t>(c.kind)];
  commands_.push_back(c);
  if (c.kind == CommandKind::activate) activate(c, t);
  if (c.kind == CommandKind::precharge) precharge(c, t);
  if (c.kind == CommandKind::read || c.kind == CommandKind::read_precharge) column(c, t, false);
  if (c.kind == CommandKind::write || c.kind == CommandKind::write_precharge) column(c, t, true);
  if (c.kind == CommandKind::refresh) refresh(c, t);
}

void TimingChecker::activate(const Command& c, int64_t t) {
  BankHistory& bank = banks_[c.bank];
  require(!bank.open, "activate of an open bank", c);
  apart(t - bank.activate, part_.trc, "tRC", c);
  apart(t - bank.precharge, part_.trp, "tRP", c);
  apart(t - refreshed_[rank(c.bank)], part_.trfc, "tRFC", c);
  for (uint32_t other = 0; other < banks_.size(); ++other) {
    if (other == c.bank || rank(other) != rank(c.bank)) continue;
    const bool same = group(other) == group(c.bank);
    apart(t - banks_[other].activate, same ? part_.trrd_l : part_.trrd_s, same ? "tRRD_L" : "tRRD_S", c);
  }
  std::deque<int64_t>& window = activates_[rank(c.bank)];
  if (window.size() == 4) {
    apart(t - window.front(), part_.tfaw, "tFAW", c);
    window.pop_front();
  }
  window.push_back(t);
  bank.open = true;
  bank.row = c.row;
  bank.activate = t;
}

void TimingChecker::close(uint32_t index, int64_t t) {
  banks_[index].open = false;
  banks_[index].precharge = t;
}

void TimingChecker::precharge(const Command& c, int64_t t) {
  const BankHistory& bank = banks_[c.bank];
  require(bank.open, "precharge of a closed bank", c);
  apart(t - bank.activate, part_.tras, "tRAS", c);
  apart(t - bank.read, part_.trtp, "tRTP", c);
  apart(t - bank.write, part_.cwl + part_.burst_length / 2 + part_.twr, "tWR", c);
  close(c.bank, t);
}

void TimingChecker::column(const Command& c, int64_t t, bool write) {
  BankHistory& bank = banks_[c.bank];
  require(bank.open && bank.row == c.row, "read or write of a row that is not open", c);
  apart(t - bank.activate, part_.trcd, "tRCD", c);
  const int64_t burst = part_.burst_length / 2;
  for (uint32_t other = 0; other < banks_.size(); ++other) {
    if (rank(other) != rank(c.bank)) continue;  // the data bus check below covers other ranks
    const bool same = group(other) == group(c.bank);
    const int64_t ccd = same ? part_.tccd_l : part_.tccd_s;
    const int64_t wtr = part_.cwl + burst + (same ? part_.twtr_l : part_.twtr_s);
    const int64_t rtw = int64_t{part_.cl} + burst + part_.trtw_gap - part_.cwl;
    apart(t - banks_[other].read, write ? rtw : ccd, write ? "read to write" : "tCCD", c);
    apart(t - banks_[other].write, write ? ccd : wtr, write ? "tCCD" : "tWTR", c);
  }
  data(t + (write ? part_.cwl : part_.cl), c);
  (write ? bank.write : bank.read) = t;
  if (c.kind != CommandKind::read_precharge && c.kind != CommandKind::write_precharge) return;
  const int64_t after = write ? t + part_.cwl + burst + part_.twr : t + part_.trtp;
  close(c.bank, std::max({after, bank.activate + part_.tras, bank.read + part_.trtp,
                          bank.write + part_.cwl + burst + part_.twr}));
}

void TimingChecker::data(int64_t from, const Command& c) {
  require(from >= bus_free_, "data bus used twice", c);
  bus_free_ = from + part_.burst_length / 2;
}

void TimingChecker::refresh(const Command& c, int64_t t) {
  const uint32_t r = rank(c.bank);
  for (uint32_t i = 0; i < banks_.size(); ++i) {
    if (rank(i) != r) continue;
    require(!banks_[i].open, "refresh of a rank with an open bank", c);
    apart(t - banks_[i].precharge, part_.trp, "tRP before refresh", c);
  }
  apart(t - refreshed_[r], part_.trfc, "tRFC between refreshes", c);
  refreshed_[r] = t;
  ++refreshes_[r];
}

void TimingChecker::check_refreshes(Clock clock) {
  if (part_.trefi == 0) return;
  for (uint32_t r = 0; r < part_.ranks; ++r) {
    // JESD79-4 lets at most eight refreshes be postponed; this controller postpones none for longer than a
    // row cycle.
    const uint64_t due = clock / part_.trefi;
    if (refreshes_[r] + 1 < due) {
      violations_.push_back("rank " + std::to_string(r) + " had " + std::to_string(refreshes_[r]) +
                            " refreshes of " + std::to_string(due));
    }
  }
}

}  // namespace vesper::ddr::testing
