/// What the operators of a graph that are no products do to values, one file an operator, registered by name
/// where it is written. SystemC-free: engines, and whoever checks them, use the same.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "models/pl/values.h"
#include "platform/workload/graph.h"

namespace vesper::pl {

/// Rows of an operator's input, in the columns of its first input's edge.
struct OperationWork {
  const workload::Graph& graph;
  const workload::Operator& op;
  uint32_t first_row = 0, rows = 0;
  uint32_t first_column = 0, columns = 0;
  const std::byte* in = nullptr;
  const std::byte* addend =
      nullptr;  ///< of an operator with two inputs: the same rows and columns of the second
  const Matrix* stored = nullptr;  ///< constants of the operator, if it has some
  std::byte* out = nullptr;        ///< rows x columns; elsewhere than `in`
};

class Operation {
 public:
  Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;

  virtual void apply(const OperationWork& work) const = 0;
  /// Whether it makes the operator's format of this one.
  [[nodiscard]] virtual bool takes(workload::Format in, const workload::Operator& op) const = 0;
  /// Columns that a row's result needs together: a multiple of so many comes, from such a multiple on.
  [[nodiscard]] virtual uint32_t columns_together(const workload::Operator&) const { return 1; }
  /// Constants that the operator holds; an empty matrix if it holds none.
  [[nodiscard]] virtual Matrix stored(const workload::Operator&, const Values&) const { return {}; }
};

/// Null when there is none of that name.
const Operation* find_operation(const std::string& op);

struct OperationRegistration {
  OperationRegistration(const char* op, const Operation& operation);
};

/// Format of an operator's result, or of the network's input (Edge::kInput).
workload::Format format_of(const workload::Graph& graph, uint32_t op);
/// Columns of the same.
uint32_t columns_of(const workload::Graph& graph, uint32_t op);
uint32_t rows_of(const workload::Graph& graph, uint32_t op);

}  // namespace vesper::pl
