/// Speed of the DDR controller's core, in 64-byte bursts a second, and its cost of idle time.
#include <benchmark/benchmark.h>

#include <systemc>

#include "models/ddr/controller.h"
#include "tests/conformance/ddr/traffic.h"

namespace vesper::ddr {
namespace {

constexpr const char* kPolicies[] = {"versal", "frfcfs-drain"};

/// Keeps `ahead` requests of `bytes` under way.
void run(benchmark::State& state, const testing::Traffic& traffic, uint32_t bytes, size_t ahead) {
  ControllerSettings settings;
  settings.policy = kPolicies[state.range(0)];
  const auto controller = make_controller(Part{}, settings);
  testing::Traffic next = traffic;
  uint64_t sent = 0;
  Clock now = 0;
  for (auto _ : state) {
    for (int i = 0; i < 1000; ++i) {
      while (controller->requests_under_way() < ahead) {
        const testing::Access access = next(sent++);
        controller->submit({.address = access.address, .bytes = bytes, .write = access.write}, now);
      }
      now = std::min(controller->next_completion(), controller->first_known()) + 1;
      controller->advance(now);
      Completed completed;
      while (controller->take_completed(now, completed)) benchmark::DoNotOptimize(completed);
    }
  }
  state.counters["bursts_per_s"] =
      benchmark::Counter(static_cast<double>(sent * bytes / 64), benchmark::Counter::kIsRate);
  state.SetLabel(settings.policy);
}

void sequential_reads_of_4_kib(benchmark::State& state) {
  run(
      state,
      [](uint64_t k) {
        return testing::Access{4096 * k % (testing::kGiB * 4), false};
      },
      4096, 8);
}
BENCHMARK(sequential_reads_of_4_kib)->Arg(0)->Arg(1);

void sequential_writes_of_4_kib(benchmark::State& state) {
  run(
      state,
      [](uint64_t k) {
        return testing::Access{4096 * k % (testing::kGiB * 4), true};
      },
      4096, 8);
}
BENCHMARK(sequential_writes_of_4_kib)->Arg(0)->Arg(1);

void random_reads_of_64_b(benchmark::State& state) { run(state, testing::random_groups(64, false), 64, 64); }
BENCHMARK(random_reads_of_64_b)->Arg(0)->Arg(1);

void random_mix_of_64_b(benchmark::State& state) { run(state, testing::random_mix(), 64, 64); }
BENCHMARK(random_mix_of_64_b)->Arg(0)->Arg(1);

/// A read after so many microseconds of idle time: the cost must not depend on them.
void read_after_idle_us(benchmark::State& state) {
  const auto controller = make_controller(Part{}, ControllerSettings{});
  const Clock idle = static_cast<Clock>(state.range(0)) * 1600;
  Clock now = 0;
  for (auto _ : state) {
    now += idle;
    controller->advance(now);
    controller->submit({.address = 64, .bytes = 64}, now);
    now += 2000;
    controller->advance(now);
    Completed completed;
    while (controller->take_completed(now, completed)) benchmark::DoNotOptimize(completed);
  }
}
BENCHMARK(read_after_idle_us)->Arg(1)->Arg(1000)->Arg(1'000'000);

}  // namespace
}  // namespace vesper::ddr

int sc_main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

int main(int argc, char** argv) { return sc_core::sc_elab_and_sim(argc, argv); }
