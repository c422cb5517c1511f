/// The scheduler block as firmware sees it.
///
/// Requests (placement bi_level)   firmware writes the words of a request and last `score_high`, which sends
/// it
///                                 into the request FIFO. `room` tells how many more it holds: requests that
///                                 wait and jobs in the queue count alike. One sent without room ends the
///                                 simulation, so that none is lost.
/// Interrupt                       high while bit 1 of `control` is set and there is room.
#pragma once

#include <stdint.h>

namespace vesper::abi {

namespace scheduler_block {
constexpr uint32_t kControl = 0x00;  ///< bit 0: instructions may be issued; bit 1: room raises the interrupt
constexpr uint32_t kTasks = 0x04;    ///< read-only: how many
constexpr uint32_t kStatus = 0x08;   ///< read-only; bit 0: a region runs, 1: feedback waits, 2: no room
constexpr uint32_t kOccupancy = 0x0C;  ///< read-only: jobs in the queue
constexpr uint32_t kCounters =
    0x10;                         ///< read-only: what the block counted (models/scheduler/scheduler_block.h)
constexpr uint32_t kRoom = 0x40;  ///< read-only: requests that can be sent
constexpr uint32_t kRequest = 0x80;  ///< RequestWords
constexpr uint64_t kSize = 0x1000;
constexpr uint32_t kControlEnable = 1U << 0;
constexpr uint32_t kControlRoomInterrupt = 1U << 1;
constexpr uint32_t kStatusRegionRuns = 1U << 0;
constexpr uint32_t kStatusFeedbackWaits = 1U << 1;
constexpr uint32_t kStatusFull = 1U << 2;
}  // namespace scheduler_block

/// A job as the static level passes it on.
struct RequestWords {
  uint32_t task;
  uint32_t job;
  uint32_t release_low, release_high;    ///< picoseconds
  uint32_t deadline_low, deadline_high;  ///< picoseconds, absolute
  uint32_t weight;                       ///< importance of this job; 0: its task's
  uint32_t score_low, score_high;        ///< of the static level, a binary64; writing score_high sends
};
static_assert(sizeof(RequestWords) == 36);

}  // namespace vesper::abi
