/// The traffic of the reference points, as formulas of the request's number k.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

namespace vesper::ddr::testing {

struct Access {
  uint64_t address = 0;
  bool write = false;
};
/// The accesses 0, 1, 2, ... in order.
using Traffic = std::function<Access(uint64_t k)>;

/// splitmix64 (Steele, Lea, Flood 2014).
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;
constexpr uint64_t kGiB = 1024 * kMiB;

inline Traffic sequential(bool write) {
  return [write](uint64_t k) { return Access{64 * k, write}; };
}

/// Random groups of `burst` bytes over 1 GiB, each read or written in order.
inline Traffic random_groups(uint64_t burst, bool write) {
  return [=, random = SplitMix64{1}, base = uint64_t{0}](uint64_t k) mutable {
    const uint64_t lines = burst / 64;
    if (k % lines == 0) base = random.next() % (kGiB / burst) * burst;
    return Access{base + 64 * (k % lines), write};
  };
}

inline Traffic random_mix() {
  return [random = SplitMix64{1}](uint64_t) mutable {
    const uint64_t draw = random.next();
    return Access{draw % (kGiB / 64) * 64, (draw >> 60 & 1) != 0};
  };
}

/// `count` streams in turn, each `pitch` bytes from the last; stream s writes if `writes(s)`.
inline Traffic streams(uint64_t count, uint64_t pitch, std::function<bool(uint64_t)> writes) {
  return [=](uint64_t k) {
    const uint64_t s = k % count;
    return Access{s * pitch + 64 * (k / count), writes(s)};
  };
}

/// 256-byte bursts round robin over four streams, 0 and 1 reading, 2 and 3 writing.
inline Traffic two_readers_two_writers(uint64_t pitch) {
  return [=](uint64_t k) {
    const uint64_t burst = k / 4;
    const uint64_t s = burst % 4;
    return Access{s * pitch + burst / 4 * 256 + k % 4 * 64, s >= 2};
  };
}

inline Traffic stride_4k() {
  return [](uint64_t k) { return Access{4096 * k % kGiB + 64 * (4096 * k / kGiB), false}; };
}

/// Traffic by the name it has in ddr.json.
inline Traffic traffic_named(const std::string& name) {
  const auto second = [](uint64_t s) { return s == 1; };
  const auto none = [](uint64_t) { return false; };
  if (name == "a_seq_read") return sequential(false);
  if (name == "b_seq_write") return sequential(true);
  if (name == "c_rand_read" || name == "g_low_load") return random_groups(64, false);
  if (name == "c2_rand_write") return random_groups(64, true);
  if (name == "c3_rand_mix") return random_mix();
  if (name == "d_mix_aligned") return streams(2, 256 * kMiB, second);
  if (name == "d2_mix_staggered") return streams(2, 256 * kMiB + 64 * kKiB, second);
  if (name == "e_4str_aligned") return streams(4, 256 * kMiB, none);
  if (name == "e2_4str_staggered") return streams(4, 256 * kMiB + 32 * kKiB, none);
  if (name == "f_stride4k") return stride_4k();
  if (name == "h_rand128_read") return random_groups(128, false);
  if (name == "h4_rand256_read") return random_groups(256, false);
  if (name == "h2_2r2w_aligned") return two_readers_two_writers(256 * kMiB);
  if (name == "h3_2r2w_staggered") return two_readers_two_writers(256 * kMiB + 32 * kKiB);
  if (name == "h5_2r2w_32MB") return two_readers_two_writers(32 * kMiB);
  throw std::invalid_argument("no traffic " + name);
}

}  // namespace vesper::ddr::testing
