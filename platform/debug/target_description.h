/// How GDB is told of the registers of an AArch64 CPU.
#pragma once

#include <string>

namespace vesper::debug {

/// The target description; registers are numbered as cpu::debug_registers().
/// Source: "Debugging with GDB" 13, appendix G.5.1 AArch64 Features.
std::string target_description();

}  // namespace vesper::debug
