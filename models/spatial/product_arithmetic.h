/// Rows of INT8 products for functional runs: operands cut as heads take them, the product and the drain of
/// aie::Arithmetic. SystemC-free.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "models/core/environment.h"
#include "models/pl/values.h"
#include "models/spatial/plan.h"
#include "models/spatial/tile_steps.h"

namespace vesper::spatial {

class ProductArithmetic {
 public:
  explicit ProductArithmetic(const core::Environment& environment);

  /// Rows and columns of a result, or of the input (Edge::kInput), one row after the other, into `values`.
  struct Part {
    uint32_t op, first_row, rows, first_column, columns;
  };
  using Read = std::function<void(const Part& part, std::span<std::byte> values)>;

  /// The group's rows and columns of a product; valid until the next call.
  std::span<std::byte> rows(uint16_t task, uint32_t product, const TileSteps::Group& group, const Read& read);

 private:
  struct Weights {
    uint16_t task;
    uint32_t product;
    auto operator<=>(const Weights&) const = default;
  };

  const pl::Matrix& weights(uint16_t task, uint32_t product);
  void read_part(const Read& read, const Part& part, std::vector<std::byte>& to) const;
  void read_b(uint16_t task, uint32_t product, const TileSteps::Group& group, const Read& read);
  void transpose(uint32_t rows, uint32_t columns);

  const std::shared_ptr<const Plan> plan_;
  std::vector<pl::Values> values_;  // by task
  std::map<Weights, pl::Matrix> weights_;
  std::vector<std::byte> a_, b_, scratch_, sums_, result_;
};

}  // namespace vesper::spatial
