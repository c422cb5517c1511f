/// The accelerator's kernel manager as firmware and the scheduler block see it: registers, tables, messages.
/// Plain C++ data, shared by models and firmware.
#pragma once

#include <stdint.h>

namespace vesper::abi {

/// Offsets in the kernel manager's register bank.
namespace kernel_manager {
constexpr uint32_t kId = 0x000;           ///< read-only: kIdValue
constexpr uint32_t kControl = 0x004;      ///< bit 0: feedback raises the interrupt
constexpr uint32_t kStatus = 0x008;       ///< read-only; bit 0: a region runs, bit 1: feedback waits
constexpr uint32_t kInstruction = 0x010;  ///< 4 words of InstructionWords; writing the last one issues it
constexpr uint32_t kFeedback = 0x030;     ///< read-only: 4 words of FeedbackWords, oldest first
constexpr uint32_t kFeedbackPop = 0x040;  ///< any write drops the oldest feedback
constexpr uint32_t kTaskBase = 0x100;     ///< 64 words: first index table entry of each task
constexpr uint32_t kRegionCount = 0x200;  ///< 64 words: regions of each task
constexpr uint64_t kIndexTable = 0x0100'0000;     ///< IndexEntry[]
constexpr uint64_t kMetadataTable = 0x0200'0000;  ///< MetadataEntry[]
constexpr uint64_t kSize = 0x1000'0000;           ///< address space of the whole bank
constexpr uint32_t kIdValue = 0x56'4B'4D'31;      ///< "VKM1"
constexpr uint32_t kControlInterruptEnable = 1U << 0;
constexpr uint32_t kStatusBusy = 1U << 0;
constexpr uint32_t kStatusFeedback = 1U << 1;
}  // namespace kernel_manager

/// An instruction as it is written to the registers or sent by the scheduler block.
struct InstructionWords {
  uint32_t task;  ///< bits 7:0 task, 15:8 last task, 16 preempt, 17 resume
  uint32_t job;
  uint32_t last_region;
  uint32_t region;  ///< writing this word issues the instruction
};
constexpr uint32_t kInstructionPreempt = 1U << 16;
constexpr uint32_t kInstructionResume = 1U << 17;

struct FeedbackWords {
  uint32_t task;  ///< bits 7:0 task, bit 8: the job's last region, bit 9: the job failed (a memory error)
  uint32_t job;
  uint32_t region;
  uint32_t monitor;  ///< the accelerator's monitor reading
};
constexpr uint32_t kFeedbackLast = 1U << 8;
constexpr uint32_t kFeedbackFailed = 1U << 9;

/// (task, region) -> the region's entries of the metadata table.
struct IndexEntry {
  uint32_t first;
  uint32_t count;
};

/// A range of tile iterations of one layer.
struct MetadataEntry {
  uint32_t m, k, n;  ///< problem shape in elements: C[m x n] = A[m x k] B[k x n]
  uint32_t layer;    ///< index of the layer within the task
  uint32_t first_iteration;
  uint32_t last_iteration;  ///< inclusive
  uint32_t flags;
  uint32_t repeat;   ///< reserved, 0
  uint64_t a, b, c;  ///< addresses of the tensors
  uint64_t partial;  ///< where persist keeps a partial output tile
};
/// A preemption point lies at the end of this entry, with something on chip.
constexpr uint32_t kEntryPreemptive = 1U << 0;
/// Strategy of the point at its end, and of the one at its start: persist if set, else recompute.
constexpr uint32_t kEntryPersistAtEnd = 1U << 1;
constexpr uint32_t kEntryPersistAtStart = 1U << 2;

/// A layer of a sparse network: what an accelerator that goes layer by layer has in the place of a
/// MetadataEntry, with the addresses in the same places.
struct SparseLayerEntry {
  uint32_t m, k, n;  ///< as in MetadataEntry; all 0 where the shape is not known
  uint32_t layer;    ///< index of the layer within the task
  uint32_t inputs;   ///< elements of the input tensor
  uint32_t flags;    ///< bits 7:0 pattern of the weights' zeros, 10:8 below, 31:12 different B's less one
  uint32_t weight_zeros;      ///< of a million weights
  uint32_t activation_zeros;  ///< of a million activations, on the average
  uint64_t a, b, c;           ///< addresses of input, weights and output
  uint64_t unused;
};
constexpr uint32_t kLayerAttention = 1U << 8;      ///< a product of activations, of which a mask keeps a part
constexpr uint32_t kLayerLoadsInput = 1U << 9;     ///< its input comes from memory, not from the layer before
constexpr uint32_t kLayerStoresOutput = 1U << 10;  ///< its output goes to memory

/// Entries that the tables hold: all tasks together.
constexpr uint64_t kIndexEntries =
    (kernel_manager::kMetadataTable - kernel_manager::kIndexTable) / sizeof(IndexEntry);
constexpr uint64_t kMetadataEntries =
    (kernel_manager::kSize - kernel_manager::kMetadataTable) / sizeof(MetadataEntry);

static_assert(sizeof(InstructionWords) == 16 && sizeof(FeedbackWords) == 16);
static_assert(sizeof(IndexEntry) == 8 && sizeof(MetadataEntry) == 64);
static_assert(sizeof(SparseLayerEntry) == sizeof(MetadataEntry));

}  // namespace vesper::abi
