/// Regions a second of a scenario without outputs, simulated on and on in one process.
#pragma once

#include <benchmark/benchmark.h>

#include "models/core/ip.h"
#include "platform/builder/system.h"

namespace vesper::bench {

/// Counts regions; nothing else watches.
class RegionCounter final : public observe::Observer {
 public:
  [[nodiscard]] uint32_t topics() const override { return observe::bit(observe::Topic::region); }
  void region_ended(const observe::RegionEnded&) override { ++regions; }
  uint64_t regions = 0;
};

/// Every iteration simulates the next `step_ps` of the scenario; the rate is told as `counter_name`. There is
/// one system a process: the first call builds it.
inline void measure_region_rate(benchmark::State& state, const std::string& path,
                                const std::vector<std::string>& overrides, uint64_t step_ps,
                                const char* counter_name) {
  static RegionCounter counter;
  static observe::ObserverHub hub;
  static const scenario::Scenario scenario = scenario::read_scenario(path, overrides);
  static builder::System* system = [] {
    hub.join(counter);
    return new builder::System(scenario, builder::lower_tasks(scenario), hub);
  }();
  counter.regions = 0;
  for (auto step : state) {
    (void)step;
    system->run_until(core::now_ps() + step_ps);
  }
  state.counters[counter_name] =
      benchmark::Counter(static_cast<double>(counter.regions), benchmark::Counter::kIsRate);
}

}  // namespace vesper::bench
