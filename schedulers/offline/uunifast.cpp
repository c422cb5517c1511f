#include "schedulers/offline/uunifast.h"

#include <cmath>

#include "schedulers/offline/cycles.h"

namespace vesper::offline {
namespace {

constexpr int kFractionBits = 60;

/// a * b / 2^63.
uint64_t multiply(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(a) * b) >> 63);
}

}  // namespace

uint64_t root_of_fraction(uint64_t x, unsigned k) {
  uint64_t target = x >> 1;
  uint64_t root = 0;
  for (uint64_t bit = uint64_t{1} << 62; bit != 0; bit >>= 1) {
    uint64_t candidate = root | bit;
    uint64_t power = candidate;
    for (unsigned i = 1; i < k; ++i) power = multiply(power, candidate);
    if (power <= target) root = candidate;
  }
  return root;
}

std::vector<double> uunifast(size_t count, double total, const RandomSource& random) {
  if (count == 0) throw AnalysisError("utilisations of no task");
  if (!(total > 0 && total <= 8)) throw AnalysisError("a total utilisation lies above 0 and at most at 8");
  auto left = static_cast<uint64_t>(std::ldexp(total, kFractionBits));
  std::vector<double> utilisations;
  auto take = [&](uint64_t share) {
    utilisations.push_back(std::ldexp(static_cast<double>(share), -kFractionBits));
  };
  for (size_t others = count - 1; others > 0; --others) {
    uint64_t rest = multiply(left, root_of_fraction(random(), static_cast<unsigned>(others)));
    take(left - rest);
    left = rest;
  }
  take(left);
  return utilisations;
}

}  // namespace vesper::offline
