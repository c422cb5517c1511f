/// When rows of a matrix come out of an engine in programmable logic, packet by packet. SystemC-free.
///
/// Engine      `lines` rows side by side; each takes `row_cycles` to go past the engine's lanes once. An
///             engine of several passes (a reduction, then what needs it) has a unit for each pass, and
///             between them line buffers that hold the row.
/// By rows     with line buffers and bypass: the first pass of a row goes along as the row arrives, and is
///             over when its last element is in; later passes overlap the arrival of the rows behind it. A
///             row's result is there (passes - 1) row times + depth after the row is in. Rows go on at the
///             rate of what sends them or at the engine's own, whichever is slower: an engine that is slower
///             takes a row a row time after the one before, and holds up what sends.
/// By matrix   begins when the last row is there and the engine is free, makes its passes one after the other
///             over all elements on all lanes, and has its whole result at the end.
/// Receiver    one that takes the last row later than it comes holds up the engine for so long: a line buffer
///             has room for no row more.
/// Times       integer picoseconds; all that an engine does is on edges of its clock, in which it sees what
///             arrived at or before.
/// Source      Zhuang et al., SSR, FPGA 2024, section 4.3 and figure 7: "right after the average of the first
///             row is ready, it will read the data from the line buffer and calculate the standard
///             deviation". That all passes of a row but the first are over a row time after one another
///             follows from it; that nothing but line buffers lies between engines is assumed.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/core/clock_domain.h"

namespace vesper::pl {

/// Rows as they come to an engine: the first is there at `first_ps`, the last at `last_ps`, those between at
/// equal distances.
struct RowArrival {
  uint32_t rows = 1;
  uint64_t first_ps = 0, last_ps = 0;
  bool by_rows = true;
};

/// What rows cost an engine.
struct RowCost {
  uint32_t lines = 1;          ///< rows side by side
  uint64_t row_cycles = 1;     ///< of one pass over a row
  uint64_t matrix_cycles = 1;  ///< of one pass over all rows of the packet, on all lanes
};

struct RowTimes {
  uint64_t start_ps = 0;               ///< the engine begins to work, or sees the first row
  uint64_t first_ps = 0, last_ps = 0;  ///< the result's first and last row have left
  uint64_t taken_ps = 0;               ///< the last row is in; see held_up()
};

class RowPipeline {
 public:
  /// `depth`: cycles that all passes take from the last element in to the last result, beyond the row's time
  /// in the passes after the first (spatial::Engine).
  RowPipeline(core::ClockDomain clock, uint32_t passes, uint32_t depth)
      : clock_(clock), passes_(passes), depth_(depth) {}

  /// The packet's times, if the receiver takes its rows as they come. Packets are in the order of their rows.
  RowTimes pass(const RowArrival& packet, const RowCost& cost) {
    return packet.by_rows ? pass_rows(packet, cost) : pass_matrix(packet, cost);
  }

  /// The receiver took the last row of the packet that passed last at `receiver_ps`: when this engine had
  /// room for another packet.
  uint64_t held_up(uint64_t receiver_ps) {
    core::Cycles taken = clock_.cycle_at_or_after(receiver_ps);
    if (taken > last_) {
      free_ += taken - last_;
      last_ = taken;
    }
    return clock_.edge(free_);
  }

 private:
  RowTimes pass_rows(const RowArrival& packet, const RowCost& cost) {
    core::Cycles first = clock_.cycle_at_or_after(packet.first_ps);
    if (used_) first = std::max(first, free_ + cost.row_cycles);
    const uint64_t groups_behind = (packet.rows - 1) / cost.lines;
    free_ = std::max(clock_.cycle_at_or_after(packet.last_ps), first + groups_behind * cost.row_cycles);
    used_ = true;
    const core::Cycles latency = (passes_ - 1) * cost.row_cycles + depth_;
    last_ = free_ + latency;
    return {clock_.edge(first), clock_.edge(first + latency), clock_.edge(last_), clock_.edge(free_)};
  }

  RowTimes pass_matrix(const RowArrival& packet, const RowCost& cost) {
    const core::Cycles start = std::max(clock_.cycle_at_or_after(packet.last_ps), free_);
    free_ = last_ = start + passes_ * cost.matrix_cycles;
    used_ = true;
    const uint64_t end_ps = clock_.edge(last_);
    return {clock_.edge(start), end_ps, end_ps, end_ps};
  }

  core::ClockDomain clock_;
  uint32_t passes_, depth_;
  bool used_ = false;
  core::Cycles free_ = 0;  ///< the last row was in
  core::Cycles last_ = 0;  ///< and its result left
};

}  // namespace vesper::pl
