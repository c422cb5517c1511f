// 1000 interrupts on four lines, each raised again by its own handler.
#include "sw/tests/platform.h"

using namespace vesper;

namespace {
constexpr uint32_t kEach = 250;
volatile uint32_t counts[4];
volatile uint32_t total = 0;
}  // namespace

extern "C" void main() {
  test::open_gic();
  for (uint32_t i = 0; i < 4; ++i) {
    hal::gic::enable(test::kLine + i, [i] {
      hal::write32(test::kLower, test::kLine + i);
      counts[i] = counts[i] + 1;
      total = total + 1;
      if (counts[i] < kEach) hal::write32(test::kRaise, test::kLine + i);
    });
    hal::write32(test::kRaise, test::kLine + i);
  }
  uint64_t checksum = 0;
  uint64_t steps = 0;
  double x = 1.0;
  hal::enable_interrupts();
  while (total < 4 * kEach) {  // registers, flags and vector registers survive every interrupt
    checksum += 3 * steps + 1;
    x = x * 0.5 + 1.0;
    ++steps;
  }
  hal::disable_interrupts();
  bool sound = true;
  uint64_t expected = 0;
  double y = 1.0;
  for (uint64_t i = 0; i < steps; ++i) {
    expected += 3 * i + 1;
    y = y * 0.5 + 1.0;
  }
  sound = expected == checksum && x == y;
  for (uint32_t i = 0; i < 4; ++i) test::report(i, counts[i]);
  test::report(4, sound ? 1 : 0);
}
