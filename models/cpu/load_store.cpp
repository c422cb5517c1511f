#include "models/cpu/load_store.h"

namespace vesper::cpu {
namespace {

constexpr uint32_t bits(uint32_t value, unsigned high, unsigned low) {
  return (value >> low) & ((1U << (high - low + 1)) - 1);
}
constexpr int64_t sign_extend(uint32_t value, unsigned width) {
  return static_cast<int64_t>(static_cast<uint64_t>(value) << (64 - width)) >> (64 - width);
}
constexpr bool matches(uint32_t value, uint32_t mask, uint32_t pattern) { return (value & mask) == pattern; }

/// log2 of the access size of a single-register form; 128-bit vectors use opc<1>.
unsigned scale_of(uint32_t instruction) {
  bool vector = bits(instruction, 26, 26) != 0;
  unsigned size = bits(instruction, 31, 30);
  return vector && size == 0 && bits(instruction, 23, 23) != 0 ? 4 : size;
}

uint64_t extended_offset(uint32_t instruction, const RegisterFile& x) {
  unsigned rm = bits(instruction, 20, 16);
  uint64_t offset = rm == 31 ? 0 : x(rm);
  unsigned option = bits(instruction, 15, 13);
  if (option == 0b010) offset = static_cast<uint32_t>(offset);  // UXTW
  if (option == 0b110)
    offset = static_cast<uint64_t>(sign_extend(static_cast<uint32_t>(offset), 32));  // SXTW
  return bits(instruction, 12, 12) != 0 ? offset << scale_of(instruction) : offset;
}

MemoryOperand pair(uint32_t instruction, uint64_t base) {
  bool vector = bits(instruction, 26, 26) != 0;
  unsigned opc = bits(instruction, 31, 30);
  unsigned scale = vector ? 2 + opc : 2 + (opc >> 1);
  bool post_indexed = bits(instruction, 24, 23) == 0b01;
  int64_t offset = post_indexed ? 0 : sign_extend(bits(instruction, 21, 15), 7) * (int64_t{1} << scale);
  return {base + static_cast<uint64_t>(offset), 2ULL << scale};
}

}  // namespace

std::optional<MemoryOperand> memory_operand(uint32_t instruction, uint64_t pc, const RegisterFile& x) {
  if (!matches(instruction, 0x0A000000, 0x08000000)) return std::nullopt;  // not in the load/store group
  if (matches(instruction, 0x3B000000, 0x18000000)) {                      // literal
    return MemoryOperand{pc + static_cast<uint64_t>(sign_extend(bits(instruction, 23, 5), 19) * 4), 8};
  }
  uint64_t base = x(bits(instruction, 9, 5));
  uint64_t bytes = 1ULL << scale_of(instruction);
  if (matches(instruction, 0x3A000000, 0x28000000)) return pair(instruction, base);
  if (matches(instruction, 0x3F000000, 0x08000000))
    return MemoryOperand{base, bytes * 2};             // exclusive, ordered
  if (matches(instruction, 0x3B000000, 0x39000000)) {  // unsigned offset
    return MemoryOperand{base + (static_cast<uint64_t>(bits(instruction, 21, 10)) << scale_of(instruction)),
                         bytes};
  }
  if (matches(instruction, 0x3B200C00, 0x38200800)) {  // register offset
    return MemoryOperand{base + extended_offset(instruction, x), bytes};
  }
  if (matches(instruction, 0x3B200000, 0x38000000)) {  // unscaled, pre- and post-indexed
    bool post_indexed = bits(instruction, 11, 10) == 0b01;
    int64_t offset = post_indexed ? 0 : sign_extend(bits(instruction, 20, 12), 9);
    return MemoryOperand{base + static_cast<uint64_t>(offset), bytes};
  }
  return std::nullopt;
}

}  // namespace vesper::cpu
