/// Speed of the DDR controller through its TLM sockets, in 64-byte bursts a second, and its cost of idle
/// time.
#include <benchmark/benchmark.h>

#include "models/ddr/ddr_controller.h"
#include "tests/conformance/ddr/traffic.h"
#include "tests/unit/ddr/initiator.h"

namespace vesper::ddr {
namespace {

using testing::Initiator;

/// A controller with a reader that keeps payloads under way. A kernel runs once: all are built before it
/// starts.
struct Bench {
  Bench(const std::string& name, const char* policy, testing::Traffic accesses, uint32_t bytes, size_t ahead)
      : traffic(std::move(accesses)), size(bytes), most(ahead) {
    DdrController::Properties properties;
    properties.controller.policy = policy;
    controller = std::make_unique<DdrController>((name + "_ddr").c_str(), properties, environment);
    for (uint32_t i = 0; i < 4; ++i) {
      initiators.push_back(std::make_unique<Initiator>((name + "_" + std::to_string(i)).c_str()));
      const auto endpoint = controller->endpoint("port." + std::to_string(i));
      initiators.back()->socket.bind(*std::get<core::TargetEndpoint>(endpoint).socket);
      initiators.back()->answers.reserve(1);
    }
    reader().on_answer = [this] {
      reader().answers.clear();
      --under_way;
      fill();
    };
    reader().on_accepted = [this] {
      blocked = false;
      fill();
    };
  }
  Initiator& reader() { return *initiators[0]; }
  void fill() {
    reader().accepted.clear();
    while (running && !blocked && under_way < most) {
      const testing::Access access = traffic(sent++);
      ++under_way;
      blocked =
          !reader().send(access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, access.address, size);
    }
  }
  void run(benchmark::State& state) {
    running = true;
    fill();
    const uint64_t before = sent;
    for (auto _ : state) sc_core::sc_start(100, sc_core::SC_US);
    state.counters["bursts_per_s"] =
        benchmark::Counter(static_cast<double>((sent - before) * size / 64), benchmark::Counter::kIsRate);
    running = false;
    sc_core::sc_start(1, sc_core::SC_MS);
  }

  core::Environment environment;
  std::unique_ptr<DdrController> controller;
  std::vector<std::unique_ptr<Initiator>> initiators;
  testing::Traffic traffic;
  uint32_t size;
  size_t most;
  size_t under_way = 0;
  uint64_t sent = 0;
  bool blocked = false;
  bool running = false;
};

testing::Traffic linear() {
  return [](uint64_t k) { return testing::Access{4096 * k % (4 * testing::kGiB), false}; };
}

void register_all() {
  for (const char* policy : {"versal", "frfcfs-drain"}) {
    const std::string name = policy;
    static std::vector<std::unique_ptr<Bench>> benches;
    const auto add = [&](const std::string& what, const testing::Traffic& traffic, uint32_t bytes,
                         size_t ahead) {
      benches.push_back(std::make_unique<Bench>(name + "_" + what, policy, traffic, bytes, ahead));
      Bench* bench = benches.back().get();
      benchmark::RegisterBenchmark((what + "/" + name).c_str(),
                                   [bench](benchmark::State& state) { bench->run(state); });
    };
    add("sequential_reads_of_4_kib", linear(), 4096, 8);
    add("random_reads_of_64_b", testing::random_groups(64, false), 64, 64);
    add("random_mix_of_64_b", testing::random_mix(), 64, 64);
  }
  for (const int microseconds : {1, 1000, 1'000'000}) {
    benchmark::RegisterBenchmark(("idle_us/" + std::to_string(microseconds)).c_str(),
                                 [microseconds](benchmark::State& state) {
                                   for (auto _ : state) sc_core::sc_start(microseconds, sc_core::SC_US);
                                 })
        ->Iterations(100'000);
  }
}

}  // namespace
}  // namespace vesper::ddr

int sc_main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  vesper::ddr::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

int main(int argc, char** argv) { return sc_core::sc_elab_and_sim(argc, argv); }
