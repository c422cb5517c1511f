/// Interrupt controller driver: a table of handlers, one acknowledge and one end of interrupt per interrupt
/// taken.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <new>

#include "sw/hal/cpu.h"

namespace vesper::hal::gic {

constexpr uint32_t kLines = 192;
constexpr uint8_t kUsualPriority = 0x80;
constexpr size_t kCaptureBytes = 32;

struct Handler {
  void (*call)(void* capture) = nullptr;
  alignas(8) unsigned char capture[kCaptureBytes] = {};
};

/// Sets up distributor and CPU interface; interrupts stay masked in the core.
void open(uint64_t distributor, uint64_t cpu_interface);

/// The slot that holds the handler of a line; panics when there is no such line.
Handler& handler(uint32_t line);
void unmask_line(uint32_t line, uint8_t priority);
void disable(uint32_t line);
void set_edge_triggered(uint32_t line, bool edge);
/// Makes a line pending, as its device would.
void set_pending(uint32_t line);

/// Calls `function` at each interrupt of a line, interrupts masked. What it captures is copied: at most 32
/// bytes.
template <class Function>
void enable(uint32_t line, Function function, uint8_t priority = kUsualPriority) {
  static_assert(sizeof(Function) <= kCaptureBytes && __is_trivially_copyable(Function));
  Handler& slot = handler(line);
  new (slot.capture) Function(function);
  slot.call = [](void* capture) { (*static_cast<Function*>(capture))(); };
  unmask_line(line, priority);
}

/// Lines from `priority` on downwards wait; 0xFF lets all through.
void set_priority_mask(uint8_t priority);

}  // namespace vesper::hal::gic
