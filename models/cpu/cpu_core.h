/// The seam between the CPU model, which knows time and buses, and an instruction-set simulator, which knows
/// neither: a core runs instructions, counts them, and asks its client for everything outside private memory.
/// SystemC-free; UnicornCore is the implementation.
///
/// Blocks      instructions run in straight-line blocks. Budget, interrupts and the watch are looked at on
///             entry to a block, never inside one.
/// Counting    `executed()` counts instructions; during a callback the whole block that makes it is counted.
/// Aborts      a load or store the client refuses raises a synchronous external abort: ESR_EL1, FAR_EL1 and
///             ELR_EL1 are set and the handler at VBAR_EL1 runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "models/cpu/debug_points.h"

namespace vesper::cpu {

/// A system register by its encoding, fields as MRS and MSR carry them.
constexpr uint32_t system_register(uint32_t op0, uint32_t op1, uint32_t crn, uint32_t crm, uint32_t op2) {
  return op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;
}

/// What a core asks of its surroundings while it runs. All of it may take simulated time; all may throw.
class CoreClient {
 public:
  CoreClient() = default;
  CoreClient(const CoreClient&) = delete;
  CoreClient& operator=(const CoreClient&) = delete;
  virtual ~CoreClient() = default;

  /// An access outside private memory, 1, 2 or 4 bytes; a 64-bit one comes as two. False is a bus error.
  virtual bool read(uint64_t address, unsigned size, uint32_t& value) = 0;
  virtual bool write(uint64_t address, unsigned size, uint32_t value) = 0;
  /// A system register the core may not answer by itself (the timers'); false leaves it to the core.
  virtual bool read_system(uint32_t encoding, uint64_t& value) = 0;
  virtual bool write_system(uint32_t encoding, uint64_t value) = 0;
  /// The core took an interrupt; it goes on at the IRQ vector.
  virtual void interrupt_taken() = 0;
  /// While `watch(true)`: a block begins at `pc`; it is not counted yet.
  virtual void block_entered(uint64_t pc) = 0;
  /// The core halts in front of `pc()` for a debugger, outside any access; it goes on when this returns.
  virtual void debug_halted(const HaltEvent& event) = 0;
};

enum class Stop : uint8_t {
  budget,              ///< the instructions asked for are done, or `stop()` was called
  wait_for_interrupt,  ///< after WFI
  semihosting,         ///< after HLT #0xF000; operation in x0, parameter in x1
  fault,               ///< `fault()` says why the core cannot go on
};

class CpuCore {
 public:
  CpuCore() = default;
  CpuCore(const CpuCore&) = delete;
  CpuCore& operator=(const CpuCore&) = delete;
  virtual ~CpuCore() = default;

  /// Private memory, whole 4 KiB pages, used in place.
  virtual void map_memory(uint64_t base, std::span<std::byte> memory) = 0;
  /// Everything that is no memory yet goes to the client from now on. Call once, before running.
  virtual void map_rest_to_client() = 0;

  /// Architectural reset: EL1h, interrupts masked, execution at `pc`.
  virtual void reset(uint64_t pc) = 0;
  /// Runs whole blocks until at least `instructions` are done or a reason to stop comes.
  virtual Stop run(uint64_t instructions) = 0;
  /// Ends `run` at the next block; for callbacks.
  virtual void stop() = 0;
  /// The IRQ input, level-sensitive; may be called from callbacks.
  virtual void interrupt(bool level) = 0;
  virtual void watch(bool on) = 0;

  [[nodiscard]] virtual uint64_t executed() const = 0;
  [[nodiscard]] virtual const std::string& fault() const = 0;
  /// x0..x30; 31 is the stack pointer.
  [[nodiscard]] virtual uint64_t x(unsigned n) const = 0;
  virtual void set_x(unsigned n, uint64_t value) = 0;
  /// The next instruction; during a callback, the start of the block.
  [[nodiscard]] virtual uint64_t pc() const = 0;

  // For a debugger, while the core is halted (debug_halted) or does not run. Counts and blocks are the same
  // with and without.

  virtual bool read_register(unsigned number, std::span<std::byte> value) const = 0;
  virtual bool write_register(unsigned number, std::span<const std::byte> value) = 0;
  /// Memory was written from outside: instructions there are new.
  virtual void memory_written(uint64_t address, uint64_t bytes) = 0;
  virtual DebugPoints& debug_points() = 0;
  /// Halts at the next block; may be called at any time.
  virtual void ask_to_halt() = 0;
};

}  // namespace vesper::cpu
