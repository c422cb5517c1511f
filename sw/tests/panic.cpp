#include "sw/hal/panic.h"

#include "sw/tests/platform.h"

extern "C" [[gnu::noinline]] void give_up() { vesper::hal::panic("the answer is", 42); }

extern "C" void main() {
  vesper::hal::uart::open(vesper::test::kUart);
  give_up();
}
