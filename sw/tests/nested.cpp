// Masks nest; a more urgent interrupt preempts a handler that unmasks.
#include "sw/tests/platform.h"

using namespace vesper;

namespace {
volatile uint32_t order[4];
volatile uint32_t entered = 0;
void note(uint32_t what) {
  order[entered] = what;
  entered = entered + 1;
}
}  // namespace

extern "C" void main() {
  test::open_gic();
  hal::gic::enable(
      test::kLine,
      [] {
        note(1);
        hal::write32(test::kLower, test::kLine);
        hal::write32(test::kRaise, test::kLine + 1);
        uint64_t elr;
        uint64_t spsr;
        asm volatile("mrs %0, elr_el1\n\tmrs %1, spsr_el1" : "=r"(elr), "=r"(spsr));
        hal::enable_interrupts();
        hal::disable_interrupts();
        asm volatile("msr elr_el1, %0\n\tmsr spsr_el1, %1" ::"r"(elr), "r"(spsr));
        note(3);
      },
      0x80);
  hal::gic::enable(
      test::kLine + 1,
      [] {
        note(2);
        hal::write32(test::kLower, test::kLine + 1);
      },
      0x40);
  hal::enable_interrupts();
  {
    hal::InterruptMask outer;
    {
      hal::InterruptMask inner;
      hal::write32(test::kRaise, test::kLine);
    }
    test::report(0, entered);  // 0: the outer mask holds
  }
  asm volatile("" ::: "memory");
  test::report(1, entered);
  for (uint32_t i = 0; i < 3; ++i) test::report(2 + i, order[i]);
}
