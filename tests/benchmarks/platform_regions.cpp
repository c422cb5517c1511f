// Regions a second of the whole platform: `fixed` memory, hardware placement, no outputs. Goal: 1 million.
// Further arguments override properties: bench_platform_regions scheduler.granularity=placed. A first one
// that names a scenario replaces it: bench_platform_regions scenarios/demo/sparse_vision.yaml
// scheduler.placement=ideal
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

std::string path = VESPER_SOURCE_DIR "/scenarios/derca/mlp1.yaml";
std::vector<std::string> overrides{"tasks.first.utilisation=0.7"};

bool names_scenario(std::string_view argument) { return argument.ends_with(".yaml"); }

/// One system a process: every iteration simulates the next ten seconds of it.
void regions_per_second(benchmark::State& state) {
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
    system->run_until(core::now_ps() + 10'000'000'000'000);
  }
  state.counters["regions"] =
      benchmark::Counter(static_cast<double>(counter.regions), benchmark::Counter::kIsRate);
}
BENCHMARK(regions_per_second)->Unit(benchmark::kMillisecond);

}  // namespace

int sc_main(int /*argc*/, char** /*argv*/) { return 0; }

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  int first = 1;
  if (argc > 1 && names_scenario(argv[1])) {
    path = argv[first++];
    overrides.clear();
  }
  overrides.insert(overrides.end(), argv + first, argv + argc);
  benchmark::RunSpecifiedBenchmarks();
}
