/// The seam between the CPU and a debugger of its firmware: the CPU halts and asks its debugger how to go on.
///
/// While the debugger thinks, simulated time stands still. Halting changes nothing: blocks are charged as
/// without a debugger, so that a run with halts, steps and breakpoints takes the same simulated time and
/// leaves the same results, unless registers or memory are changed. SystemC-free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace vesper::cpu {

/// A register as a debugger sees it.
struct DebugRegister {
  const char* name;
  unsigned bits;
};

/// x0..x30, sp, pc, cpsr; v0..v31, fpsr, fpcr; then system registers of EL1. Their index is their number.
std::span<const DebugRegister> debug_registers();
constexpr unsigned kDebugPc = 32;
constexpr unsigned kFirstDebugVector = 34;
constexpr unsigned kFirstDebugSystem = 68;

enum class Watch : uint8_t { write, read, access };
struct Watchpoint {
  uint64_t address = 0;
  uint64_t bytes = 1;
  Watch kind = Watch::write;
  bool operator==(const Watchpoint&) const = default;
};

enum class HaltReason : uint8_t {
  asked,       ///< at the start, or by ask_to_halt
  step,        ///< the step is done
  breakpoint,  ///< in front of the instruction there
  watchpoint,  ///< in front of an instruction that would access watched memory
  failure,     ///< firmware cannot go on: `text` says why
};
struct HaltEvent {
  HaltReason reason = HaltReason::asked;
  Watchpoint watchpoint = {};  ///< the one that was met
  uint64_t address = 0;        ///< of that access
  std::string_view text = {};
};

/// A halted CPU.
class DebugTarget {
 public:
  DebugTarget() = default;
  DebugTarget(const DebugTarget&) = delete;
  DebugTarget& operator=(const DebugTarget&) = delete;
  virtual ~DebugTarget() = default;

  /// Little-endian, as many bytes as the register has; false for one that does not exist.
  virtual bool read_register(unsigned number, std::span<std::byte> value) = 0;
  virtual bool write_register(unsigned number, std::span<const std::byte> value) = 0;
  /// Private memory, or memory-mapped registers by the debug transport, which changes nothing. False where
  /// there is neither, and for registers that change when they are read. Writes reach registers as the
  /// firmware's would.
  virtual bool read_memory(uint64_t address, std::span<std::byte> bytes) = 0;
  virtual bool write_memory(uint64_t address, std::span<const std::byte> bytes) = 0;

  virtual void set_breakpoint(uint64_t address, bool set) = 0;
  virtual void set_watchpoint(const Watchpoint& watchpoint, bool set) = 0;
  /// To halt again in front of the first instruction outside [begin, end), after at least one instruction.
  /// Interrupts taken on the way are served unseen, but for breakpoints.
  virtual void step(uint64_t begin, uint64_t end) = 0;
};

class Debugger {
 public:
  Debugger() = default;
  Debugger(const Debugger&) = delete;
  Debugger& operator=(const Debugger&) = delete;
  virtual ~Debugger() = default;

  /// The CPU halts; it goes on when this returns true. False: the simulation is to end.
  virtual bool halted(DebugTarget& cpu, const HaltEvent& event) = 0;
};

}  // namespace vesper::cpu
