/// Job release driver: the release FIFOs of the tasks.
#pragma once

#include <stdint.h>

#include "sw/abi/job_release.h"

namespace vesper::hal {

class JobRelease {
 public:
  explicit JobRelease(uint64_t base) : base_(base) {}

  void enable_interrupt(bool on);
  /// Bit i: a job of task i waits.
  [[nodiscard]] uint64_t pending(uint32_t tasks) const;
  /// The oldest waiting job of a task; its weight is read only `with_weight`, for a read takes time.
  [[nodiscard]] abi::ReleaseWords oldest(uint32_t task, bool with_weight) const;
  void pop(uint32_t task);

 private:
  [[nodiscard]] uint64_t window(uint32_t task) const {
    return base_ + abi::job_release::kTask + task * abi::job_release::kTaskStride;
  }
  uint64_t base_;
};

}  // namespace vesper::hal
