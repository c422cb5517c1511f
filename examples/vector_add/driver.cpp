// Firmware for the Cortex-A72: has the engine add two vectors that lie in DDR, and checks every sum.
#include "registers.h"
#include "sw/hal/boot_info.h"
#include "sw/hal/cpu.h"
#include "sw/hal/gic.h"
#include "sw/hal/mmio.h"
#include "sw/hal/text.h"
#include "sw/hal/uart.h"

using namespace vesper;

namespace {

constexpr uint64_t kEngine = 0xA000'0000;  // as in vector_add.yaml
constexpr uint32_t kLine = 90;
constexpr uint64_t kDdr = 0x8'0000'0000;
constexpr uint32_t kWords = 256;
constexpr uint32_t kVectorBytes = 4 * kWords;

volatile uint32_t interrupts = 0;

uint64_t scratchpad(uint32_t place, uint32_t word) {
  return kEngine + vector_add::kScratchpad + place + 4 * word;
}

/// Starts a command and sleeps until its interrupt.
void run(uint32_t command, uint64_t address, uint32_t offset, uint32_t bytes) {
  hal::write32(kEngine + vector_add::kAddressLow, static_cast<uint32_t>(address));
  hal::write32(kEngine + vector_add::kAddressHigh, static_cast<uint32_t>(address >> 32));
  hal::write32(kEngine + vector_add::kOffset, offset);
  hal::write32(kEngine + vector_add::kBytes, bytes);
  const uint32_t before = interrupts;
  hal::disable_interrupts();
  hal::write32(kEngine + vector_add::kCommand, command);
  while (interrupts == before) {
    hal::wait_for_interrupt();
    hal::enable_interrupts();
    hal::disable_interrupts();
  }
  hal::enable_interrupts();
}

constexpr uint32_t a_of(uint32_t i) { return 1000 + 3 * i; }
constexpr uint32_t b_of(uint32_t i) { return 0xFFFF'FFFF - 5 * i; }

}  // namespace

extern "C" void main() {
  const abi::BootInfo& boot = hal::boot_info();
  hal::uart::open(boot.uart);
  hal::gic::open(boot.gic_distributor, boot.gic_cpu);
  hal::gic::enable(kLine, [] {
    hal::write32(kEngine + vector_add::kAcknowledge, 1);
    interrupts = interrupts + 1;
  });
  hal::enable_interrupts();
  for (uint32_t i = 0; i < kWords; ++i) {
    hal::write32(scratchpad(vector_add::kA, i), a_of(i));
    hal::write32(scratchpad(vector_add::kB, i), b_of(i));
  }
  run(vector_add::kStore, kDdr, vector_add::kA, 2 * kVectorBytes);
  for (uint32_t i = 0; i < 2 * kWords; ++i) hal::write32(scratchpad(vector_add::kA, i), 0);
  run(vector_add::kLoad, kDdr, vector_add::kA, 2 * kVectorBytes);
  run(vector_add::kAdd, 0, 0, kVectorBytes);
  run(vector_add::kStore, kDdr + 0x1000, vector_add::kC, kVectorBytes);
  for (uint32_t i = 0; i < kWords; ++i) {
    if (hal::read32(scratchpad(vector_add::kC, i)) != a_of(i) + b_of(i))
      hal::panic("vector_add: wrong sum", i);
  }
  hal::Text<80> line;
  line << "vector_add: " << uint64_t{kWords} << " sums are right, after " << uint64_t{interrupts}
       << " interrupts\n";
  hal::uart::print(line.c_str());
}
