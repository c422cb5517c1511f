/// Where the time of every request went, and to whom: exact sums, a few additions a burst.
///
/// A request's time is cut at each of its reads or writes (or at the acceptance of its posted writes). Each
/// piece is divided, in this order and never more than is left of it, into: its own transfer on the bus; the
/// opening of its row (tRCD), and before it the closing of another (tRP, bank conflict); refresh of its rank;
/// turnaround of the bus; and the rest, arbitration. Arbitration is divided over the requesters in proportion
/// to the bus time each had while the request waited, the requester itself included (a queue behind oneself);
/// where none had any, it counts as own service (pipeline and activate spacing). The parts of a request sum
/// to its latency.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/ddr/part.h"

namespace vesper::ddr {

/// Requesters told apart; indices beyond share the last.
constexpr uint32_t kMaxTasks = 64;

enum class Cause : uint8_t { service, bank_conflict, row_miss, refresh, turnaround, arbitration };
constexpr size_t kCauses = 6;

/// Clocks by cause.
using Breakdown = std::array<uint64_t, kCauses>;

enum class RowOutcome : uint8_t { hit, miss, conflict };

struct TaskTotals {
  uint64_t requests = 0;
  uint64_t read_bytes = 0;
  uint64_t write_bytes = 0;
  std::array<uint64_t, 3> rows{};  ///< bursts by RowOutcome
  uint64_t latency = 0;            ///< clocks, of all requests; the sum of `parts`
  Breakdown parts{};
};

/// What the accounting keeps with a request.
struct Account {
  Clock arrival = 0;
  Clock cut = 0;  ///< time is divided up to here
  uint64_t refresh_seen = 0;
  uint64_t turnaround_seen = 0;
  uint32_t bursts_served = 0;
  uint32_t tasks_seen = 0;  ///< requesters known at arrival
  uint8_t task = 0;
  uint8_t rank = 0;
  Breakdown parts{};
  std::array<uint32_t, kMaxTasks> usage_seen;  ///< bus clocks by requester at arrival, modulo 2^32
};

/// The last opening of a bank's row.
struct Opening {
  Clock precharge = kNever;  ///< of the row before, if it was closed for this one
  Clock activate = 0;
  bool conflict = false;
  bool fresh = false;  ///< nothing was served from it yet
};

class Accounting {
 public:
  explicit Accounting(const Part& part) : part_(part), lost_(size_t{kMaxTasks} * kMaxTasks) {}

  [[nodiscard]] static uint8_t task_slot(uint32_t task) {
    return static_cast<uint8_t>(task < kMaxTasks ? task : kMaxTasks - 1);
  }

  void begin(Account& account, uint8_t task, uint8_t rank, Clock arrival);
  /// Data of `task` moves: a read or write went to `bank` at `clock`.
  void moved(uint8_t task, uint32_t bank, bool write, Clock clock);
  /// Divides the request's time up to its read of `bank` at `clock`, after moved().
  void served(Account& account, uint32_t bank, Clock clock);
  /// Bursts of the request were accepted, or answered without the DRAM, at `clock`.
  void passed(Account& account, Clock clock);
  /// The request is complete; closes its account.
  void finish(Account& account, bool write, uint32_t bytes, Clock clock);

  void precharged(uint32_t bank, Clock clock) {
    openings_[bank].precharge = clock;
    openings_[bank].conflict = true;
  }
  void closed(uint32_t bank) {
    openings_[bank].conflict = false;
  }  ///< without anybody waiting for another row
  void activated(uint32_t bank, Clock clock) {
    openings_[bank].activate = clock;
    openings_[bank].fresh = true;
  }
  void refresh_due(uint32_t rank, Clock clock) { refresh_[rank] = {refresh_[rank].at(clock), clock, kNever}; }
  void refresh_ends(uint32_t rank, Clock clock) { refresh_[rank].end = clock; }

  [[nodiscard]] const TaskTotals& totals(uint32_t task) const { return totals_[task_slot(task)]; }
  /// Clocks that requests of `task` waited in arbitration for `other`.
  [[nodiscard]] uint64_t lost(uint32_t task, uint32_t other) const {
    return lost_[size_t{task_slot(task)} * kMaxTasks + task_slot(other)];
  }
  /// Bus clocks in which data of the task moved.
  [[nodiscard]] uint64_t bus_clocks(uint32_t task) const { return usage_[task_slot(task)]; }
  /// Requesters seen so far: indices below this one.
  [[nodiscard]] uint32_t tasks() const { return tasks_; }

 private:
  /// Time a rank spent in refresh up to any clock since its last refresh fell due.
  struct RefreshTime {
    uint64_t before = 0;
    Clock due = 0;
    Clock end = 0;
    [[nodiscard]] uint64_t at(Clock clock) const {
      return before + (clock <= due ? 0 : (clock < end ? clock : end) - due);
    }
  };

  void note_turnaround(bool write, Clock clock);
  void divide_arbitration(Account& account, uint32_t own_clocks);

  Part part_;
  std::array<TaskTotals, kMaxTasks> totals_{};
  std::array<uint64_t, kMaxTasks> usage_{};
  std::vector<uint64_t> lost_;
  std::array<Opening, kMaxBanks> openings_{};
  std::array<RefreshTime, 4> refresh_{};
  uint64_t turnaround_ = 0;
  Clock last_column_ = 0;
  bool last_write_ = false;
  bool any_column_ = false;
  uint32_t tasks_ = 0;
};

}  // namespace vesper::ddr
