/// Configurations of one accelerator: everything that may serve a set of stages, less what something else is
/// better than in all respects.
///
/// Exhaustive over A, B, C, the tile, units, type and lanes. Of A (and so B and C) only the least that makes
/// a number of steps: more AIEs that make no step fewer are left out. An option stays where no other of the
/// same A, B, C and units (what decides whether neighbours' partitions fit) takes no more time and no more of
/// any resource.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "schedulers/offline/spatial_model.h"

namespace vesper::offline {

/// Which tiles and lanes are looked at.
struct OptionLimits {
  Bytes tile_memory = KiB(4);   ///< that the operands and the result of one tile may take together
  uint32_t tile_multiple = 16;  ///< h1, w1 and w2 are multiples of this
  uint32_t most_units = 4;
  std::vector<uint32_t> lanes{16};
};

/// What all accelerators take of the device together: AIEs, PLIO streams in and out, DSPs and BRAM of
/// engines, URAM of weights. Operands' memory is left to the whole schedule: what has no room goes through
/// DDR.
constexpr size_t kSharedResources = 6;
using Shares = std::array<uint32_t, kSharedResources>;
Shares shares_of(const spatial::Resources& resources);
/// As tables count resources: in grains, rounded down, so that what a table says is never more than is
/// needed.
constexpr Shares kGrain{1, 1, 1, 8, 8, 4};

struct Option {
  spatial::Accelerator accelerator;  ///< without name and stages
  uint64_t busy_ps = 0;              ///< of all its products of an image
  uint64_t spine_ps = 0;             ///< of those on the spine, latencies, with moves within the accelerator
  spatial::Resources resources;
  std::vector<StageCost> costs;  ///< of its stages, in order
};

/// Options whose neighbours see no difference.
struct Partition {
  std::vector<spatial::Banks> banks;  ///< of the edges that leave or enter the set of stages, in order
  std::vector<uint32_t> options;
};

/// What a search asks of an option most often.
struct OptionCost {
  uint64_t busy_ps = 0, spine_ps = 0;
  Shares shares{};
};

/// Amounts of a resource in grains, ascending, each with the least time that it buys.
using Stairs = std::vector<std::pair<uint32_t, uint64_t>>;

struct OptionSet {
  std::vector<Option> options;  ///< by busy time, then AIEs, then the rest: one order on every machine
  std::vector<OptionCost> costs;
  std::array<Stairs, kSharedResources> busy_stairs, spine_stairs;
  std::vector<Partition> partitions;
  std::vector<uint32_t> partition_of;  ///< of an option
  std::vector<uint32_t> edges;         ///< the edges that partitions are of: numbers in SpatialModel::edges()
  uint64_t tried = 0;                  ///< configurations looked at
  std::vector<uint32_t> first_bank;    ///< of each of them among a partition's banks, and the end
  /// Those of an edge.
  [[nodiscard]] std::span<const spatial::Banks> banks_of(uint32_t edge, const Partition& partition) const;
};

/// Options by set of stages, worked out when first asked for and kept. Safe for many threads.
class OptionTable {
 public:
  OptionTable(const SpatialModel& model, OptionLimits limits);
  std::shared_ptr<const OptionSet> of(StageSet stages);

 private:
  struct Slot {
    std::once_flag once;
    std::shared_ptr<const OptionSet> set;
  };
  const SpatialModel& model_;
  OptionLimits limits_;
  std::mutex mutex_;
  std::unordered_map<StageSet, std::shared_ptr<Slot>> slots_;
};

/// Tiles under the limits, in one order.
std::vector<spatial::Tile> tiles_of(const OptionLimits& limits);
/// Values of one of A, B and C: for each number of steps that `extents` may take with tiles of that size, the
/// least that makes it; ascending, none above `most`.
std::vector<uint32_t> parallelism_of(const std::vector<uint32_t>& extents, uint32_t tile, uint32_t most);

}  // namespace vesper::offline
