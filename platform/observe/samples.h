/// Figures of many measured times, exact whatever their number.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "platform/observe/observer.h"

namespace vesper::observe {

/// Percentiles by nearest rank: the smallest sample that at least p per cent of all samples do not exceed.
/// The mean is rounded to the nearest picosecond.
struct Distribution {
  Time mean = 0;
  Time p50 = 0;
  Time p95 = 0;
  Time p99 = 0;
  Time max = 0;
  bool operator==(const Distribution&) const = default;
};

/// Collects samples; equal ones are stored once with their count from time to time, so that long runs fit.
class Samples {
 public:
  void add(Time value) {
    recent_.push_back(value);
    sum_ += value;
    if (recent_.size() >= limit_) compact();
  }
  [[nodiscard]] uint64_t count() const { return compacted_ + recent_.size(); }
  [[nodiscard]] double sum() const { return static_cast<double>(sum_); }
  /// Nothing for no samples.
  [[nodiscard]] std::optional<Distribution> distribution();

 private:
  struct Run {
    Time value;
    uint64_t count;
  };
  static constexpr size_t kCompactAt = size_t{1} << 20;

  void compact();
  [[nodiscard]] Time percentile(unsigned percent) const;

  std::vector<Run> runs_;  ///< by rising value
  std::vector<Time> recent_;
  size_t limit_ = kCompactAt;
  uint64_t compacted_ = 0;
  unsigned __int128 sum_ = 0;
};

}  // namespace vesper::observe
