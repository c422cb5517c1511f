/// The DRAM devices of a channel as the controller has to see them: open rows, and from when each command may
/// go.
///
/// Models      every constraint of `Part`, per bank, bank group and rank.
/// Timing      exact, in DRAM clocks. A command at or after `earliest_*` breaks no constraint; the state
///             keeps a time per bank, bank group and rank, nothing happens per clock.
/// Leaves out  the command bus (one command a clock is the caller's), data, power states.
#pragma once

#include <algorithm>
#include <array>

#include "models/ddr/command_log.h"
#include "models/ddr/part.h"

namespace vesper::ddr {

class Device {
 public:
  static constexpr uint32_t kClosed = UINT32_MAX;

  explicit Device(const Part& part);

  [[nodiscard]] bool is_open(uint32_t bank) const { return (open_ >> bank & 1) != 0; }
  [[nodiscard]] uint64_t open_banks() const { return open_; }
  /// The open row, or kClosed.
  [[nodiscard]] uint32_t row(uint32_t bank) const { return banks_[bank].row; }
  /// Reads and writes served since the row was opened.
  [[nodiscard]] uint32_t hits(uint32_t bank) const { return banks_[bank].hits; }
  [[nodiscard]] uint32_t rank_of(uint32_t bank) const { return bank / banks_of_rank_; }
  [[nodiscard]] uint64_t banks_of_rank_mask(uint32_t rank) const {
    return rank_mask_ << (rank * banks_of_rank_);
  }

  [[nodiscard]] Clock earliest_activate(uint32_t bank) const {
    return std::max({own_activate(bank), group_activate(bank), window_free(rank_of(bank))});
  }
  [[nodiscard]] Clock earliest_precharge(uint32_t bank) const { return banks_[bank].precharge; }
  [[nodiscard]] Clock earliest_read(uint32_t bank) const {
    return std::max(banks_[bank].column, groups_[group_[bank]].read);
  }
  [[nodiscard]] Clock earliest_write(uint32_t bank) const {
    return std::max(banks_[bank].column, groups_[group_[bank]].write);
  }
  // The parts of the above: what the bank's own commands allow, and what those of others do.
  [[nodiscard]] Clock own_activate(uint32_t bank) const { return banks_[bank].activate; }
  [[nodiscard]] Clock own_column(uint32_t bank) const { return banks_[bank].column; }
  [[nodiscard]] Clock group_activate(uint32_t bank) const { return groups_[group_[bank]].activate; }
  [[nodiscard]] Clock group_read(uint32_t bank) const { return groups_[group_[bank]].read; }
  [[nodiscard]] Clock group_write(uint32_t bank) const { return groups_[group_[bank]].write; }
  /// When the rank's four-activate window lets another in.
  [[nodiscard]] Clock window_free(uint32_t rank) const { return window_[rank].oldest(); }

  /// When all banks of the rank are closed long enough.
  [[nodiscard]] Clock earliest_refresh(uint32_t rank) const;

  void activate(uint32_t bank, uint32_t row, Clock clock);
  void precharge(uint32_t bank, Clock clock);
  /// `close` is an auto-precharge: the bank closes by itself as early as it may.
  void read(uint32_t bank, bool close, Clock clock);
  void write(uint32_t bank, bool close, Clock clock);
  void refresh(uint32_t rank, Clock clock);

 private:
  struct Bank {
    Clock activate = 0, precharge = 0, column = 0;
    uint32_t row = kClosed;
    uint32_t hits = 0;
  };
  struct Group {
    Clock activate = 0, read = 0, write = 0;
  };
  /// Four-activate window: the times from which a fifth activate may follow each of the last four.
  struct ActivateWindow {
    std::array<Clock, 4> free{};
    uint32_t next = 0;
    [[nodiscard]] Clock oldest() const { return free[next]; }
  };
  /// Clocks to keep between columns commands of two groups: [first * groups + second].
  using Gaps = std::array<uint32_t, size_t{kMaxGroups} * kMaxGroups>;

  void after_column(uint32_t bank, const Gaps& to_read, const Gaps& to_write, Clock clock);
  void close(uint32_t bank, Clock clock);

  Part part_;
  uint32_t banks_of_rank_;
  uint32_t group_count_;
  uint64_t rank_mask_;
  uint64_t open_ = 0;
  std::array<Bank, kMaxBanks> banks_;
  std::array<Group, kMaxGroups> groups_;
  std::array<uint8_t, kMaxBanks> group_{};
  std::array<ActivateWindow, 4> window_;
  Gaps read_read_{}, read_write_{}, write_read_{}, write_write_{}, activate_activate_{};
};

}  // namespace vesper::ddr
