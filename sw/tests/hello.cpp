#include "sw/hal/text.h"
#include "sw/tests/platform.h"

using namespace vesper::hal;

namespace {
struct Constructed {
  Constructed() : value(42) {}
  uint64_t value;
};
Constructed constructed;  // init_array ran
uint64_t zero[16];        // .bss is clear
uint64_t seven = 7;       // .data is loaded
}  // namespace

extern "C" void main() {
  uart::open(vesper::test::kUart);
  Text<64> text;
  text << "hello " << constructed.value << ' ' << seven << ' ' << zero[15] << ' ' << hex(0xABCDEF) << '\n';
  uart::print(text.c_str());
  uart::print("no end of line");
}
