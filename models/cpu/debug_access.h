/// The debugger of a CPU and what it may touch of it.
#pragma once

#include "models/cpu/cpu.h"
#include "models/cpu/debugger.h"

namespace vesper::cpu {

class Cpu::DebugAccess final : public DebugTarget {
 public:
  DebugAccess(Cpu& cpu, Debugger& debugger) : cpu_(cpu), debugger_(debugger) {}

  /// The CPU halts; false: the simulation is to end.
  bool halt(const HaltEvent& event) { return debugger_.halted(*this, event); }

  bool read_register(unsigned number, std::span<std::byte> value) override;
  bool write_register(unsigned number, std::span<const std::byte> value) override;
  bool read_memory(uint64_t address, std::span<std::byte> bytes) override;
  bool write_memory(uint64_t address, std::span<const std::byte> bytes) override;
  void set_breakpoint(uint64_t address, bool set) override;
  void set_watchpoint(const Watchpoint& watchpoint, bool set) override;
  void step(uint64_t begin, uint64_t end) override;

 private:
  bool transport(tlm::tlm_command command, uint64_t address, std::byte* bytes, size_t count);
  std::byte* private_memory(uint64_t address, size_t bytes);

  Cpu& cpu_;
  Debugger& debugger_;
};

}  // namespace vesper::cpu
