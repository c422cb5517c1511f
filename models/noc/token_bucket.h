/// Bandwidth regulation: a bucket of `burst` bytes that fills at `rate`. Integer arithmetic in bytes x hertz.
#pragma once

#include <algorithm>
#include <cstdint>

namespace vesper::noc {

class TokenBucket {
 public:
  /// A rate of 0 does not regulate.
  TokenBucket(uint64_t bytes_per_second, uint64_t burst_bytes, uint64_t clock_hz)
      : rate_(bytes_per_second), clock_hz_(clock_hz), capacity_(burst_bytes * clock_hz), level_(capacity_) {}

  /// The first cycle at or after `cycle` at which `bytes` may pass; `bytes` is at most the burst.
  [[nodiscard]] uint64_t ready(uint64_t bytes, uint64_t cycle) {
    if (rate_ == 0) return cycle;
    fill(cycle);
    uint64_t need = std::min(bytes * clock_hz_, capacity_);
    return level_ >= need ? cycle : cycle + (need - level_ + rate_ - 1) / rate_;
  }
  void take(uint64_t bytes, uint64_t cycle) {
    if (rate_ == 0) return;
    fill(cycle);
    level_ -= std::min(bytes * clock_hz_, level_);
  }

 private:
  void fill(uint64_t cycle) {
    uint64_t enough = (capacity_ - level_) / rate_ + 1;
    level_ = std::min(capacity_, level_ + std::min(cycle - filled_, enough) * rate_);
    filled_ = cycle;
  }

  uint64_t rate_;
  uint64_t clock_hz_;
  uint64_t capacity_;
  uint64_t level_;
  uint64_t filled_ = 0;
};

}  // namespace vesper::noc
