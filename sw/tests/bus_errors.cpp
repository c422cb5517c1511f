// Refused accesses raise data aborts that name instruction and address; a handler can step over them.
#include "sw/hal/panic.h"
#include "sw/tests/platform.h"

using namespace vesper;

namespace {
volatile uint32_t aborts = 0;
volatile uint64_t last_address = 0;
volatile uint64_t last_syndrome = 0;
volatile uint64_t last_pc = 0;

void step_over(hal::Exception& exception) {
  aborts = aborts + 1;
  last_address = exception.fault_address;
  last_syndrome = exception.syndrome;
  last_pc = exception.return_address;
  exception.return_address += 4;
}
}  // namespace

extern "C" void main() {
  hal::on_exception(step_over);
  hal::read32(test::kUnmapped);
  bool read_abort = aborts == 1 && last_address == test::kUnmapped && last_syndrome == 0x9600'0010;
  test::report(0, read_abort ? 1 : 0);

  hal::write32(test::kReadOnly, 5);
  bool write_abort = aborts == 2 && last_address == test::kReadOnly && last_syndrome == 0x9600'0050;
  test::report(1, write_abort ? 1 : 0);

  // The program counter is that of the third of three accesses; what follows in the block waits for the
  // handler.
  uint64_t expected = 0;
  uint64_t after = 0;
  uint64_t base = test::kResult;
  uint64_t bad = test::kUnmapped + 0x10;
  asm volatile(
      "adr %0, 1f\n\t"
      "ldr w9, [%2]\n\t"
      "str w9, [%2, #8]\n\t"
      "mov x10, #3\n\t"
      "1: ldr w11, [%3, x10, lsl #2]\n\t"
      "ldr %1, =aborted_word\n\t"
      "ldr w12, [%1]\n\t"
      "mov %1, x12\n\t"
      : "=&r"(expected), "=&r"(after)
      : "r"(base), "r"(bad)
      : "x9", "x10", "x11", "x12", "memory");
  test::report(2, aborts == 3 && last_pc == expected && last_address == bad + 12 && after == 77 ? 1 : 0);
  test::report(3, aborts);
}

extern "C" {
extern const uint32_t aborted_word;
const uint32_t aborted_word = 77;
}
