#include "platform/observe/performance.h"

#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "platform/observe/format.h"

namespace vesper::observe {
namespace {

uint64_t peak_rss_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;  // getrusage(2): kilobytes
}

}  // namespace

double PerformanceMeter::wall_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

nlohmann::ordered_json PerformanceMeter::json(Time simulated, uint64_t regions,
                                              const nlohmann::ordered_json& more) const {
  double wall = wall_seconds();
  double simulated_s = static_cast<double>(simulated) / static_cast<double>(kPicosecondsPerSecond);
  nlohmann::ordered_json out = {{"wall_s", wall},
                                {"simulated_s", simulated_s},
                                {"simulated_per_wall", simulated_s / wall},
                                {"regions", regions},
                                {"regions_per_s", static_cast<double>(regions) / wall},
                                {"peak_rss_bytes", peak_rss_bytes()}};
  for (const auto& [name, value] : more.items()) {
    out[name] = value;
    if (value.is_number()) out[name + "_per_s"] = value.get<double>() / wall;
  }
  return out;
}

}  // namespace vesper::observe
