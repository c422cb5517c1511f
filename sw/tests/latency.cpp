// Interrupts that rise while the core runs a short loop: how late is the handler's vector?
#include "sw/tests/platform.h"

using namespace vesper;

extern "C" void main() {
  test::open_gic();
  static volatile bool done = false;
  hal::gic::enable(test::kLine, [] {
    hal::write32(test::kLower, test::kLine);
    done = true;
  });
  hal::enable_interrupts();
  hal::write32(test::kRaiseIn, 2000);
  while (!done) {
  }
  test::report(0, 1);
}
