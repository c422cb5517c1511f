#include "schedulers/offline/layer_regions.h"

#include <fmt/format.h>

#include <algorithm>

namespace vesper::offline {

using accelerator::OperationCosts;
using accelerator::TileWalk;

namespace {

constexpr uint32_t kMostElements = std::numeric_limits<int32_t>::max();
constexpr Wide kMostIterations = std::numeric_limits<uint32_t>::max();  // the metadata table's fields

Wide signed_cycles(uint64_t cycles) { return static_cast<Wide>(cycles); }

TileWalk checked_walk(const LayerShape& shape, const accelerator::Tile& tile) {
  for (uint32_t dimension : {shape.m, shape.k, shape.n}) {
    if (dimension == 0 || dimension > kMostElements) {
      throw AnalysisError(
          fmt::format("a layer of {} x {} x {}: dimensions lie in 1 .. 2^31-1", shape.m, shape.k, shape.n));
    }
  }
  if (tile.m == 0 || tile.k == 0 || tile.n == 0) throw AnalysisError("a tile of 0 elements");
  TileWalk walk(shape.m, shape.k, shape.n, tile);
  // At most 2^31 tiles a dimension: two of them multiply within 64 bits.
  Wide tiles = static_cast<Wide>(uint64_t{walk.m_tiles()} * walk.n_tiles()) * walk.k_tiles();
  if (tiles + 2 > kMostIterations) {
    throw AnalysisError(fmt::format("a layer of {} x {} x {} has more than 2^32-1 tile iterations", shape.m,
                                    shape.k, shape.n));
  }
  return walk;
}

void check_costs(const OperationCosts& costs, const TileWalk& walk) {
  Wide iteration = signed_cycles(std::max({costs.load, costs.compute, costs.store}));
  narrow(iteration * signed_cycles(walk.iterations()), "a layer's execution time");
  narrow(signed_cycles(costs.resume) + signed_cycles(costs.load), "the swap-in of persist");
  narrow(signed_cycles(std::max(costs.clean, costs.persist)), "a swap-out");
  // The longest recomputation lies within an output tile, so within the layer's execution time.
}

}  // namespace

LayerRegions::LayerRegions(const LayerShape& shape, const accelerator::Tile& tile,
                           const OperationCosts& costs, Preemption preemption, bool persist_always_loads)
    : walk_(checked_walk(shape, tile)),
      costs_(costs),
      preemption_(preemption),
      persist_always_loads_(persist_always_loads) {
  check_costs(costs_, walk_);
}

Cycles LayerRegions::recompute_swap_in(uint64_t i) const {
  return static_cast<Cycles>(recompute_resume_cycles(walk_, costs_, i));
}

Cycles LayerRegions::persist_swap_in(uint64_t i) const {
  if (i == 0) return 0;
  bool loads = persist_always_loads_ || walk_.loads(i - 1);
  return static_cast<Cycles>(costs_.resume + (loads ? costs_.load : 0));
}

bool LayerRegions::recomputes(uint64_t i) const {
  if (preemption_ != Preemption::flexible) return preemption_ == Preemption::recompute;
  return recompute_swap_in(i) <= persist_swap_in(i);
}

Point LayerRegions::point(uint64_t i) const {
  if (i == 0) return {};
  if (recomputes(i)) return {Strategy::recompute, static_cast<Cycles>(costs_.clean), recompute_swap_in(i)};
  return {Strategy::persist, static_cast<Cycles>(costs_.persist), persist_swap_in(i)};
}

/// The k points of an output tile behind which there is another: the first `recomputed` of them start again,
/// at load + both, load + 2 both, ...; the others read the partial output back.
Wide LayerRegions::output_tile_swap_in() const {
  Wide k = walk_.k_tiles();
  Wide load = signed_cycles(costs_.load);
  Wide both = signed_cycles(std::max(costs_.load, costs_.compute));
  Wide persist = signed_cycles(costs_.resume) + load;
  Wide recomputed = preemption_ == Preemption::persist ? 0 : k;
  if (preemption_ == Preemption::flexible && both > 0) {
    recomputed = std::min(k, (persist - load) / both);
  }
  return recomputed * load + both * recomputed * (recomputed + 1) / 2 + (k - recomputed) * persist;
}

Wide LayerRegions::swap_in_total() const {
  // Points 2 .. T+1 cover whole output tiles; only the last of them lies behind the last load.
  uint64_t tiles = walk_.tiles();
  Wide outputs = signed_cycles(tiles / walk_.k_tiles());
  Wide before_last = output_tile_swap_in() * outputs;
  Wide load = signed_cycles(costs_.load);
  Wide both = signed_cycles(std::max(costs_.load, costs_.compute));
  Wide recompute = load + both * walk_.k_tiles();
  Wide persist = load + signed_cycles(costs_.resume);
  bool recomputed =
      preemption_ == Preemption::recompute || (preemption_ == Preemption::flexible && recompute <= persist);
  Wide last_as_any = recomputed ? recompute : persist;
  return point(1).swap_in + before_last - last_as_any + point(tiles + 1).swap_in;
}

Cycles LayerRegions::longest_region() const {
  // The swap-in grows with the position in the output tile (persist's is constant, so is flexible's limit);
  // only the position that stores and the first and last iterations differ in what they execute.
  uint64_t tiles = walk_.tiles();
  uint64_t k = walk_.k_tiles();
  Cycles longest = 0;
  for (uint64_t i : {uint64_t{0}, uint64_t{1}, k, k + 1, tiles - 1, tiles, tiles + 1}) {
    if (i >= iterations()) continue;
    longest = std::max(longest, narrow(Wide{point(i).swap_in} + cycles(i), "a region"));
  }
  return longest;
}

Cycles LayerRegions::largest_swap_out() const {
  // Flexible changes from recompute to persist at most once within an output tile.
  Cycles largest = 0;
  uint64_t tiles = walk_.tiles();
  for (uint64_t i : {uint64_t{1}, uint64_t{2}, uint64_t{walk_.k_tiles()} + 1, tiles, tiles + 1}) {
    if (i < iterations()) largest = std::max(largest, point(i).swap_out);
  }
  return largest;
}

}  // namespace vesper::offline
