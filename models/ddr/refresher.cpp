#include "models/ddr/refresher.h"

#include "models/ddr/bank_queues.h"

namespace vesper::ddr {

Refresher::Refresher(const Part& part, Device& device, Accounting& accounting)
    : device_(device),
      accounting_(accounting),
      ranks_(part.ranks),
      banks_of_rank_(part.banks_of_rank()),
      interval_(part.trefi / part.ranks),
      recovery_(part.trfc),
      due_(interval_ == 0 ? kNever : interval_) {}

Refresher::Step Refresher::next(Clock from) const {
  const uint64_t open = device_.open_banks() & blocked_;
  if (open == 0) {
    return {std::max(from, device_.earliest_refresh(rank_)), CommandKind::refresh, rank_ * banks_of_rank_};
  }
  Step step{kNever, CommandKind::precharge, 0};
  for (uint64_t rest = open; rest != 0; rest &= rest - 1) {
    const uint32_t bank = lowest(rest);
    const Clock clock = std::max(from, device_.earliest_precharge(bank));
    if (clock < step.clock) step = {clock, CommandKind::precharge, bank};
  }
  return step;
}

void Refresher::fall_due() {
  blocked_ = device_.banks_of_rank_mask(rank_);
  accounting_.refresh_due(rank_, due_);
  due_ += interval_;
}

void Refresher::done(const Step& step) {
  if (step.kind == CommandKind::precharge) {
    device_.precharge(step.bank, step.clock);
    accounting_.closed(step.bank);
    return;
  }
  device_.refresh(rank_, step.clock);
  accounting_.refresh_ends(rank_, step.clock + recovery_);
  blocked_ = 0;
  rank_ = (rank_ + 1) % ranks_;
  ++count_;
}

void Refresher::skip_until(Clock clock) {
  if (clock <= due_) return;
  const uint64_t missed = (clock - due_) / interval_;
  if (missed <= 2 * ranks_) return;
  const uint64_t skipped = (missed - 2 * ranks_) / ranks_ * ranks_;
  due_ += skipped * interval_;
  count_ += skipped;
}

}  // namespace vesper::ddr
