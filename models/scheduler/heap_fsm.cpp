/// The DERCA / CLARE scheduler's control logic: a finite state machine over a binary min-heap in block RAM.
///
/// Source: CLARE (RTSS 2025), hardware scheduler. A sift is a pipelined loop of initiation interval II and
/// depth D: l levels take D + II (l - 1) cycles, none when nothing moves. Insertion is bottom-up (D 5, II 2),
/// removal of the root top-down (D 4, II 3). With the cycles around the sift, a heap of at most N jobs stays
/// within the published bounds: 2 for a feedback, 2 ceil(log2 N) + 5 for a release, 3 ceil(log2 N) + 4 for an
/// issue that dequeues.
///
///     feedback   read 1, set the flag that allows an issue 1
///     release    read the FIFO 1, write the key behind the last leaf 1, then the sift (1 cycle to end it
///     when
///                nothing moves)
///     issue      read the root 1, compose the instruction 1, send it 1; a job's last region is sent after
///     the
///                root's removal: the sift (1 cycle to write the size when nothing moves)
///
/// The instruction leaves at the end of its turn.
#include "models/scheduler/micro_architecture.h"
#include "schedulers/offline/terms.h"

namespace vesper::scheduler {
namespace {

constexpr core::Cycles kFeedback = 2;
constexpr core::Cycles kReadAndWriteLeaf = 2;
constexpr core::Cycles kReadComposeSend = 3;
constexpr core::Cycles kNothingMoves = 1;

/// Cycles of a pipelined loop over `iterations` levels.
constexpr core::Cycles sift(core::Cycles iterations, core::Cycles depth, core::Cycles initiation_interval) {
  return iterations == 0 ? kNothingMoves : depth + initiation_interval * (iterations - 1);
}

class HeapFsm final : public MicroArchitecture {
 public:
  explicit HeapFsm(const ComputeUnit&) {}
  [[nodiscard]] core::Cycles feedback(const policy::Work&) const override { return kFeedback; }
  [[nodiscard]] core::Cycles release(const policy::Work& work) const override {
    return kReadAndWriteLeaf + sift(work.levels_up, 5, 2);
  }
  [[nodiscard]] core::Cycles issue(const policy::Work& work, uint32_t, bool dequeued) const override {
    return kReadComposeSend + (dequeued ? sift(work.levels_up + work.levels_down, 4, 3) : 0);
  }
  [[nodiscard]] core::Cycles worst_pass(uint32_t tasks) const override {
    return offline::hardware_scheduler_cycles(tasks);
  }
};

VESPER_MICRO_ARCHITECTURE(HeapFsm, "heap_fsm", "state machine over a binary heap: DERCA's PL scheduler");

}  // namespace
}  // namespace vesper::scheduler
