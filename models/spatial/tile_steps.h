/// The tile steps of a product on an accelerator, in order, and the rows that they complete. SystemC-free.
///
/// Order       that of step_counts(): heads, rows, columns, reduced dimension innermost. Units take a head
///             each, side by side; of a product of one head, a share of the columns each.
/// Group       a packet (timing.h): the rows of one row step of one head step, whole in the columns of its
///             heads or in those of one column step. It is complete at the end of the last of its
///             `group_steps`.
#pragma once

#include "models/spatial/design.h"

namespace vesper::spatial {

class TileSteps {
 public:
  TileSteps() = default;
  /// Columns of one column step are for products of one head on one unit.
  TileSteps(const workload::Operator& product, const Accelerator& accelerator, bool whole_rows = true);

  [[nodiscard]] uint64_t steps() const { return groups() * group_steps_; }
  [[nodiscard]] uint64_t groups() const { return uint64_t{head_steps_} * row_steps_ * column_steps_; }
  [[nodiscard]] uint64_t group_steps() const { return group_steps_; }

  struct Group {
    uint32_t first_row, rows;
    uint32_t first_column, columns;
  };
  [[nodiscard]] Group group(uint64_t number) const;

 private:
  uint32_t rows_ = 0, columns_ = 0;
  uint32_t step_rows_ = 1, step_columns_ = 1;  ///< of a group
  uint32_t head_steps_ = 0, row_steps_ = 0, column_steps_ = 1;
  uint64_t group_steps_ = 0;
};

}  // namespace vesper::spatial
