/// Accelerator driver: the kernel manager's registers.
#pragma once

#include <stdint.h>

#include "schedulers/policy/dispatcher.h"
#include "sw/abi/kernel_manager.h"

namespace vesper::hal {

class Accelerator {
 public:
  /// The kernel manager at `base`; panics when something else answers there.
  explicit Accelerator(uint64_t base);

  void enable_feedback_interrupt();
  /// Issues an instruction; the accelerator must be idle.
  void issue(const policy::Instruction& instruction);
  /// Whether feedback waits.
  [[nodiscard]] bool feedback_waits() const;
  /// The monitor reading of the oldest feedback.
  [[nodiscard]] uint32_t monitored() const;
  /// Drops the oldest feedback.
  void pop_feedback();

 private:
  [[nodiscard]] uint64_t at(uint32_t offset) const { return base_ + offset; }
  uint64_t base_;
};

}  // namespace vesper::hal
