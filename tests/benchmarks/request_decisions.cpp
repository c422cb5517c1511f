// Layer decisions a second in ideal placement, short queues, no outputs. Goal: 2 million.
// Further arguments override properties: bench_request_decisions scheduler.policy=fcfs
#include <benchmark/benchmark.h>

#include <systemc>

#include "models/core/ip.h"
#include "platform/builder/system.h"

namespace {

using namespace vesper;

/// Counts regions; nothing else watches.
class RegionCounter final : public observe::Observer {
 public:
  [[nodiscard]] uint32_t topics() const override { return observe::bit(observe::Topic::region); }
  void region_ended(const observe::RegionEnded&) override { ++regions; }
  uint64_t regions = 0;
};

std::vector<std::string> overrides{"requests.count=200000", "requests.rate=10"};

/// One system a process: every iteration simulates the next hundred seconds of it.
void decisions_per_second(benchmark::State& state) {
  static RegionCounter counter;
  static observe::ObserverHub hub;
  static const scenario::Scenario scenario =
      scenario::read_scenario(VESPER_SOURCE_DIR "/scenarios/dysta/attention.yaml", overrides);
  static builder::System* system = [] {
    hub.join(counter);
    return new builder::System(scenario, builder::lower_tasks(scenario), hub);
  }();
  counter.regions = 0;
  for (auto step : state) {
    (void)step;
    system->run_until(core::now_ps() + 100'000'000'000'000);
  }
  state.counters["decisions"] =
      benchmark::Counter(static_cast<double>(counter.regions), benchmark::Counter::kIsRate);
}
BENCHMARK(decisions_per_second)->Iterations(150)->Unit(benchmark::kMillisecond);

}  // namespace

int sc_main(int /*argc*/, char** /*argv*/) { return 0; }

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  overrides.insert(overrides.end(), argv + 1, argv + argc);
  benchmark::RunSpecifiedBenchmarks();
}
