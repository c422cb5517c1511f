/// Instructions a second of the CPU host in simulation, on a priority queue of 50 jobs
/// (sw/tests/branchy.cpp): the core with its hooks, bare, with the activity of a busy memory system around
/// it, and with the function trace on.
#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <systemc>

#include "models/cpu/control_bus.h"
#include "models/cpu/cpu.h"
#include "models/cpu/unicorn_core.h"

namespace {

using namespace vesper;

/// Something that happens every `period`, as a memory system's events would.
struct Activity : sc_core::sc_module {
  Activity(sc_core::sc_module_name name, const sc_core::sc_time& every) : sc_module(name), period(every) {
    SC_HAS_PROCESS(Activity);
    SC_METHOD(happen);
  }
  void happen() { next_trigger(period); }
  sc_core::sc_time period;
};

struct FunctionListener : observe::Observer {
  [[nodiscard]] uint32_t topics() const override { return bit(observe::Topic::function); }
  void function_entered(const observe::FunctionEntered&) override { ++entered; }
  uint64_t entered = 0;
};

struct Platform {
  Platform(const std::string& name, const cpu::Cpu::Properties& properties,
           const core::Environment& environment)
      : cpu((name + "_cpu").c_str(), properties, environment), bus((name + "_bus").c_str(), {}, environment) {
    core::connect(cpu.endpoint("bus"), bus.endpoint("cpu"));
  }
  cpu::Cpu cpu;
  cpu::ControlBus bus;
};

void measure(benchmark::State& state, Platform& platform) {
  uint64_t before = platform.cpu.instructions();
  for (auto _ : state) sc_core::sc_start(1, sc_core::SC_MS);
  state.counters["instructions/s"] = benchmark::Counter(
      static_cast<double>(platform.cpu.instructions() - before), benchmark::Counter::kIsRate);
}

struct NoClient : cpu::CoreClient {
  void debug_halted(const cpu::HaltEvent&) override {}
  bool read(uint64_t, unsigned, uint32_t&) override { return false; }
  bool write(uint64_t, unsigned, uint32_t) override { return false; }
  bool read_system(uint32_t, uint64_t&) override { return false; }
  bool write_system(uint32_t, uint64_t) override { return false; }
  void interrupt_taken() override {}
  void block_entered(uint64_t) override {}
};

/// The core without SystemC, in slices of `range(0)` instructions.
void core_alone(benchmark::State& state) {
  auto image = cpu::ElfImage::load(VESPER_FIRMWARE_DIR "/test_branchy.elf");
  constexpr uint64_t kBase = 0x10000;
  constexpr size_t kBytes = 960 << 10;
  std::unique_ptr<std::byte[]> memory(new (std::align_val_t{4096}) std::byte[kBytes]{});
  NoClient client;
  cpu::UnicornCore core(client);
  core.map_memory(kBase, {memory.get(), kBytes});
  core.map_rest_to_client();
  image.place({memory.get(), kBytes}, kBase);
  core.reset(image.entry());
  core.run(1'000'000);
  uint64_t before = core.executed();
  for (auto _ : state) core.run(static_cast<uint64_t>(state.range(0)));
  state.counters["instructions/s"] =
      benchmark::Counter(static_cast<double>(core.executed() - before), benchmark::Counter::kIsRate);
}
BENCHMARK(core_alone)->Arg(140)->Arg(10'000)->Arg(1'000'000);

enum class Setting { alone, busy, exact, traced };

const char* name_of(Setting setting) {
  constexpr const char* kNames[] = {"alone", "busy", "busy_quantum_0", "function_trace"};
  return kNames[static_cast<int>(setting)];
}

void run_setting(Setting setting) {
  observe::ObserverHub hub;
  FunctionListener listener;
  if (setting == Setting::traced) hub.join(listener);
  core::Environment environment;
  environment.observers = &hub;
  cpu::Cpu::Properties properties;
  properties.firmware = VESPER_FIRMWARE_DIR "/test_branchy.elf";
  if (setting == Setting::exact) properties.quantum = ns(0);
  Platform platform("platform", properties, environment);
  std::unique_ptr<Activity> activity;
  if (setting == Setting::busy || setting == Setting::exact) {
    activity = std::make_unique<Activity>("activity", sc_core::sc_time(16, sc_core::SC_NS));
  }
  benchmark::RegisterBenchmark((std::string("cpu_host/") + name_of(setting)).c_str(),
                               [&](benchmark::State& state) { measure(state, platform); });
  benchmark::RunSpecifiedBenchmarks();
}

Setting chosen = Setting::alone;

}  // namespace

int sc_main(int, char**) {
  run_setting(chosen);
  return 0;
}

/// A SystemC kernel cannot be rebuilt: every setting runs in a process of its own.
int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (Setting setting : {Setting::alone, Setting::busy, Setting::exact, Setting::traced}) {
    pid_t child = fork();
    if (child == 0) {
      if (setting != Setting::alone) benchmark::ClearRegisteredBenchmarks();
      chosen = setting;
      return sc_core::sc_elab_and_sim(argc, argv);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) return 1;
  }
  return 0;
}
