// A handler that returns to the failing instruction for ever.
#include "sw/hal/panic.h"
#include "sw/tests/platform.h"

extern "C" void main() {
  vesper::hal::on_exception([](vesper::hal::Exception&) {});
  vesper::hal::read32(vesper::test::kUnmapped);
}
