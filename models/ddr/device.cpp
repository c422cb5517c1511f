#include "models/ddr/device.h"

namespace vesper::ddr {

Device::Device(const Part& part)
    : part_(part),
      banks_of_rank_(part.banks_of_rank()),
      group_count_(part.all_groups()),
      rank_mask_(banks_of_rank_ == 64 ? ~uint64_t{0} : (uint64_t{1} << banks_of_rank_) - 1) {
  part.check();
  for (uint32_t bank = 0; bank < part.all_banks(); ++bank)
    group_[bank] = static_cast<uint8_t>(bank / part.banks);
  const uint32_t burst = part.burst_clocks();
  for (uint32_t first = 0; first < group_count_; ++first) {
    for (uint32_t second = 0; second < group_count_; ++second) {
      const uint32_t at = first * group_count_ + second;
      const bool same = first == second;
      if (first / part.bank_groups == second / part.bank_groups) {
        read_read_[at] = write_write_[at] = same ? part.tccd_l : part.tccd_s;
        read_write_[at] = part.read_to_write();
        write_read_[at] = part.write_to_read(same);
        activate_activate_[at] = same ? part.trrd_l : part.trrd_s;
      } else {  // another rank: only the data bus is shared
        read_read_[at] = write_write_[at] = burst + part.trtrs;
        read_write_[at] = part.cl + burst + std::max(part.trtrs, part.trtw_gap) - part.cwl;
        write_read_[at] =
            part.cwl + burst + part.trtrs > part.cl ? part.cwl + burst + part.trtrs - part.cl : 1;
      }
    }
  }
}

Clock Device::earliest_refresh(uint32_t rank) const {
  Clock earliest = 0;
  for (uint32_t i = 0; i < banks_of_rank_; ++i) {
    earliest = std::max(earliest, banks_[rank * banks_of_rank_ + i].precharge);
  }
  return earliest;
}

void Device::activate(uint32_t bank, uint32_t row, Clock clock) {
  Bank& b = banks_[bank];
  open_ |= uint64_t{1} << bank;
  b.row = row;
  b.hits = 0;
  b.column = clock + part_.trcd;
  b.precharge = clock + part_.tras;
  b.activate = clock + part_.trc;
  const uint32_t* gap = &activate_activate_[group_[bank] * group_count_];
  for (uint32_t g = 0; g < group_count_; ++g)
    groups_[g].activate = std::max(groups_[g].activate, clock + gap[g]);
  ActivateWindow& window = window_[rank_of(bank)];
  window.free[window.next] = clock + part_.tfaw;
  window.next = (window.next + 1) % 4;
}

void Device::close(uint32_t bank, Clock clock) {
  Bank& b = banks_[bank];
  open_ &= ~(uint64_t{1} << bank);
  b.row = kClosed;
  b.hits = 0;
  b.activate = std::max(b.activate, clock + part_.trp);
  b.precharge = clock + part_.trp;  // of a closed bank: from when a refresh may follow
}

void Device::precharge(uint32_t bank, Clock clock) { close(bank, clock); }

void Device::after_column(uint32_t bank, const Gaps& to_read, const Gaps& to_write, Clock clock) {
  const uint32_t from = group_[bank] * group_count_;
  for (uint32_t g = 0; g < group_count_; ++g) {
    groups_[g].read = std::max(groups_[g].read, clock + to_read[from + g]);
    groups_[g].write = std::max(groups_[g].write, clock + to_write[from + g]);
  }
  ++banks_[bank].hits;
}

void Device::read(uint32_t bank, bool close_after, Clock clock) {
  after_column(bank, read_read_, read_write_, clock);
  banks_[bank].precharge = std::max(banks_[bank].precharge, clock + part_.trtp);
  if (close_after) close(bank, banks_[bank].precharge);
}

void Device::write(uint32_t bank, bool close_after, Clock clock) {
  after_column(bank, write_read_, write_write_, clock);
  banks_[bank].precharge = std::max(banks_[bank].precharge, clock + part_.write_to_precharge());
  if (close_after) close(bank, banks_[bank].precharge);
}

void Device::refresh(uint32_t rank, Clock clock) {
  for (uint32_t i = 0; i < banks_of_rank_; ++i) {
    Bank& b = banks_[rank * banks_of_rank_ + i];
    b.activate = std::max(b.activate, clock + part_.trfc);
    b.precharge = std::max(b.precharge, clock + part_.trfc);
  }
}

}  // namespace vesper::ddr
