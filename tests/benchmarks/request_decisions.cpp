// Layer decisions a second in ideal placement, short queues, no outputs. Goal: 2 million.
// Further arguments override properties: bench_request_decisions scheduler.policy=fcfs
#include <systemc>

#include "tests/benchmarks/region_rate.h"

namespace {

using namespace vesper;

std::vector<std::string> overrides{"requests.count=200000", "requests.rate=10"};

void decisions_per_second(benchmark::State& state) {
  bench::measure_region_rate(state, VESPER_SOURCE_DIR "/scenarios/dysta/attention.yaml", overrides,
                             100'000'000'000'000, "decisions");
}
BENCHMARK(decisions_per_second)->Iterations(150)->Unit(benchmark::kMillisecond);

}  // namespace

int sc_main(int /*argc*/, char** /*argv*/) { return 0; }

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  overrides.insert(overrides.end(), argv + 1, argv + argc);
  benchmark::RunSpecifiedBenchmarks();
}
