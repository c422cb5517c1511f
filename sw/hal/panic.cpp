#include "sw/hal/panic.h"

#include "sw/hal/cpu.h"
#include "sw/hal/text.h"
#include "sw/hal/uart.h"

namespace vesper::hal {
namespace {

// Arm semihosting (DUI 0203).
constexpr uint64_t kSysWrite0 = 0x04;
constexpr uint64_t kSysExit = 0x18;
constexpr uint64_t kApplicationExit = 0x20026;
constexpr uint64_t kRunTimeError = 0x20023;

ExceptionHandler exception_handler = nullptr;

void semihost(uint64_t operation, const void* parameter) {
  register uint64_t x0 asm("x0") = operation;
  register const void* x1 asm("x1") = parameter;
  asm volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}

[[noreturn]] void leave(uint64_t reason, uint64_t status) {
  const uint64_t block[2] = {reason, status};
  for (;;) semihost(kSysExit, block);
}

}  // namespace

void exit(uint64_t status) { leave(kApplicationExit, status); }

void panic(const char* message) {
  disable_interrupts();
  if (uart::is_open()) {
    uart::print("panic: ");
    uart::print(message);
    uart::print("\n");
  }
  semihost(kSysWrite0, message);
  leave(kRunTimeError, 1);
}

void panic(const char* message, uint64_t value) {
  Text<256> text;
  text << message << ' ' << hex(value);
  panic(text.c_str());
}

void on_exception(ExceptionHandler handler) { exception_handler = handler; }

}  // namespace vesper::hal

using namespace vesper::hal;

extern "C" [[noreturn]] void vesper_exit(uint64_t status) { exit(status); }

extern "C" void vesper_exception(Exception& exception) {
  if (exception_handler != nullptr) return exception_handler(exception);
  constexpr uint64_t kDataAbort = 0x25;
  Text<256> text;
  text << (exception.syndrome >> 26 == kDataAbort ? "data abort" : "unexpected exception") << ": ESR "
       << hex(exception.syndrome) << ", address " << hex(exception.fault_address) << ", at "
       << hex(exception.return_address);
  panic(text.c_str());
}

extern "C" [[noreturn]] void vesper_unexpected_vector(uint64_t vector) {
  panic("unexpected exception vector", vector);
}
