/// Clock domains in integer arithmetic: edge n of a clock of f hertz lies at ceil(n * 10^12 / f) picoseconds.
///
/// 230 MHz has no whole number of picoseconds; counting cycles and converting at the edge keeps every edge
/// within a picosecond of its true place for ever: no drift, no floating point.
#pragma once

#include <cstdint>
#include <numeric>

#include "platform/property/units.h"

namespace vesper::core {

/// Cycles of a clock domain, counted from time 0.
using Cycles = uint64_t;

class ClockDomain {
 public:
  explicit constexpr ClockDomain(Frequency frequency)
      : hz_(frequency.hz),
        period_(kPsPerSecond / std::gcd(kPsPerSecond, frequency.hz)),
        cycles_(frequency.hz / std::gcd(kPsPerSecond, frequency.hz)) {}

  [[nodiscard]] constexpr uint64_t hz() const { return hz_; }

  /// Time of edge `n` in picoseconds.
  [[nodiscard]] constexpr uint64_t edge(Cycles n) const { return scale_up(n, period_, cycles_); }
  /// The first edge at or after `ps`.
  [[nodiscard]] constexpr Cycles cycle_at_or_after(uint64_t ps) const {
    // ceil(n p / c) >= t  <=>  n p / c > t - 1  <=>  n > (t - 1) c / p
    return ps == 0 ? 0 : scale_down(ps - 1, cycles_, period_) + 1;
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
  using Wide = unsigned __int128;

  /// value * factor / divisor, rounded down or up; 64-bit arithmetic wherever the product fits.
  static constexpr uint64_t scale_down(uint64_t value, uint64_t factor, uint64_t divisor) {
    uint64_t product = 0;
    if (!__builtin_mul_overflow(value, factor, &product)) return product / divisor;
    return static_cast<uint64_t>(static_cast<Wide>(value) * factor / divisor);
  }
  static constexpr uint64_t scale_up(uint64_t value, uint64_t factor, uint64_t divisor) {
    uint64_t product = 0;
    if (!__builtin_mul_overflow(value, factor, &product)) {
      if (divisor == 1) return product;  // a clock of whole picoseconds, as 1600 MHz: no division
      return product / divisor + (product % divisor != 0 ? 1 : 0);
    }
    return static_cast<uint64_t>((static_cast<Wide>(value) * factor + divisor - 1) / divisor);
  }

  uint64_t hz_;
  uint64_t period_;  // `cycles_` cycles take `period_` picoseconds, in lowest terms
  uint64_t cycles_;
};

}  // namespace vesper::core
