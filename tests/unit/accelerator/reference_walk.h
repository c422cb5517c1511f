/// The walk over a layer's tiles written out iteration by iteration from the description of the accelerator,
/// to compare the models' arithmetic with. One element a tile, so that shapes count tiles.
///
/// Tile t is loaded in iteration t and computed in t+1; an output tile is stored in the iteration 2 after its
/// last load. An iteration costs the largest of what it does. Source: DERCA (RTSS 2025).
#pragma once

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "models/accelerator/tile_geometry.h"

namespace vesper::accelerator {

struct Shape {
  uint32_t m = 1, k = 1, n = 1;
  [[nodiscard]] std::string text() const {
    return std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n);
  }
};

inline Shape random_shape(std::mt19937& random) {
  auto side = [&] { return random() % 3 == 0 ? 1 : 1 + static_cast<uint32_t>(random() % 6); };
  return {side(), side(), side()};
}

inline OperationCosts random_costs(std::mt19937& random) {
  auto cost = [&] { return random() % 8 == 0 ? uint64_t{0} : uint64_t{random() % 1000}; };
  return {cost(), cost(), cost(), cost(), cost(), cost()};
}

struct ReferenceWalk {
  struct Iteration {
    std::optional<uint64_t> load, compute, store;  ///< tile, tile, output tile
    bool begins_output = false;                    ///< loads the first inputs of an output tile
  };

  ReferenceWalk(const Shape& shape, const OperationCosts& operation_costs) : costs(operation_costs) {
    uint64_t tiles = uint64_t{shape.m} * shape.n * shape.k;
    iterations.resize(tiles + 2);
    uint64_t tile = 0;
    for (uint64_t output = 0; output < uint64_t{shape.m} * shape.n; ++output) {
      for (uint32_t k = 0; k < shape.k; ++k, ++tile) {
        iterations[tile].load = tile;
        iterations[tile].begins_output = k == 0;
        iterations[tile + 1].compute = tile;
        if (k + 1 == shape.k) iterations[tile + 2].store = output;
      }
    }
  }

  [[nodiscard]] uint64_t cycles(uint64_t i) const {
    const Iteration& at = iterations[i];
    return std::max({at.load ? costs.load : 0, at.compute ? costs.compute : 0, at.store ? costs.store : 0});
  }

  /// Iteration from which recompute starts again before iteration `i` >= 2.
  [[nodiscard]] uint64_t restart(uint64_t i) const {
    uint64_t s = i - 2;
    while (!iterations[s].begins_output) --s;
    return s;
  }

  [[nodiscard]] uint64_t recompute_resume(uint64_t i) const {
    if (i == 0) return 0;
    if (i == 1) return costs.load;
    uint64_t s = restart(i);
    uint64_t total = costs.load;  // iteration s computes and stores nothing this time
    if (s + 1 < i) {
      total += std::max(iterations[s + 1].load ? costs.load : 0, costs.compute);  // nor does s+1 store
    }
    for (uint64_t j = s + 2; j < i; ++j) total += cycles(j);
    return total;
  }

  /// The partial output comes back, then the inputs that iteration `i` computes with, if it computes.
  [[nodiscard]] uint64_t persist_resume(uint64_t i) const {
    if (i == 0) return 0;
    return costs.resume + (iterations[i].compute ? costs.load : 0);
  }

  OperationCosts costs;
  std::vector<Iteration> iterations;
};

}  // namespace vesper::accelerator
