/// A task's job as non-preemptive regions: sums in closed form, and a stream of the regions one after the
/// other.
#pragma once

#include <span>
#include <vector>

#include "schedulers/offline/layer_regions.h"
#include "schedulers/offline/terms.h"

namespace vesper::offline {

/// Where a region may end: before an iteration of a layer.
struct Position {
  uint32_t layer = 0;
  uint64_t iteration = 0;
  bool operator==(const Position&) const = default;
};

/// A non-preemptive region: a range of iterations, over layers too.
struct Region {
  Position first;
  Position last;  ///< inclusive
  Strategy strategy_at_start = Strategy::none;
  Strategy strategy_at_end = Strategy::none;
  Cycles execution = 0;  ///< iterations, scheduler and kernel management
  Cycles overhead = 0;  ///< swap-in; of the first region the largest swap-out of a task with a later deadline
  Cycles swap_out = 0;  ///< at its end

  [[nodiscard]] Cycles wcet() const { return execution + overhead; }
};

struct RegionSummary {
  uint64_t count = 0;
  Cycles execution = 0;       ///< iterations alone
  Cycles management = 0;      ///< scheduler and kernel management
  Cycles first_overhead = 0;  ///< of the first region
  Cycles swap_in = 0;         ///< of all others
  Cycles wcet = 0;            ///< the sum of these
  Cycles longest = 0;         ///< WCET of the longest region: q_max
};

class TaskRegions {
 public:
  /// Throws AnalysisError when there are no layers, one is nonsensical, or a sum overflows 64 bits.
  TaskRegions(std::span<const LayerShape> layers, const accelerator::Tile& tile,
              const accelerator::OperationCosts& costs, const Design& design, const Terms& terms);

  [[nodiscard]] const std::vector<LayerRegions>& layers() const { return layers_; }
  [[nodiscard]] const Terms& terms() const { return terms_; }
  [[nodiscard]] Cuts cuts() const { return cuts_; }

  /// Takes O(layers).
  [[nodiscard]] RegionSummary summary(Cycles first_overhead) const;
  [[nodiscard]] Cycles largest_swap_out() const;

 private:
  void sum_up();

  std::vector<LayerRegions> layers_;
  Terms terms_;
  Cuts cuts_;
  RegionSummary summary_;       // without the first region's overhead
  Cycles first_execution_ = 0;  // of the first region, management included
};

/// The regions of a task in order; constant time and memory for each.
class RegionStream {
 public:
  RegionStream(const TaskRegions& task, Cycles first_overhead) : task_(task), overhead_(first_overhead) {}
  /// False when there are no more.
  bool next(Region& region);

 private:
  [[nodiscard]] Position end_of_region() const;

  const TaskRegions& task_;
  Cycles overhead_;
  Strategy strategy_ = Strategy::none;
  Position at_;
};

}  // namespace vesper::offline
