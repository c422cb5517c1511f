// The timer's interrupt ends WFI at the count asked for.
#include "sw/hal/timer.h"

#include "sw/tests/platform.h"

using namespace vesper;

namespace {
volatile bool rang = false;
volatile uint64_t rang_at = 0;
}  // namespace

extern "C" void main() {
  test::open_gic();
  hal::gic::enable(abi::gic::kPhysicalTimer, [] {
    rang_at = hal::timer::count();
    hal::timer::stop();
    rang = true;
  });
  test::report(0, static_cast<uint32_t>(hal::timer::frequency()));
  uint64_t due = 5000;  // 50 us at 100 MHz
  hal::timer::start(due);
  hal::enable_interrupts();
  while (!rang) hal::wait_for_interrupt();
  test::report(1, static_cast<uint32_t>(rang_at - due));
  test::report(2, rang_at >= due ? 1 : 0);
}
