// Speed of the network core on a 4x4 mesh with 256 B packets (16 flits) under uniform Bernoulli load, one
// core. Arguments: flits a grant (fabric.h), load in hundredths of a flit per endpoint and cycle.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <systemc>

#include "models/noc/fabric.h"

namespace vesper::noc {
namespace {

constexpr unsigned kEndpoints = 16;
constexpr unsigned kFlits = 16;

struct Counter : DeliveryListener {
  void delivered(const Packet&, uint8_t, uint64_t) override { ++packets; }
  uint64_t packets = 0;
};

/// Offers packets of 16 flits at every endpoint; gaps of the Bernoulli process come from a table of its
/// quantiles, so that the measurement is of the network rather than of logarithms.
class UniformLoad {
 public:
  explicit UniformLoad(double flit_rate) {
    double p = flit_rate / kFlits;
    for (size_t i = 0; i < gaps_.size(); ++i) {
      double quantile = (static_cast<double>(i) + 0.5) / static_cast<double>(gaps_.size());
      gaps_[i] = 1 + static_cast<uint64_t>(std::log1p(-quantile) / std::log1p(-p));
    }
    for (uint64_t& next : next_) next = gaps_[random() % gaps_.size()];
  }
  void run(Fabric& fabric, uint64_t cycles) {
    for (uint64_t end = now_ + cycles; now_ < end;) {
      auto source = std::min_element(next_.begin(), next_.end());
      now_ = *source;
      uint64_t bits = random();
      *source += gaps_[bits % gaps_.size()];
      fabric.inject({.source = static_cast<EndpointId>(source - next_.begin()),
                     .destination = static_cast<EndpointId>(bits >> 60),
                     .flits = kFlits},
                    now_);
    }
    fabric.run_until(now_);
  }

 private:
  uint64_t random() {  // splitmix64
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::array<uint64_t, 4096> gaps_{};
  std::array<uint64_t, kEndpoints> next_{};
  uint64_t state_ = 1;
  uint64_t now_ = 0;
};

void uniform_load(benchmark::State& state) {
  Topology mesh = make_mesh(4, 4);
  Counter sink;
  Fabric fabric(mesh, {.grant_flits = static_cast<unsigned>(state.range(0))}, sink);
  UniformLoad load(static_cast<double>(state.range(1)) / 100);
  load.run(fabric, 10'000);
  sink.packets = 0;
  for (auto _ : state) load.run(fabric, 100'000);
  state.counters["packets/s"] =
      benchmark::Counter(static_cast<double>(sink.packets), benchmark::Counter::kIsRate);
}
BENCHMARK(uniform_load)
    ->ArgNames({"grant_flits", "load"})
    ->ArgsProduct({{1, 3, 16}, {1, 10, 30, 50}})
    ->Unit(benchmark::kMillisecond);

/// Packets with idle time between them: cost goes with packets, not with simulated time.
void idle_time(benchmark::State& state) {
  auto gap = static_cast<uint64_t>(state.range(0));
  Topology mesh = make_mesh(4, 4);
  Counter sink;
  Fabric fabric(mesh, {}, sink);
  uint64_t cycle = 0;
  EndpointId from = 0;
  for (auto _ : state) {
    cycle += gap;
    fabric.inject({.source = from, .destination = static_cast<EndpointId>(15 - from), .flits = kFlits},
                  cycle);
    from = static_cast<EndpointId>((from + 1) % kEndpoints);
  }
  state.counters["packets/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(idle_time)->ArgName("gap")->Arg(100)->Arg(10'000)->Arg(100'000'000);

}  // namespace
}  // namespace vesper::noc

int sc_main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

int main(int argc, char** argv) { return sc_core::sc_elab_and_sim(argc, argv); }
