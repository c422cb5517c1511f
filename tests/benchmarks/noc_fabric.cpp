// Speed of the network core on a 4x4 mesh with 256 B packets (16 flits) under uniform Bernoulli load, one core.
// Arguments: flits a grant (fabric.h), load in hundredths of a flit per endpoint and cycle.

#include <benchmark/benchmark.h>

#include "tests/conformance/noc/bernoulli.h"

namespace vesper::noc {
namespace {

void uniform_load(benchmark::State& state) {
  BernoulliRun run{.packet_flits = 16, .flit_rate = static_cast<double>(state.range(1)) / 100, .cycles = 400'000};
  FabricParameters parameters{.grant_flits = static_cast<unsigned>(state.range(0))};
  uint64_t packets = 0;
  for (auto _ : state) packets += BernoulliTraffic(run, parameters).measure().packets;
  state.counters["packets/s"] = benchmark::Counter(static_cast<double>(packets), benchmark::Counter::kIsRate);
}
BENCHMARK(uniform_load)
    ->ArgNames({"grant_flits", "load"})
    ->ArgsProduct({{1, 4, 16}, {10, 30, 50}})
    ->Unit(benchmark::kMillisecond);

/// The same number of packets with idle time between them: cost goes with packets, not with simulated time.
void idle_time(benchmark::State& state) {
  auto gap = static_cast<uint64_t>(state.range(0));
  Topology mesh = make_mesh(4, 4);
  struct Sink : DeliveryListener {
    void delivered(const Packet&, uint8_t, uint64_t) override { ++packets; }
    uint64_t packets = 0;
  } sink;
  Fabric fabric(mesh, {.grant_flits = 16}, sink);
  uint64_t cycle = 0;
  EndpointId from = 0;
  for (auto _ : state) {
    cycle += gap;
    fabric.inject({.source = from, .destination = static_cast<EndpointId>(15 - from), .flits = 16}, cycle);
    from = static_cast<EndpointId>((from + 1) % 16);
    fabric.run_until(cycle);
  }
  state.counters["packets/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(idle_time)->ArgName("gap")->Arg(100)->Arg(10'000)->Arg(100'000'000);

}  // namespace
}  // namespace vesper::noc
