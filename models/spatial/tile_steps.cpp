#include "models/spatial/tile_steps.h"

#include <algorithm>

namespace vesper::spatial {

TileSteps::TileSteps(const workload::Operator& product, const Accelerator& accelerator, bool whole_rows)
    : rows_(product.rows), columns_(product.columns), step_rows_(accelerator.array.a * accelerator.tile.h1) {
  const Steps counts = step_counts(product, accelerator);
  step_columns_ = product.heads > 1 ? product.columns / product.heads * accelerator.units : product.columns;
  head_steps_ = counts.heads;
  row_steps_ = counts.rows;
  group_steps_ = uint64_t{counts.columns} * counts.reduced;
  if (whole_rows) return;
  step_columns_ = accelerator.array.c * accelerator.tile.w2;
  column_steps_ = counts.columns;
  group_steps_ = counts.reduced;
}

TileSteps::Group TileSteps::group(uint64_t number) const {
  const auto column_step = static_cast<uint32_t>(number % column_steps_);
  const auto row_step = static_cast<uint32_t>(number / column_steps_ % row_steps_);
  const auto head_step = static_cast<uint32_t>(number / column_steps_ / row_steps_);
  const uint32_t first_row = row_step * step_rows_;
  const uint32_t first_column = (head_step + column_step) * step_columns_;
  return {first_row, std::min(step_rows_, rows_ - first_row), first_column,
          std::min(step_columns_, columns_ - first_column)};
}

}  // namespace vesper::spatial
