/// Memory-mapped registers.
#pragma once

#include <stdint.h>

namespace vesper::hal {

inline uint32_t read32(uint64_t address) { return *reinterpret_cast<const volatile uint32_t*>(address); }
inline void write32(uint64_t address, uint32_t value) {
  *reinterpret_cast<volatile uint32_t*>(address) = value;
}
/// On the bus these are two 32-bit accesses, the lower address first.
inline uint64_t read64(uint64_t address) { return *reinterpret_cast<const volatile uint64_t*>(address); }
inline void write64(uint64_t address, uint64_t value) {
  *reinterpret_cast<volatile uint64_t*>(address) = value;
}

}  // namespace vesper::hal
