/// What each operator of a graph must give for an input: plain loops over whole matrices, one operator after
/// the other; no packets, memories, tiles, lanes or mapping. SystemC-free.
///
/// Products    INT8 with INT32 accumulators that wrap, drained as aie::Arithmetic does. A head takes its
///             share of the columns of A and gives its share of those of the result; B as
///             platform/workload/graph.h says.
/// Others      by their Operation on all rows at once.
/// Speed       a block of DeiT-T (99 million MACs) takes some 20 ms.
#pragma once

#include <string>
#include <vector>

#include "models/pl/operation.h"

namespace vesper::pl {

class GraphReference {
 public:
  /// Draws weights and constants. `graph` outlives this. Throws std::invalid_argument on an operator that
  /// nothing computes, or a product of other than INT8.
  GraphReference(const workload::Graph& graph, const Values& values);

  /// Results of all operators, by number.
  [[nodiscard]] std::vector<Matrix> results(const Matrix& input) const;

  /// Of a product with weights; else an empty matrix.
  [[nodiscard]] const Matrix& weights(uint32_t op) const { return weights_[op]; }
  /// Constants of another operator; an empty matrix if it has none.
  [[nodiscard]] const Matrix& stored(uint32_t op) const { return stored_[op]; }

 private:
  [[nodiscard]] Matrix product(uint32_t op, const Matrix& a, const Matrix& b) const;
  [[nodiscard]] Matrix operation(uint32_t op, const Matrix& in, const Matrix& addend) const;

  const workload::Graph& graph_;
  std::vector<Matrix> weights_, stored_;  // by operator
};

/// The first place where two matrices differ, in words; empty where they are the same.
std::string difference(const Matrix& is, const Matrix& expected);

}  // namespace vesper::pl
