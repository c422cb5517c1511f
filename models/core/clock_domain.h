/// Clock domains in integer arithmetic: edge n of a clock of f hertz lies at ceil(n * 10^12 / f) picoseconds.
///
/// 230 MHz has no whole number of picoseconds; counting cycles and converting at the edge keeps every edge
/// within a picosecond of its true place for ever: no drift, no floating point.
#pragma once

#include <cstdint>

#include "platform/property/units.h"

namespace vesper::core {

/// Cycles of a clock domain, counted from time 0.
using Cycles = uint64_t;

class ClockDomain {
 public:
  explicit constexpr ClockDomain(Frequency frequency)
      : hz_(frequency.hz), whole_ps_(kPsPerSecond % frequency.hz == 0 ? kPsPerSecond / frequency.hz : 0) {}

  [[nodiscard]] constexpr uint64_t hz() const { return hz_; }

  /// Time of edge `n` in picoseconds.
  [[nodiscard]] constexpr uint64_t edge(Cycles n) const {
    if (whole_ps_ != 0) return n * whole_ps_;
    return static_cast<uint64_t>((static_cast<unsigned __int128>(n) * kPsPerSecond + hz_ - 1) / hz_);
  }
  /// The first edge at or after `ps`.
  [[nodiscard]] constexpr Cycles cycle_at_or_after(uint64_t ps) const {
    if (ps == 0) return 0;
    if (whole_ps_ != 0) return (ps + whole_ps_ - 1) / whole_ps_;
    return static_cast<Cycles>(static_cast<unsigned __int128>(ps - 1) * hz_ / kPsPerSecond) + 1;
  }
  /// The time of the first edge at or after `ps`.
  [[nodiscard]] constexpr uint64_t edge_at_or_after(uint64_t ps) const { return edge(cycle_at_or_after(ps)); }
  /// Whole cycles that `ps` spans, rounded up.
  [[nodiscard]] constexpr Cycles cycles_covering(uint64_t ps) const { return cycle_at_or_after(ps); }
  /// The time `n` cycles after the first edge at or after `ps`.
  [[nodiscard]] constexpr uint64_t after(uint64_t ps, Cycles n) const {
    return edge(cycle_at_or_after(ps) + n);
  }

 private:
  static constexpr uint64_t kPsPerSecond = 1'000'000'000'000;
  uint64_t hz_;
  uint64_t whole_ps_;
};

}  // namespace vesper::core
