/// What the accelerator does for one instruction, as a sequence of phases: the operations of a phase run side
/// by side, and a phase begins when the one before has ended. SystemC-free.
#pragma once

#include <cstdint>

#include "models/accelerator/tile_geometry.h"

namespace vesper::accelerator {

enum class Swap : uint8_t { none, clean, persist, resume };

struct Phase {
  const abi::MetadataEntry* entry = nullptr;
  uint16_t task = 0;
  uint64_t iteration = 0;  ///< the step number reported; for swaps the iteration at the preemption point
  Swap swap = Swap::none;
  bool load = false, compute = false, store = false;
  bool again = false;  ///< an iteration done again after a swap-in
  uint64_t load_tile = 0, compute_tile = 0, output_tile = 0;

  /// It moves an output tile, whole or partial.
  [[nodiscard]] bool uses_c() const { return store || swap == Swap::persist || swap == Swap::resume; }
};

/// Swap-out of the previous job, swap-in of this one, then the entries of its region.
class PhaseSequence {
 public:
  struct Request {
    const abi::MetadataEntry* entries = nullptr;  ///< of the region, `entry_count` in a row
    uint32_t entry_count = 0;
    uint16_t task = 0;
    bool resume = false;
    const abi::MetadataEntry* preempted = nullptr;  ///< last entry of the region swapped out, or null
    uint16_t preempted_task = 0;
  };

  PhaseSequence(const Request& request, const Tile& tile);
  PhaseSequence() = default;

  /// The next phase; false at the end.
  bool next(Phase& phase);

 private:
  enum class Stage : uint8_t { swap_out, restore, replay, entry, done };
  bool swap_out(Phase& phase);
  bool restore(Phase& phase);
  bool replay(Phase& phase);
  bool iterate(Phase& phase);
  void begin_entry();
  void fill(Phase& phase, uint64_t iteration, bool may_store, uint64_t first_computed) const;
  [[nodiscard]] TileWalk walk_of(const abi::MetadataEntry& entry) const {
    return {entry.m, entry.k, entry.n, tile_};
  }

  Request request_;
  Tile tile_;
  Stage stage_ = Stage::done;
  uint32_t entry_ = 0;
  uint64_t iteration_ = 0;
  uint64_t replay_from_ = 0;
  TileWalk walk_{1, 1, 1, Tile{}};
};

/// Cycles of a phase when every operation takes its cost.
uint64_t phase_cycles(const Phase& phase, const OperationCosts& costs);
struct RegionWork {
  uint64_t cycles = 0;
  uint64_t steps = 0;     ///< tile iterations
  uint64_t computes = 0;  ///< of them, those that compute
};
/// What a request's swap-out and swap-in do; steps and computes are those of iterations done again.
RegionWork swap_work(const PhaseSequence::Request& request, const Tile& tile, const OperationCosts& costs);
/// Cycles of a request's swap-out and swap-in.
uint64_t swap_cycles(const PhaseSequence::Request& request, const Tile& tile, const OperationCosts& costs);
/// What a request's region does, swaps apart; constant time in the number of iterations.
RegionWork region_work(const PhaseSequence::Request& request, const Tile& tile, const OperationCosts& costs);

}  // namespace vesper::accelerator
