/// What the search for a spatial design asks of a model: times and resources of one accelerator, the cost of
/// a pair, and the time of a whole design. All in picoseconds.
///
/// The network is seen by stages: all products of a stage are alike. `spine` is a longest chain of products
/// that depend on each other, by multiplications; of a transformer all of them. An image takes at least the
/// sum of its products' times whatever else the design does, which is what the search prunes by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/spatial/design.h"

namespace vesper::offline {

struct SpatialStage {
  std::string name;
  uint32_t product = 0;       ///< number of its first product
  uint32_t visits = 0;        ///< products an image
  uint32_t spine_visits = 0;  ///< of which lie on the spine
  uint32_t spine_before = 0;  ///< place of the first and of the last on the spine
  uint32_t spine_after = 0;
  uint32_t rows = 0, inner = 0, columns = 0, heads = 1;
  bool attention = false;  ///< both operands are computed
};

/// A result that one stage's accelerator delivers to another's.
struct SpatialEdge {
  uint32_t op = 0, input = 0;  ///< operator that takes it, and its operand
  uint8_t from = 0, to = 0;    ///< stages
  uint32_t spine_visits = 0;   ///< how often the spine goes along it
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

class SpatialModel {
 public:
  virtual ~SpatialModel() = default;
  [[nodiscard]] virtual const spatial::Device& device() const = 0;
  /// At most kMostStages, in order of their first product.
  [[nodiscard]] virtual const std::vector<SpatialStage>& stages() const = 0;
  [[nodiscard]] virtual const std::vector<SpatialEdge>& edges() const = 0;
  /// Operations of one image: two a multiplication.
  [[nodiscard]] virtual uint64_t operations() const = 0;
  /// The spine in order, by stages.
  [[nodiscard]] virtual const std::vector<uint8_t>& spine() const = 0;

  [[nodiscard]] virtual StageCost cost(uint8_t stage, const spatial::Accelerator& accelerator) const = 0;
  /// Of the accelerator alone; none where its tiles and weights exceed the local memory.
  [[nodiscard]] virtual std::optional<spatial::Resources> resources(
      const spatial::Accelerator& accelerator) const = 0;
  /// What moving a result from one accelerator's banks to the other's adds after its last row.
  [[nodiscard]] virtual uint64_t exposed_ps(const SpatialEdge& edge, const spatial::Accelerator& from,
                                            const spatial::Accelerator& to) const = 0;
  /// Of a batch of `design.images`; none where the design does not fit the device.
  [[nodiscard]] virtual std::optional<DesignCost> evaluate(const spatial::Design& design) const = 0;
};

}  // namespace vesper::offline
