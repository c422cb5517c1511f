#include "models/pl/graph_reference.h"

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

#include "models/aie/arithmetic.h"

namespace vesper::pl {
namespace {

using workload::Edge;
using workload::Format;
using workload::Operator;

/// The columns of a matrix that an edge takes.
Matrix cut(const Matrix& from, const Edge& edge) {
  if (edge.first_column == 0 && edge.columns == from.columns) return from;
  Matrix part(from.rows, edge.columns, from.format);
  for (uint32_t row = 0; row < from.rows; ++row) {
    std::memcpy(part.at(row, 0), from.at(row, edge.first_column),
                size_t{edge.columns} * part.element_bytes());
  }
  return part;
}

/// INT8 as vectors of 16 bits whose inner products are sums along memory.
class Vectors {
 public:
  Vectors(uint32_t count, uint32_t length) : length_(length), values_(size_t{count} * length) {}
  int16_t& at(uint32_t vector, uint32_t index) { return values_[size_t{vector} * length_ + index]; }
  [[nodiscard]] const int16_t* operator[](uint32_t vector) const {
    return &values_[size_t{vector} * length_];
  }

 private:
  uint32_t length_;
  std::vector<int16_t> values_;
};

int16_t value_at(const Matrix& matrix, uint32_t row, uint32_t column) {
  return static_cast<int8_t>(*matrix.at(row, column));
}

Vectors rows_of(const Matrix& matrix, uint32_t first_column, uint32_t columns) {
  Vectors vectors(matrix.rows, columns);
  for (uint32_t row = 0; row < matrix.rows; ++row) {
    for (uint32_t column = 0; column < columns; ++column)
      vectors.at(row, column) = value_at(matrix, row, first_column + column);
  }
  return vectors;
}

Vectors columns_of(const Matrix& matrix, uint32_t first_column, uint32_t columns) {
  Vectors vectors(columns, matrix.rows);
  for (uint32_t row = 0; row < matrix.rows; ++row) {
    for (uint32_t column = 0; column < columns; ++column)
      vectors.at(column, row) = value_at(matrix, row, first_column + column);
  }
  return vectors;
}

int32_t inner_product(const int16_t* a, const int16_t* b, uint32_t length) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < length; ++i) sum += static_cast<uint32_t>(a[i] * b[i]);
  return static_cast<int32_t>(sum);
}

}  // namespace

GraphReference::GraphReference(const workload::Graph& graph, const Values& values)
    : graph_(graph), weights_(graph.operators.size()), stored_(graph.operators.size()) {
  for (size_t i = 0; i < graph.operators.size(); ++i) {
    const Operator& op = graph.operators[i];
    if (op.is_product()) {
      if (op.format != Format::int8)
        throw std::invalid_argument(fmt::format("'{}': products are computed in INT8", op.name));
      if (op.has_weights()) weights_[i] = values.weights(op);
      continue;
    }
    const Operation* operation = find_operation(op.op);
    if (operation == nullptr)
      throw std::invalid_argument(fmt::format("'{}': nothing computes {}", op.name, op.op));
    stored_[i] = operation->stored(op, values);
  }
}

std::vector<Matrix> GraphReference::results(const Matrix& input) const {
  std::vector<Matrix> all;
  all.reserve(graph_.operators.size());
  for (uint32_t i = 0; i < graph_.operators.size(); ++i) {
    const Operator& op = graph_.operators[i];
    auto operand = [&](size_t number) {
      if (number >= op.inputs.size()) return Matrix{};
      const Edge& edge = op.inputs[number];
      return cut(edge.from == Edge::kInput ? input : all[edge.from], edge);
    };
    if (op.is_product()) {
      all.push_back(product(i, operand(0), op.has_weights() ? weights_[i] : operand(1)));
    } else {
      all.push_back(operation(i, operand(0), operand(1)));
    }
  }
  return all;
}

Matrix GraphReference::product(uint32_t number, const Matrix& a, const Matrix& b) const {
  const Operator& op = graph_.operators[number];
  const uint32_t columns = op.columns / op.heads;
  Matrix result(op);
  std::vector<int32_t> sums(columns);
  for (uint32_t head = 0; head < op.heads; ++head) {
    const Vectors left = rows_of(a, head * op.inner, op.inner);
    const Vectors right =
        op.b_transposed ? rows_of(b, head * op.inner, op.inner) : columns_of(b, head * columns, columns);
    for (uint32_t row = 0; row < op.rows; ++row) {
      for (uint32_t column = 0; column < columns; ++column)
        sums[column] = inner_product(left[row], right[column], op.inner);
      aie::find_arithmetic(1)->drain(reinterpret_cast<const std::byte*>(sums.data()),
                                     result.at(row, head * columns), columns, op.inner);
    }
  }
  return result;
}

Matrix GraphReference::operation(uint32_t number, const Matrix& in, const Matrix& addend) const {
  const Operator& op = graph_.operators[number];
  Matrix result(op);
  OperationWork work{graph_, op};
  work.rows = in.rows;
  work.columns = in.columns;
  work.in = in.bytes.data();
  work.addend = addend.bytes.data();
  work.stored = stored_[number].rows == 0 ? nullptr : &stored_[number];
  work.out = result.bytes.data();
  find_operation(op.op)->apply(work);
  return result;
}

std::string difference(const Matrix& is, const Matrix& expected) {
  if (is.rows != expected.rows || is.columns != expected.columns || is.format != expected.format)
    return fmt::format("a matrix of {} x {}, not {} x {}", is.rows, is.columns, expected.rows,
                       expected.columns);
  for (uint32_t row = 0; row < is.rows; ++row) {
    for (uint32_t column = 0; column < is.columns; ++column) {
      if (std::memcmp(is.at(row, column), expected.at(row, column), is.element_bytes()) == 0) continue;
      const aie::Arithmetic& arithmetic = *aie::find_arithmetic(is.element_bytes());
      return fmt::format("row {}, column {} is {}, not {}", row, column, arithmetic.text(is.at(row, column)),
                         arithmetic.text(expected.at(row, column)));
    }
  }
  return "";
}

}  // namespace vesper::pl
