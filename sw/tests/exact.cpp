// Straight code of known length between two writes: exact times.
#include "sw/tests/platform.h"

using namespace vesper;

extern "C" void main() {
  uint64_t probe = test::kResult;
  asm volatile(
      "mov w9, #1\n\t"
      "b 1f\n\t"
      "1: str w9, [%0]\n\t"  // block of 2 instructions
      "b 2f\n\t"
      "2: mov x10, #1000\n\t"  // 2 + 2 x 1000 instructions, then a block of 2
      "b 3f\n\t"
      "3: sub x10, x10, #1\n\t"
      "cbnz x10, 3b\n\t"
      "str w9, [%0, #4]\n\t"
      "b 4f\n\t"
      "4: nop\n\t"
      :
      : "r"(probe)
      : "x9", "x10", "memory");
}
