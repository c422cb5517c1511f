#include "sw/hal/uart.h"

#include "sw/abi/uart.h"
#include "sw/hal/mmio.h"

namespace vesper::hal::uart {
namespace {

namespace map = abi::uart;
constexpr uint32_t kEightBitsFifo = 0x70;    // UARTLCR_H: WLEN 8, FEN
constexpr uint32_t kEnableTransmit = 0x101;  // UARTCR: UARTEN, TXE

uint64_t base = 0;

}  // namespace

void open(uint64_t address) {
  base = address;
  write32(base + map::kLineControl, kEightBitsFifo);
  write32(base + map::kControl, kEnableTransmit);
}

bool is_open() { return base != 0; }

void print(const char* text) {
  if (!is_open()) return;
  for (; *text != '\0'; ++text) {
    while ((read32(base + map::kFlags) & map::kFlagTransmitFull) != 0) {
    }
    write32(base + map::kData, static_cast<unsigned char>(*text));
  }
}

}  // namespace vesper::hal::uart
