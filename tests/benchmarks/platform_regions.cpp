// Regions a second of the whole platform: `fixed` memory, hardware placement, no outputs. Goal: 1 million.
// Further arguments override properties: bench_platform_regions scheduler.granularity=placed. A first one
// that names a scenario replaces it: bench_platform_regions scenarios/demo/sparse_vision.yaml
// scheduler.placement=ideal
#include <systemc>

#include "tests/benchmarks/region_rate.h"

namespace {

using namespace vesper;

std::string path = VESPER_SOURCE_DIR "/scenarios/derca/mlp1.yaml";
std::vector<std::string> overrides{"tasks.first.utilisation=0.7"};

bool names_scenario(std::string_view argument) { return argument.ends_with(".yaml"); }

void regions_per_second(benchmark::State& state) {
  bench::measure_region_rate(state, path, overrides, 10'000'000'000'000, "regions");
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
