// 32- and 64-bit accesses to a register bank.
#include "sw/tests/platform.h"

using namespace vesper;

extern "C" void main() {
  hal::write32(test::kResult, 0x1111'2222);
  hal::write64(test::kResult + 8, 0x3333'4444'5555'6666);
  uint64_t both = hal::read64(test::kResult + 8);
  test::report(1, both == 0x3333'4444'5555'6666 ? 1 : 2);
  test::report(4, static_cast<uint32_t>(both >> 32));
}
