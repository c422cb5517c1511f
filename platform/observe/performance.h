/// How fast the simulator was: `performance.json`. The one output that differs from run to run.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "platform/observe/observer.h"

namespace vesper::observe {

class PerformanceMeter {
 public:
  PerformanceMeter() : start_(std::chrono::steady_clock::now()) {}

  [[nodiscard]] double wall_seconds() const;
  /// wall_s, simulated_s, simulated_per_wall, regions, regions_per_s, peak_rss_bytes, then the members of
  /// `more`; each number in `more` also gives `<name>_per_s`.
  [[nodiscard]] nlohmann::ordered_json json(Time simulated, uint64_t regions,
                                            const nlohmann::ordered_json& more) const;

 private:
  std::chrono::steady_clock::time_point start_;
};

}  // namespace vesper::observe
