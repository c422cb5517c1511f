/// A configuration for every accelerator of a map, so that a batch of images is done soonest and the sums of
/// AIEs, PLIO streams and DSPs stay within the device.
///
/// Method      accelerators are decided in the order in which the schedule meets them, and at each of them
///             the `breadth` best beginnings are kept (beam search). A beginning is as good as the least time
///             that any completion of it can take: the sum of latencies along the spine, with what moves
///             between neighbours of unlike partitions cost, or the batch's work on the busiest accelerator,
///             with the least that accelerators not decided yet add while all resources last (exact for each
///             resource alone, by dynamic programming). The best completions are worked out by the model's
///             whole schedule.
/// Lanes       are then raised one by one, accelerator by accelerator, as long as the batch is done sooner:
///             the beginnings have but the few numbers of lanes that options have.
/// Source      SSR's algorithm 2 decides in the same order but keeps a single beginning, for which it
///             shares out AIEs and PLIO by operations beforehand.
#pragma once

#include "schedulers/offline/spatial_map.h"
#include "schedulers/offline/spatial_options.h"

namespace vesper::offline {

struct AllocationEffort {
  uint32_t breadth = 64;      ///< beginnings kept
  uint32_t evaluations = 16;  ///< completions worked out by the whole schedule
  uint32_t most_lanes = 16;   ///< to which the best one's lanes are raised while that helps
};

/// What a map came to for one number of images.
struct Allocation {
  bool found = false;
  uint64_t latency_ps = 0;  ///< of the best design; where none was found, a time that none of the map's beats
  spatial::Design design;   ///< with accelerators named, where one was found
};

/// What a map needs for all numbers of images; many threads may have one each of the same table.
class Allocator {
 public:
  Allocator(const SpatialModel& model, OptionTable& table, const spatial::Design& base, const StageMap& map);
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;
  ~Allocator();

  /// Designs that take `enough_ps` or longer are of no interest.
  [[nodiscard]] Allocation allocate(uint32_t images, uint64_t enough_ps, const AllocationEffort& effort);
  /// Whole schedules worked out so far.
  [[nodiscard]] uint64_t evaluations() const { return evaluations_; }

 private:
  struct Level;
  struct Node;
  struct Sum;
  /// Between beginnings of the same least time: that which is faster so far, or that which leaves more.
  enum class Order : uint8_t { fast, frugal };
  class Kept;

  [[nodiscard]] uint64_t least_ps(const Level& level, const Sum& sum, uint32_t images) const;
  [[nodiscard]] std::vector<const uint64_t*> exposed_rows(Level& own, const Node& parent) const;
  void expand(size_t level, uint32_t images, uint64_t enough_ps, uint32_t breadth, Order order);
  [[nodiscard]] bool is_once(uint8_t accelerator) const;
  [[nodiscard]] uint64_t usage_of(const Sum& sum) const;
  [[nodiscard]] spatial::Design design_of(const Node& leaf, uint32_t images) const;
  void raise_lanes(Allocation& best, uint32_t most_lanes);
  [[nodiscard]] uint64_t leaf_ps(const Node& leaf, uint32_t images) const;

  const SpatialModel& model_;
  spatial::Design base_;
  StageMap map_;
  Shares budget_;
  std::vector<std::shared_ptr<Level>> levels_;
  std::shared_ptr<Level> root_;          ///< before the first: its tables are of all accelerators
  std::vector<std::vector<Node>> kept_;  ///< of each level
  uint64_t evaluations_ = 0;
};

}  // namespace vesper::offline
