/// Addresses of the platform that the test firmwares run on (tests/unit/cpu/cpu_fixture.h).
#pragma once

#include <stdint.h>

#include "sw/abi/gic.h"
#include "sw/hal/gic.h"
#include "sw/hal/mmio.h"
#include "sw/hal/uart.h"

namespace vesper::test {

constexpr uint64_t kGic = 0xF901'0000;
constexpr uint64_t kUart = 0xFF00'0000;
/// A bank that the test watches: 8 words that hold what is written, `kStimulus` words that act.
constexpr uint64_t kProbe = 0xA000'0000;
constexpr uint64_t kResult = kProbe + 0x00;
constexpr uint64_t kRaise = kProbe + 0x40;    ///< raises line n of the interrupt controller (n: 40..47)
constexpr uint64_t kLower = kProbe + 0x44;    ///< lowers it
constexpr uint64_t kRaiseIn = kProbe + 0x48;  ///< raises line 40 after so many nanoseconds
constexpr uint64_t kReadOnly = kProbe + 0x50;
constexpr uint64_t kUnmapped = 0xB000'0000;
constexpr uint32_t kLine = 40;

inline void report(uint32_t index, uint32_t value) { hal::write32(kResult + 4 * index, value); }

inline void open_gic() { hal::gic::open(kGic, kGic + abi::gic::kCpuInterface); }

}  // namespace vesper::test
