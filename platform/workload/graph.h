/// A neural network as a graph of operators: what is mapped onto several accelerators at once. SystemC-free.
///
/// A workload file names a generator:
///
///     name: deit_t
///     vision_transformer: {tokens: 197, width: 192, heads: 3, blocks: 12, mlp_ratio: 4, patch: 16, classes: 1000}
///
/// or lists its operators:
///
///     name: two_layers
///     graph:
///       input: [64, 128]                  # rows, columns
///       operators:
///         - {name: fc1, matmul: [64, 128, 256], inputs: [input]}
///         - {name: gelu, op: gelu, inputs: [fc1]}
///         - {name: fc2, matmul: [64, 256, 128], inputs: [gelu]}
///
/// Stages      operators that recur once a block and are alike but for the block: `qkv`, `scores`, ... An
///             operator is its stage in one block (`visit`). Products are mapped stage by stage; any other
///             operator works behind the product that comes before it, on the same accelerator.
/// Values      matrices of INT8 or FP32, a row a token; heads lie side by side in columns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/workload/network.h"

namespace vesper::workload {

enum class Format : uint8_t { int8, fp32 };
constexpr uint32_t bytes_of(Format format) { return format == Format::int8 ? 1 : 4; }

/// Columns of an operator's result, or of the network's input.
struct Edge {
  static constexpr uint32_t kInput = ~0U;
  uint32_t from = kInput;  ///< number of the operator
  uint32_t first_column = 0;
  uint32_t columns = 0;
};

/// Of a product (`op` matmul) the result is rows x columns: for each head a product over `inner` that makes
/// columns / heads of them. Input 0 is A, of which a head takes its share of columns; input 1 is B where that
/// is computed (`b_transposed`: a row a column of the result), else B is inner x columns weights.
struct Operator {
  std::string name;   ///< block3.scores
  std::string stage;  ///< scores
  uint32_t visit = 0;
  std::string op;  ///< matmul, or an engine: reformat, transpose, vector_add, softmax, layer_norm, gelu
  std::vector<Edge> inputs;  ///< of vector_add: the stream, and what is added to it; without: stored constants
  uint32_t rows = 0, columns = 0;
  uint32_t inner = 0;  ///< of a product
  uint32_t heads = 1;  ///< of a product and of softmax
  bool b_transposed = false;
  Format format = Format::int8;  ///< of the result
  [[nodiscard]] bool is_product() const { return op == "matmul"; }
  [[nodiscard]] bool has_weights() const { return is_product() && inputs.size() == 1; }
  [[nodiscard]] uint64_t macs() const { return is_product() ? uint64_t{rows} * columns * inner : 0; }
  [[nodiscard]] uint64_t weights() const { return has_weights() ? uint64_t{inner} * columns : 0; }
  [[nodiscard]] uint64_t bytes() const { return uint64_t{rows} * columns * bytes_of(format); }
};

struct Graph {
  std::string name;
  uint32_t input_rows = 0, input_columns = 0;  ///< of the network's input, INT8
  std::vector<Operator> operators;             ///< each after those whose results it takes; the last is the result

  [[nodiscard]] uint64_t macs() const;
  [[nodiscard]] uint64_t weights() const;
  /// Names of the products' stages, in order of their first operator.
  [[nodiscard]] std::vector<std::string> stages() const;
  /// Numbers of the products of one stage, in order of visits; empty when there is none.
  [[nodiscard]] std::vector<uint32_t> products_of(const std::string& stage) const;
  /// The product behind which an operator works; itself, if it is one.
  [[nodiscard]] uint32_t product_of(uint32_t op) const;
  /// Operators behind a product, in the order in which rows go through them.
  [[nodiscard]] std::vector<uint32_t> chain_of(uint32_t product) const;
};

/// Whether a workload file's content is a graph, and no mere list of products.
bool is_graph(const Node& node);
/// Throws InputError on shapes that do not fit, a name that is not there, a cycle, an operator without a product
/// before it.
Graph read_graph(const Node& node, const Shape& shape = {});
/// Its products in order, for what knows lists only.
Network network_of(const Graph& graph);

}  // namespace vesper::workload
