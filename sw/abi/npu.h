/// The NPU as software sees it: a kernel manager (kernel_manager.h) with a queue of commands.
///
/// Commands    InstructionWords, written as there; `region` is the layer, other words than task, job and
///             region are ignored. A command takes a place of the queue from its entry until its
///             computation ends; one written while no place is free ends the simulation with an error, so
///             that none is lost unseen.
/// Feedback    FeedbackWords, one a finished layer, kept only while kControlInterruptEnable is set; with
///             kControlLastOnly for the last layer of a job alone.
/// Interrupt   high while feedback waits and kControlInterruptEnable is set, or kStatusLowWater and
///             kControlLowWater are.
#pragma once

#include <stdint.h>

#include "sw/abi/kernel_manager.h"

namespace vesper::abi {

/// Offsets in the register bank, beside those of the kernel manager.
namespace npu {
constexpr uint32_t kDepth = 0x050;     ///< read-only: places of the queue
constexpr uint32_t kPlaces = 0x054;    ///< read-only: those that are free
constexpr uint32_t kWaiting = 0x058;   ///< read-only: commands whose fetch has not begun
constexpr uint32_t kLowWater = 0x05C;  ///< the low-water mark
constexpr uint32_t kAhead = 0x060;     ///< commands that software should keep waiting; 0: all places taken
// The build, read-only, two words each, the lower half first. A tick is a time of which a cycle and the fetch
// of a byte both are whole numbers.
constexpr uint32_t kTicksPerCycle = 0x068;
constexpr uint32_t kTicksPerByte = 0x070;
constexpr uint32_t kBufferBytes = 0x078;  ///< of the weight buffer

/// Control: the low-water mark raises the interrupt.
constexpr uint32_t kControlLowWater = 1U << 1;
/// Control: feedback for the last layer of a job alone.
constexpr uint32_t kControlLastOnly = 1U << 2;
/// Status: fewer commands wait than the low-water mark says, and a place is free.
constexpr uint32_t kStatusLowWater = 1U << 2;
}  // namespace npu

/// A layer: what an NPU has in the place of a MetadataEntry, with the addresses in the same places.
struct NpuLayerEntry {
  uint32_t reserved[3];
  uint32_t layer;             ///< index of the layer within the task
  uint64_t cycles;            ///< of its computation; at least 1
  uint32_t weight_bytes;      ///< may be 0
  uint32_t activation_bytes;  ///< of its output
  uint64_t activations;       ///< address where its output lies when it is not on chip
  uint64_t weights;           ///< address
  uint64_t unused[2];
};
static_assert(sizeof(NpuLayerEntry) == sizeof(MetadataEntry));

}  // namespace vesper::abi
