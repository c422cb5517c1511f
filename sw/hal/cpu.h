/// The core itself: interrupt mask, waiting, the end.
#pragma once

#include <stdint.h>

namespace vesper::hal {

/// Sleeps until an interrupt is pending, masked or not. To lose none, mask, test the condition, wait, unmask.
inline void wait_for_interrupt() { asm volatile("wfi" ::: "memory"); }

inline void enable_interrupts() { asm volatile("msr daifclr, #2" ::: "memory"); }
inline void disable_interrupts() { asm volatile("msr daifset, #2" ::: "memory"); }

/// Masks interrupts for its lifetime; nests.
class InterruptMask {
 public:
  InterruptMask() {
    asm volatile("mrs %0, daif" : "=r"(daif_));
    disable_interrupts();
  }
  InterruptMask(const InterruptMask&) = delete;
  InterruptMask& operator=(const InterruptMask&) = delete;
  ~InterruptMask() { asm volatile("msr daif, %0" ::"r"(daif_) : "memory"); }

 private:
  uint64_t daif_;
};

/// Ends the firmware; the simulation goes on without it unless `status` is other than 0.
[[noreturn]] void exit(uint64_t status);

}  // namespace vesper::hal
