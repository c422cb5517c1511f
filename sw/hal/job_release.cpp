#include "sw/hal/job_release.h"

#include "sw/hal/mmio.h"

namespace vesper::hal {

namespace regs = abi::job_release;

void JobRelease::enable_interrupt(bool on) {
  write32(base_ + regs::kControl, on ? regs::kControlInterruptEnable : 0);
}

uint64_t JobRelease::pending(uint32_t tasks) const {
  uint64_t bits = read32(base_ + regs::kPendingLow);
  if (tasks > 32) bits |= static_cast<uint64_t>(read32(base_ + regs::kPendingHigh)) << 32;
  return bits;
}

abi::ReleaseWords JobRelease::oldest(uint32_t task, bool with_weight) const {
  uint64_t at = window(task);
  return {read32(at),      read32(at + 4),  read32(at + 8),
          read32(at + 12), read32(at + 16), with_weight ? read32(at + 20) : 0};
}

void JobRelease::pop(uint32_t task) { write32(window(task) + regs::kTaskPop, 1); }

}  // namespace vesper::hal
