/// What the search for a spatial design asks of a model: times and resources of one accelerator, the cost of
/// a pair, and the time of a whole design. All in picoseconds.
///
/// The network is seen by stages: all products of a stage are alike. The spine is a longest chain of products
/// that depend on each other, by multiplications; of a transformer all of them. An image takes at least the
/// sum of its products' times whatever else the design does, which is what the search prunes by.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/spatial/design.h"
#include "models/spatial/memory.h"

namespace vesper::offline {

/// Stages of a network that a search takes at most.
constexpr size_t kMostStages = 24;
/// Stages as bits, the first the lowest.
using StageSet = uint32_t;

struct SpatialStage {
  std::string name;
  uint32_t visits = 0;        ///< products an image
  uint32_t spine_visits = 0;  ///< of which lie on the spine
  uint32_t rows = 0, inner = 0, columns = 0, heads = 1;
  bool attention = false;  ///< both operands are computed
};

/// What the spine's product of one stage delivers to the next of the spine, of another stage or the same.
struct SpatialEdge {
  uint8_t from = 0, to = 0;      ///< stages
  uint32_t spine_visits = 0;     ///< how often the spine goes along it
  std::vector<uint16_t> routes;  ///< the model's own numbers of what goes along it
};

/// Of one stage on an accelerator, a product.
struct StageCost {
  uint64_t busy_ps = 0;     ///< until the accelerator can take the next product
  uint64_t latency_ps = 0;  ///< until the last row of the result is out of the engines behind it
};

struct DesignCost {
  uint64_t latency_ps = 0;  ///< from the images' arrival until the last result is out
  spatial::Resources resources;
};

/// Functions are called by many threads at once.
class SpatialModel {
 public:
  virtual ~SpatialModel() = default;
  [[nodiscard]] virtual const spatial::Device& device() const = 0;
  /// In order of their first product.
  [[nodiscard]] virtual const std::vector<SpatialStage>& stages() const = 0;
  [[nodiscard]] virtual const std::vector<SpatialEdge>& edges() const = 0;
  /// The stages of the spine's products, in order.
  [[nodiscard]] virtual const std::vector<uint8_t>& spine() const = 0;
  /// Operations of one image: two a multiplication.
  [[nodiscard]] virtual uint64_t operations() const = 0;

  /// Of the stages of a set, in order, `out` is emptied first: what the array alone takes of each, and so the
  /// least of both times.
  virtual void array_ps(StageSet stages, const spatial::Accelerator& accelerator,
                        std::vector<uint64_t>& out) const = 0;
  /// The whole cost of a stage, given what its array takes.
  [[nodiscard]] virtual StageCost cost(uint8_t stage, const spatial::Accelerator& accelerator,
                                       uint64_t array_ps) const = 0;
  /// Of the accelerator alone; none where its tiles and weights exceed the local memory.
  [[nodiscard]] virtual std::optional<spatial::Resources> resources(
      StageSet stages, const spatial::Accelerator& accelerator) const = 0;
  /// Adds the banks in which the producer leaves what goes along an edge: one for each route.
  virtual void written(const SpatialEdge& edge, const spatial::Accelerator& producer,
                       std::vector<spatial::Banks>& out) const = 0;
  /// Adds those in which its consumer reads it.
  virtual void read(const SpatialEdge& edge, const spatial::Accelerator& consumer,
                    std::vector<spatial::Banks>& out) const = 0;
  /// What moving it from ones to the others adds after its last row.
  [[nodiscard]] virtual uint64_t move_ps(const SpatialEdge& edge, std::span<const spatial::Banks> from,
                                         std::span<const spatial::Banks> to) const = 0;
  /// Of a batch of `design.images`; none where the design does not fit the device.
  [[nodiscard]] virtual std::optional<DesignCost> evaluate(const spatial::Design& design) const = 0;
};

}  // namespace vesper::offline
