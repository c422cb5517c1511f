/// Random utilisations. Source: Bini and Buttazzo, Measuring the performance of schedulability tests, 2005.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace vesper::offline {

/// Uniform over 0 .. 2^64-1, from a seeded generator of the caller's.
using RandomSource = std::function<uint64_t()>;

/// UUniFast: `count` utilisations, uniform over those that sum to `total`. Computed in integers of 2^-60, the
/// same on every machine; before they are turned into the nearest double they sum to `total` exactly. Throws
/// AnalysisError unless 0 < total <= 8 and count >= 1.
std::vector<double> uunifast(size_t count, double total, const RandomSource& random);

/// 2^63 (x / 2^64)^(1/k), k >= 1: the largest whose k-th power, truncated to 2^-63 at each product, is at
/// most x / 2^64.
uint64_t root_of_fraction(uint64_t x, unsigned k);

}  // namespace vesper::offline
