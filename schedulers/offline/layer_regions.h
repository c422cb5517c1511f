/// One layer's tile iterations and the preemption points between them, in closed form: nothing here takes
/// longer for a larger layer. Costs: models/accelerator/tile_geometry.h; source: DERCA (RTSS 2025).
#pragma once

#include "models/accelerator/tile_geometry.h"
#include "schedulers/offline/cycles.h"
#include "schedulers/offline/design.h"

namespace vesper::offline {

/// C[m x n] = A[m x k] B[k x n].
struct LayerShape {
  uint32_t m = 0, k = 0, n = 0;
};

/// A preemption point before an iteration of a layer.
struct Point {
  Strategy strategy = Strategy::none;
  Cycles swap_out = 0;
  Cycles swap_in = 0;
};

class LayerRegions {
 public:
  /// Throws AnalysisError when a dimension is not in 1 .. 2^31-1, the layer has more than 2^32-1 iterations,
  /// or its cycles overflow 64 bits.
  LayerRegions(const LayerShape& shape, const accelerator::Tile& tile,
               const accelerator::OperationCosts& costs, Preemption preemption, bool persist_always_loads);

  [[nodiscard]] uint64_t iterations() const { return walk_.iterations(); }
  /// Cycles of iteration `i`, and of iterations first..last.
  [[nodiscard]] Cycles cycles(uint64_t i) const {
    return static_cast<Cycles>(iteration_cycles(walk_, costs_, i));
  }
  [[nodiscard]] Cycles cycles(uint64_t first, uint64_t last) const {
    return static_cast<Cycles>(iterations_cycles(walk_, costs_, first, last));
  }
  [[nodiscard]] Cycles cycles() const { return cycles(0, iterations() - 1); }

  /// The point before iteration `i`; nothing is on chip before the first.
  [[nodiscard]] Point point(uint64_t i) const;

  // Of all points, a region an iteration:
  [[nodiscard]] Wide swap_in_total() const;
  [[nodiscard]] Cycles longest_region() const;  ///< swap-in and iteration, both of the same
  [[nodiscard]] Cycles largest_swap_out() const;

 private:
  [[nodiscard]] Cycles recompute_swap_in(uint64_t i) const;
  [[nodiscard]] Cycles persist_swap_in(uint64_t i) const;
  [[nodiscard]] bool recomputes(uint64_t i) const;
  [[nodiscard]] Wide output_tile_swap_in() const;

  accelerator::TileWalk walk_;
  accelerator::OperationCosts costs_;
  Preemption preemption_;
  bool persist_always_loads_;
};

}  // namespace vesper::offline
