/// A small platform around the CPU: control bus, interrupt controller, timer, serial port and a probe bank
/// that records what firmware writes and raises interrupts. Addresses as sw/tests/platform.h has them.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "models/core/sim_error.h"
#include "models/cpu/control_bus.h"
#include "models/cpu/cpu.h"
#include "models/irq/gic.h"
#include "models/timer/generic_timer.h"
#include "models/uart/uart.h"
#include "sw/abi/gic.h"
#include "sw/tests/platform.h"

namespace vesper::test {

struct Recorder : observe::Observer {
  struct MarkAt {
    observe::Mark mark;
    uint32_t value;
    observe::Time at;
  };
  [[nodiscard]] uint32_t topics() const override { return wanted; }
  void mark(observe::Mark mark, uint32_t value, observe::Time at) override {
    marks.push_back({mark, value, at});
  }
  void function_entered(const observe::FunctionEntered& event) override {
    functions.emplace_back(std::string(event.name), event.at);
  }
  void log(std::string_view source, std::string_view line, observe::Time at) override {
    lines.emplace_back(line);
    log_sources.emplace_back(source);
    log_times.push_back(at);
  }
  bool signal_declared(uint32_t, const observe::SignalInfo& info) override {
    signals.push_back(info.group + ":" + info.path);
    return false;
  }
  [[nodiscard]] std::vector<observe::Time> times_of(observe::Mark mark) const {
    std::vector<observe::Time> times;
    for (const MarkAt& m : marks) {
      if (m.mark == mark) times.push_back(m.at);
    }
    return times;
  }

  uint32_t wanted = ~0U;
  std::vector<MarkAt> marks;
  std::vector<std::pair<std::string, observe::Time>> functions;
  std::vector<std::string> lines, log_sources, signals;
  std::vector<observe::Time> log_times;
};

/// Eight result words, and words that drive eight interrupt lines.
class Probe : public core::Ip {
 public:
  explicit Probe(sc_core::sc_module_name name) : Ip(name) {
    results.on_write([this](uint32_t value, uint32_t index) {
      writes.push_back({index, value, core::now_ps()});
    });
    raise.on_write([this](uint32_t line, uint32_t) { drive(line, true); });
    lower.on_write([this](uint32_t line, uint32_t) { drive(line, false); });
    raise_in.on_write([this](uint32_t after, uint32_t) { later_.notify(after, sc_core::SC_NS); });
    SC_HAS_PROCESS(Probe);
    SC_METHOD(raise_later);
    sensitive << later_;
    dont_initialize();
  }
  struct Write {
    uint32_t index;
    uint32_t value;
    uint64_t at;
  };
  core::RegisterPort regs{"regs", 0x1000};
  core::Register results{regs, "results", 0x00, core::read_write, 0, 8};
  core::Register raise{regs, "raise", 0x40, core::write_only};
  core::Register lower{regs, "lower", 0x44, core::write_only};
  core::Register raise_in{regs, "raise_in", 0x48, core::write_only};
  core::Register read_only{regs, "read_only", 0x50, core::read_only};
  std::vector<Write> writes;
  std::vector<std::pair<uint32_t, uint64_t>> raised;
  std::array<core::InterruptOut, 8> lines{
      core::InterruptOut{"0"}, core::InterruptOut{"1"}, core::InterruptOut{"2"}, core::InterruptOut{"3"},
      core::InterruptOut{"4"}, core::InterruptOut{"5"}, core::InterruptOut{"6"}, core::InterruptOut{"7"}};

 private:
  void drive(uint32_t line, bool level) {
    if (level) raised.emplace_back(line, core::now_ps());
    lines[line - kLine].set(level);
  }
  void raise_later() { drive(kLine, true); }

  sc_core::sc_event later_;
};

/// Built within a test; `Cpu::Properties` and the latencies of the bus vary.
struct CpuPlatform {
  explicit CpuPlatform(const std::string& firmware, const cpu::Cpu::Properties& cpu_properties = {},
                       const cpu::ControlBus::Properties& bus_properties = {}, uint32_t topics = ~0U,
                       const std::string& prefix = "")
      : environment(with_observer(topics)),
        cpu((prefix + "cpu").c_str(), cpu_properties, environment),
        bus((prefix + "bus").c_str(), bus_properties, environment),
        gic((prefix + "gic").c_str(), {}, environment),
        timer((prefix + "timer").c_str(), {}, environment),
        uart((prefix + "uart").c_str(), {}, environment),
        probe((prefix + "probe").c_str()) {
    core::connect(cpu.endpoint("bus"), bus.endpoint("cpu"));
    core::connect(cpu.endpoint("system"), timer.endpoint("system"));
    core::connect(gic.endpoint("irq"), cpu.endpoint("irq"));
    core::connect(timer.endpoint("irq"), gic.endpoint("30"));
    for (uint32_t i = 0; i < 8; ++i) core::connect(&probe.lines[i], gic.endpoint(std::to_string(kLine + i)));
    bus.map(kGic, gic.regs.size(), gic.regs.socket, "gic");
    bus.map(kUart, uart.regs.size(), uart.regs.socket, "uart");
    bus.map(kProbe, probe.regs.size(), probe.regs.socket, "probe");
    cpu.load(cpu::ElfImage::load(std::string(VESPER_FIRMWARE_DIR) + "/test_" + firmware + ".elf"));
  }

  void run(uint64_t ps = 1'000'000'000) { sc_core::sc_start(core::to_time(ps)); }

  [[nodiscard]] std::vector<uint32_t> results() const {
    std::vector<uint32_t> values(8, 0xDEAD);
    for (const Probe::Write& write : probe.writes) values[write.index] = write.value;
    return values;
  }

  Recorder recorder;
  observe::ObserverHub hub;
  core::Environment environment;
  cpu::Cpu cpu;
  cpu::ControlBus bus;
  irq::Gic gic;
  timer::GenericTimer timer;
  uart::Uart uart;
  Probe probe;

 private:
  core::Environment with_observer(uint32_t topics) {
    recorder.wanted = topics;
    hub.join(recorder);
    core::Environment made;
    made.observers = &hub;
    return made;
  }
};

}  // namespace vesper::test
