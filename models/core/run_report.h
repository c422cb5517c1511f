/// What IPs count by themselves, gathered at the end of a run.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "platform/observe/observer.h"

namespace vesper::core {

struct RunReport {
  uint64_t end_ps = 0;                                   ///< of the run
  std::vector<observe::AcceleratorTotals> accelerators;  ///< in order of their index
  /// Goes into summary.json as `memory`: IPs add to `ddr` (a list) and `noc` (`links`, a list).
  nlohmann::ordered_json memory = nlohmann::ordered_json::object();
  uint64_t cpu_instructions = 0;
};

}  // namespace vesper::core
