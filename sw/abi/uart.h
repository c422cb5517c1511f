/// The serial port as firmware sees it: the PL011 registers that are modelled.
/// Source: Arm PrimeCell UART (PL011) Technical Reference Manual (DDI 0183).
#pragma once

#include <stdint.h>

namespace vesper::abi::uart {

constexpr uint32_t kData = 0x000;          ///< UARTDR
constexpr uint32_t kFlags = 0x018;         ///< UARTFR
constexpr uint32_t kIntegerBaud = 0x024;   ///< UARTIBRD
constexpr uint32_t kFractionBaud = 0x028;  ///< UARTFBRD
constexpr uint32_t kLineControl = 0x02C;   ///< UARTLCR_H
constexpr uint32_t kControl = 0x030;       ///< UARTCR
constexpr uint64_t kSize = 0x1000;
constexpr uint32_t kFlagTransmitFull = 1U << 5;
constexpr uint32_t kFlagReceiveEmpty = 1U << 4;
constexpr uint32_t kFlagTransmitEmpty = 1U << 7;

}  // namespace vesper::abi::uart
