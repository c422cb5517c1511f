/// The register map, which engine and driver share.
#pragma once

#include <stdint.h>

namespace vector_add {

constexpr uint32_t kAddressLow = 0x00;  ///< in DDR
constexpr uint32_t kAddressHigh = 0x04;
constexpr uint32_t kOffset = 0x08;  ///< in the scratchpad, bytes
constexpr uint32_t kBytes = 0x0C;
constexpr uint32_t kCommand = 0x10;  ///< writing one starts it; an interrupt tells its end
constexpr uint32_t kBusy = 0x14;
constexpr uint32_t kAcknowledge = 0x18;  ///< lowers the interrupt
constexpr uint32_t kScratchpad = 0x1000;
constexpr uint32_t kSize = 0x2000;

constexpr uint32_t kLoad = 1;   ///< `bytes` from DDR to the scratchpad
constexpr uint32_t kStore = 2;  ///< the other way
constexpr uint32_t kAdd = 3;    ///< `bytes` of words: c = a + b

constexpr uint32_t kScratchpadBytes = 0x1000;
constexpr uint32_t kA = 0x000, kB = 0x400, kC = 0x800;  ///< where the operands lie in the scratchpad

}  // namespace vector_add
