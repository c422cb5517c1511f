/// All-bank refresh, rank by rank: every tREFI / ranks the next rank stops taking commands, its open banks
/// are precharged as their timing allows, REF follows, and tRFC later the rank is free.
///
/// Timing      exact, in DRAM clocks; refreshes of an idle, closed channel are counted, not stepped through.
/// Leaves out  postponing and pulling in, per-bank refresh (LPDDR4 REFpb), fine granularity refresh.
#pragma once

#include "models/ddr/accounting.h"
#include "models/ddr/device.h"

namespace vesper::ddr {

class Refresher {
 public:
  struct Step {
    Clock clock = kNever;
    CommandKind kind = CommandKind::refresh;
    uint32_t bank = 0;
  };

  Refresher(const Part& part, Device& device, Accounting& accounting);

  /// When the next refresh falls due.
  [[nodiscard]] Clock due() const { return due_; }
  /// Banks that take no other commands.
  [[nodiscard]] uint64_t blocked() const { return blocked_; }
  [[nodiscard]] bool pending() const { return blocked_ != 0; }
  /// The next command of the pending refresh, not before `from`.
  [[nodiscard]] Step next(Clock from) const;

  void fall_due();
  /// After the step's command was issued.
  void done(const Step& step);
  /// Counts the refreshes due before `clock` without stepping through them, but for the last of each rank.
  /// The channel must be closed and have nothing to do until `clock`.
  void skip_until(Clock clock);

  [[nodiscard]] uint64_t count() const { return count_; }

 private:
  Device& device_;
  Accounting& accounting_;
  uint32_t ranks_;
  uint32_t banks_of_rank_;
  Clock interval_;
  Clock recovery_;
  Clock due_;
  uint32_t rank_ = 0;
  uint64_t blocked_ = 0;
  uint64_t count_ = 0;
};

}  // namespace vesper::ddr
