/// What IPs count by themselves, gathered at the end of a run.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "platform/observe/observer.h"

namespace vesper::core {

/// Time that requests of one requester waited for another's at a shared resource.
struct Interference {
  std::string where;  ///< the IP
  uint32_t task = 0;  ///< who waited, as JobTag::task; beyond the requesters: several that are not told apart
  uint32_t other = 0;  ///< for whom; `task` itself for a queue behind its own requests
  uint64_t ps = 0;
};

struct RunReport {
  uint64_t end_ps = 0;                                   ///< of the run
  std::vector<observe::AcceleratorTotals> accelerators;  ///< in order of their index
  std::optional<observe::FunctionalTotals> functional;   ///< of all functional accelerators
  /// Goes into summary.json as `memory`: IPs add to the lists `ddr` and `traffic`, and to `noc` (`links`, a
  /// list).
  nlohmann::ordered_json memory = nlohmann::ordered_json::object();
  std::vector<Interference> interference;
  uint64_t cpu_instructions = 0;
};

}  // namespace vesper::core
