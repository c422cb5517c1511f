#include "platform/property/random.h"

#include <bit>

namespace vesper {
namespace {

using Wide = unsigned __int128;
constexpr int kFractionBits = 48;
constexpr uint64_t kLn2Q64 = 0xB172'17F7'D1CF'79AB;  // floor(ln 2 * 2^64)

/// log2 of mantissa / 2^63, in 1..2, in units of 2^-48.
uint64_t log2_q48(uint64_t mantissa) {
  uint64_t log = 0;
  for (int bit = 0; bit < kFractionBits; ++bit) {
    Wide square = static_cast<Wide>(mantissa) * mantissa;  // in units of 2^-126
    bool carry = (square >> 127) != 0;
    mantissa = static_cast<uint64_t>(square >> (carry ? 64 : 63));
    log = log << 1 | (carry ? 1 : 0);
  }
  return log;
}

}  // namespace

uint64_t SplitMix64::up_to(uint64_t most) {
  uint64_t count = most + 1;
  if (count == 0) return next();
  for (;;) {
    Wide product = static_cast<Wide>(next()) * count;
    auto low = static_cast<uint64_t>(product);
    if (low >= count || low >= (0 - count) % count) return static_cast<uint64_t>(product >> 64);
  }
}

uint64_t negative_log_q48(uint64_t x) {
  int leading = std::countl_zero(x);
  uint64_t halvings = (static_cast<uint64_t>(leading) + 1) << kFractionBits;
  uint64_t negative_log2 = halvings - log2_q48(x << leading);
  return static_cast<uint64_t>(static_cast<Wide>(negative_log2) * kLn2Q64 >> 64);
}

uint64_t SplitMix64::exponential(uint64_t mean) {
  uint64_t x = next();
  while (x == 0) x = next();
  Wide scaled = static_cast<Wide>(negative_log_q48(x)) * mean;
  return static_cast<uint64_t>((scaled + (Wide{1} << (kFractionBits - 1))) >> kFractionBits);
}

}  // namespace vesper
