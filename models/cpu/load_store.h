/// The address an A64 load or store would access, from its encoding and the register file. SystemC-free.
///
/// Source      Arm Architecture Reference Manual (DDI 0487), C4.1.66 "Loads and Stores".
/// Leaves out  SIMD structure loads (LD1..LD4) and atomics of Armv8.1, which the Cortex-A72 lacks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace vesper::cpu {

/// Reads general register n; 31 is the stack pointer where an address is formed.
using RegisterFile = std::function<uint64_t(unsigned)>;

struct MemoryOperand {
  uint64_t address = 0;
  uint64_t bytes = 0;
};

/// Nothing when `instruction` accesses no memory. `pc` is its address.
std::optional<MemoryOperand> memory_operand(uint32_t instruction, uint64_t pc, const RegisterFile& x);

}  // namespace vesper::cpu
