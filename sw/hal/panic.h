/// The end by error: the message goes to the serial port, if there is one, and ends the simulation.
#pragma once

#include <stdint.h>

namespace vesper::hal {

[[noreturn]] void panic(const char* message);
/// `message` followed by the value in hexadecimal.
[[noreturn]] void panic(const char* message, uint64_t value);

/// A synchronous exception, as the exception registers tell it.
struct Exception {
  uint64_t syndrome;        ///< ESR_EL1
  uint64_t fault_address;   ///< FAR_EL1
  uint64_t return_address;  ///< ELR_EL1; a handler may change it
};
/// Handles synchronous exceptions instead of the panic that is the default.
using ExceptionHandler = void (*)(Exception&);
void on_exception(ExceptionHandler handler);

}  // namespace vesper::hal
