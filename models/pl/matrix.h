/// A matrix of values, row-major, without gaps. SystemC-free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "platform/workload/graph.h"

namespace vesper::pl {

struct Matrix {
  uint32_t rows = 0, columns = 0;
  workload::Format format = workload::Format::int8;
  std::vector<std::byte> bytes;

  Matrix() = default;
  Matrix(uint32_t r, uint32_t c, workload::Format f)
      : rows(r), columns(c), format(f), bytes(uint64_t{r} * c * workload::bytes_of(f)) {}
  explicit Matrix(const workload::Operator& op) : Matrix(op.rows, op.columns, op.format) {}

  [[nodiscard]] uint32_t element_bytes() const { return workload::bytes_of(format); }
  [[nodiscard]] const std::byte* at(uint32_t row, uint32_t column) const {
    return bytes.data() + (uint64_t{row} * columns + column) * element_bytes();
  }
  [[nodiscard]] std::byte* at(uint32_t row, uint32_t column) {
    return bytes.data() + (uint64_t{row} * columns + column) * element_bytes();
  }
  bool operator==(const Matrix&) const = default;
};

/// Elements of type T that lie in bytes.
template <class T>
std::span<const T> elements(const std::byte* bytes, size_t count) {
  return {reinterpret_cast<const T*>(bytes), count};
}
template <class T>
std::span<T> elements(std::byte* bytes, size_t count) {
  return {reinterpret_cast<T*>(bytes), count};
}

}  // namespace vesper::pl
