// WFI races: an interrupt before, between the test and WFI, and after it; masked and unmasked.
#include "sw/tests/platform.h"

using namespace vesper;

namespace {
volatile uint32_t taken = 0;

void wait_for(uint32_t count) {
  for (;;) {
    hal::InterruptMask mask;
    if (taken >= count) return;
    hal::wait_for_interrupt();
  }  // the mask is lifted here, and the interrupt is taken
}
}  // namespace

extern "C" void main() {
  test::open_gic();
  hal::gic::enable(test::kLine, [] {
    hal::write32(test::kLower, test::kLine);
    taken = taken + 1;
  });
  hal::enable_interrupts();

  hal::write32(test::kRaise, test::kLine);  // pending before the wait: taken at once
  wait_for(1);
  test::report(0, taken);

  {
    hal::InterruptMask mask;
    hal::write32(test::kRaise, test::kLine);  // between test and WFI: WFI does not sleep, though masked
    hal::wait_for_interrupt();
    test::report(1, taken);  // still masked: not taken
  }
  asm volatile("" ::: "memory");
  test::report(2, taken);

  hal::write32(test::kRaiseIn, 5000);  // long after: WFI sleeps
  wait_for(3);
  test::report(3, taken);
}
