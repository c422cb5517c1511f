#include "models/spatial/product_arithmetic.h"

#include <cstring>

#include "models/aie/arithmetic.h"

namespace vesper::spatial {

using workload::Edge;
using workload::Operator;

namespace {
/// Columns of one head: all of the group, which may be a part, where there is but one head.
uint32_t head_columns(const Operator& op, const TileSteps::Group& group) {
  return op.heads == 1 ? group.columns : op.columns / op.heads;
}
}  // namespace

ProductArithmetic::ProductArithmetic(const core::Environment& environment) : plan_(environment.spatial) {
  for (const core::TaskInfo& task : environment.tasks) values_.emplace_back(environment.seed, task.name);
}

const pl::Matrix& ProductArithmetic::weights(uint16_t task, uint32_t product) {
  const auto [place, fresh] = weights_.try_emplace({task, product});
  if (fresh) place->second = values_[task].weights(plan_->graph_of(task)->operators[product]);
  return place->second;
}

void ProductArithmetic::read_part(const Read& read, const Part& part, std::vector<std::byte>& to) const {
  to.resize(size_t{part.rows} * part.columns);  // INT8
  read(part, to);
}

/// B of one head after the other, inner x columns each, one row after the other.
void ProductArithmetic::read_b(uint16_t task, uint32_t product, const TileSteps::Group& group,
                               const Read& read) {
  const Operator& op = plan_->graph_of(task)->operators[product];
  const uint32_t columns = head_columns(op, group);
  b_.clear();
  for (uint32_t first = group.first_column; first < group.first_column + group.columns; first += columns) {
    const Edge edge = op.has_weights() ? Edge{} : op.inputs[1];
    const uint32_t head = first * op.heads / op.columns;
    if (op.has_weights()) {
      const pl::Matrix& all = weights(task, product);
      scratch_.resize(size_t{op.inner} * columns);
      for (uint32_t k = 0; k < op.inner; ++k)
        std::memcpy(&scratch_[size_t{k} * columns], all.at(k, first), columns);
    } else if (op.b_transposed) {
      const uint32_t first_row = first - head * (op.columns / op.heads);
      read_part(read, {edge.from, first_row, columns, edge.first_column + head * op.inner, op.inner},
                scratch_);
      transpose(columns, op.inner);
    } else {
      read_part(read, {edge.from, 0, op.inner, edge.first_column + first, columns}, scratch_);
    }
    b_.insert(b_.end(), scratch_.begin(), scratch_.end());
  }
}

void ProductArithmetic::transpose(uint32_t rows, uint32_t columns) {
  std::vector<std::byte> turned(scratch_.size());
  for (uint32_t row = 0; row < rows; ++row) {
    for (uint32_t column = 0; column < columns; ++column)
      turned[size_t{column} * rows + row] = scratch_[size_t{row} * columns + column];
  }
  scratch_.swap(turned);
}

std::span<std::byte> ProductArithmetic::rows(uint16_t task, uint32_t product, const TileSteps::Group& group,
                                             const Read& read) {
  const aie::Arithmetic& arithmetic = *aie::find_arithmetic(1);
  const Operator& op = plan_->graph_of(task)->operators[product];
  const uint32_t columns = head_columns(op, group);
  const uint32_t heads = group.columns / columns;
  const uint32_t inner = op.inner;
  const Edge& edge = op.inputs[0];
  const uint32_t first_head = group.first_column * op.heads / op.columns;
  const uint32_t first = edge.first_column + first_head * inner;
  read_part(read, {edge.from, group.first_row, group.rows, first, heads * inner}, a_);
  read_b(task, product, group, read);
  sums_.assign(size_t{group.rows} * group.columns * aie::kAccumulatorBytes, std::byte{0});
  for (uint32_t head = 0; head < heads; ++head) {
    arithmetic.accumulate(&a_[size_t{head} * inner], &b_[size_t{head} * inner * columns],
                          &sums_[size_t{head} * columns * aie::kAccumulatorBytes],
                          {group.rows, inner, columns, heads * inner, columns, group.columns});
  }
  result_.resize(size_t{group.rows} * group.columns);
  arithmetic.drain(sums_.data(), result_.data(), result_.size(), inner);
  return result_;
}

}  // namespace vesper::spatial
