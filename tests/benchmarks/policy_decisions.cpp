/// Layer decisions a second of the policies in ideal use: policy and dispatcher, with the queues that
/// Sparse-Dysta's attention mix builds up at 30 requests a second. A decision is a region's end in, an
/// instruction out, releases included; only what surrounds a policy in a simulation of one server comes on
/// top.
#include <benchmark/benchmark.h>

#include <systemc>

#include "tests/conformance/dysta/mixes.h"

namespace vesper::test {
namespace {

void serve(benchmark::State& state, const PolicyChoice& choice) {
  ServerLoad load = server_load(attention_mix(), 1);
  QueueSimulator simulator(load.tasks, load.requests);
  uint64_t decisions = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(simulator.run(choice));
    decisions += simulator.decisions();
  }
  state.counters["decisions/s"] =
      benchmark::Counter(static_cast<double>(decisions), benchmark::Counter::kIsRate);
  state.counters["mean queue"] = simulator.mean_queue();
}

}  // namespace
}  // namespace vesper::test

int sc_main(int argc, char** argv) {
  using vesper::test::PolicyChoice;
  for (const char* name : {"fcfs", "sjf", "sdrm3", "prema", "planaria", "dysta", "oracle"}) {
    benchmark::RegisterBenchmark(name, [name](benchmark::State& state) {
      vesper::test::serve(state, PolicyChoice{name, "", {}});
    });
  }
  for (double arithmetic : {1.0, 2.0}) {
    benchmark::RegisterBenchmark(arithmetic == 1 ? "dysta/fp32" : "dysta/fp16", [=](benchmark::State& state) {
      vesper::test::serve(state, PolicyChoice{"dysta", "", {{"arithmetic", arithmetic}}});
    });
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

int main(int argc, char** argv) { return sc_core::sc_elab_and_sim(argc, argv); }
