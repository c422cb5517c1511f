/// The architected counter and the EL1 physical timer.
#pragma once

#include <stdint.h>

namespace vesper::hal::timer {

inline uint64_t frequency() {
  uint64_t value;
  asm volatile("mrs %0, cntfrq_el0" : "=r"(value));
  return value;
}

inline uint64_t count() {
  uint64_t value;
  asm volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value)::"memory");
  return value;
}

/// Raises the timer's interrupt from the moment the count reaches `at`.
inline void start(uint64_t at) {
  asm volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1" ::"r"(at), "r"(uint64_t{1}) : "memory");
}

inline void stop() { asm volatile("msr cntp_ctl_el0, xzr" ::: "memory"); }

}  // namespace vesper::hal::timer
