/// Random numbers that are the same on every machine: integer arithmetic alone, no std:: distribution.
#pragma once

#include <cstdint>
#include <string_view>

namespace vesper {

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
class SplitMix64 {
 public:
  explicit constexpr SplitMix64(uint64_t seed) : state_(seed) {}

  constexpr uint64_t next() {
    state_ += 0x9E37'79B9'7F4A'7C15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return z ^ (z >> 31);
  }

  /// Uniform over 0..most, without bias (Lemire: Fast random integer generation in an interval, 2019).
  uint64_t up_to(uint64_t most);
  /// Exponentially distributed with the given mean, in its unit, rounded to nearest.
  uint64_t exponential(uint64_t mean);

 private:
  uint64_t state_;
};

/// The seed of a task's own stream, so that one task's draws do not depend on another's.
constexpr uint64_t stream_seed(uint64_t run_seed, uint64_t stream) {
  SplitMix64 mix(run_seed);
  SplitMix64 streams(mix.next() + stream);
  return streams.next();
}

/// A number for a name, as a stream: Fowler, Noll, Vo's 64-bit FNV-1a.
constexpr uint64_t fnv1a(std::string_view text) {
  uint64_t hash = 0xCBF2'9CE4'8422'2325;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
  return hash;
}

/// -ln(x / 2^64) for x in 1..2^64-1 in units of 2^-48, within 2^-46: binary logarithm by repeated squaring
/// (Knuth, The Art of Computer Programming, volume 1, section 1.2.2, exercise 25), times ln 2.
uint64_t negative_log_q48(uint64_t x);

}  // namespace vesper
