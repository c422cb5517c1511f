#include "models/spatial/tile_steps.h"

#include <algorithm>

namespace vesper::spatial {

TileSteps::TileSteps(const workload::Operator& product, const Accelerator& accelerator)
    : rows_(product.rows), columns_(product.columns), step_rows_(accelerator.array.a * accelerator.tile.h1) {
  const Steps counts = step_counts(product, accelerator);
  step_columns_ = product.heads > 1 ? product.columns / product.heads * accelerator.units : product.columns;
  head_steps_ = counts.heads;
  row_steps_ = counts.rows;
  group_steps_ = uint64_t{counts.columns} * counts.reduced;
}

TileSteps::Group TileSteps::group(uint64_t number) const {
  const auto row_step = static_cast<uint32_t>(number % row_steps_);
  const auto head_step = static_cast<uint32_t>(number / row_steps_);
  const uint32_t first_row = row_step * step_rows_;
  const uint32_t first_column = head_step * step_columns_;
  return {first_row, std::min(step_rows_, rows_ - first_row), first_column,
          std::min(step_columns_, columns_ - first_column)};
}

uint64_t result_ps(const Accelerator& accelerator, const Device& device) {
  const uint64_t bits = uint64_t{accelerator.tile.h1} * accelerator.tile.w2 * 8;
  return pl_ps((bits + device.plio_bits - 1) / device.plio_bits, device);
}

}  // namespace vesper::spatial
