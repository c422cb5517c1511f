/// Serial port driver.
#pragma once

#include <stdint.h>

namespace vesper::hal::uart {

/// Sets up the port at `base`; before that, printing does nothing.
void open(uint64_t base);
[[nodiscard]] bool is_open();
void print(const char* text);

}  // namespace vesper::hal::uart
