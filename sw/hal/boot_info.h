/// What the platform told firmware before it started.
#pragma once

#include "sw/abi/boot_info.h"
#include "sw/hal/panic.h"

namespace vesper::hal {

/// Panics where it is none that this firmware knows.
inline const abi::BootInfo& boot_info() {
  const auto& boot = *reinterpret_cast<const abi::BootInfo*>(abi::kBootInfoAddress);
  if (boot.magic != abi::kBootInfoMagic) panic("boot information: wrong magic", boot.magic);
  if (boot.version != abi::kBootInfoVersion) panic("boot information: unknown version", boot.version);
  if (boot.size != sizeof boot) panic("boot information: wrong size", boot.size);
  return boot;
}

}  // namespace vesper::hal
