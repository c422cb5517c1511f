/// The job release module as firmware and the scheduler block see it.
#pragma once

#include <stdint.h>

namespace vesper::abi {

namespace job_release {
constexpr uint32_t kPendingLow = 0x000;   ///< read-only; bit i: a job of task i waits in its FIFO
constexpr uint32_t kPendingHigh = 0x004;  ///< read-only; tasks 32..63
constexpr uint32_t kControl = 0x008;      ///< bit 0: a waiting job raises the interrupt
constexpr uint32_t kLate = 0x00C;   ///< read-only: jobs that found their FIFO full and waited at the door
constexpr uint32_t kTask = 0x1000;  ///< first of 64 windows of kTaskStride bytes: ReleaseWords, then pop
constexpr uint32_t kTaskStride = 0x20;
constexpr uint32_t kTaskPop = 0x1C;  ///< within a window; any write pops the oldest job
constexpr uint64_t kSize = 0x10000;
constexpr uint32_t kControlInterruptEnable = 1U << 0;
}  // namespace job_release

/// The oldest job in a task's FIFO, as read from its window.
struct ReleaseWords {
  uint32_t job;
  uint32_t release_low, release_high;    ///< picoseconds
  uint32_t deadline_low, deadline_high;  ///< picoseconds, absolute
  uint32_t weight;                       ///< importance of this job; 0: its task's
};
static_assert(sizeof(ReleaseWords) == 24);

}  // namespace vesper::abi
