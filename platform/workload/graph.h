/// A neural network as a graph of operators: what is mapped onto several accelerators at once. SystemC-free.
///
/// A workload file names a generator:
///
///     name: deit_t
///     vision_transformer: {tokens: 197, width: 192, heads: 3, blocks: 12, mlp_ratio: 4, patch: 16, classes:
///     1000}
///
/// or lists its operators:
///
///     name: two_layers
///     graph:
///       input: [64, 128]                  # rows, columns
///       operators:
///         - {name: fc1, matmul: [64, 128, 256], inputs: [input]}
///         - {name: fc1_fp32, op: reformat, format: fp32, inputs: [fc1]}
///         - {name: gelu, op: gelu, inputs: [fc1_fp32]}
///         - {name: gelu_int8, op: reformat, format: int8, inputs: [gelu]}
///         - {name: fc2, matmul: [64, 256, 128], inputs: [gelu_int8]}
///         - {name: sum, op: vector_add, inputs: [fc2, input]}
///         - {name: head, matmul: [1, 128, 10], inputs: [sum 0..127]}      # columns, the last included
///
/// Stages      operators that recur once a block and are alike but for the block: `qkv`, `scores`, ... An
///             operator is its stage in one block (`visit`). Products are mapped stage by stage; any other
///             operator works behind the product that comes before it, on the same accelerator.
/// Values      matrices of INT8 or FP32, a row a token; heads lie side by side in columns. Products, sums and
///             transposes are INT8; softmax, layer_norm and gelu FP32; reformat converts one to the other.
/// Transpose   a change of layout, and no other matrix: its result has the rows and columns of what it takes,
///             stored so that a product can take it as a transposed B.
/// Tokens      the class token of a vision transformer is a row of its input that holds zeros, and the
///             embedding's constants are added to it as to a patch's row; the head takes that row alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/workload/network.h"

namespace vesper::workload {

enum class Format : uint8_t { int8, fp32 };
constexpr uint32_t bytes_of(Format format) { return format == Format::int8 ? 1 : 4; }
inline EnumNames<Format> enum_names(Format) { return {{Format::int8, "int8"}, {Format::fp32, "fp32"}}; }

/// Columns of an operator's result, or of the network's input.
struct Edge {
  static constexpr uint32_t kInput = ~0U;
  uint32_t from = kInput;  ///< number of the operator
  uint32_t first_column = 0;
  uint32_t columns = 0;
};

/// Of a product (`op` matmul) the result is rows x columns: for each head a product over `inner` that makes
/// columns / heads of them. Input 0 is A, of which it takes the first `rows` rows and a head its share of
/// columns; input 1 is B where that is computed (`b_transposed`: a row a column of the result), else B is
/// inner x columns weights.
struct Operator {
  std::string name;   ///< block3.scores
  std::string stage;  ///< scores
  uint32_t visit = 0;
  std::string op;  ///< matmul, or an engine: reformat, transpose, vector_add, softmax, layer_norm, gelu
  std::vector<Edge>
      inputs;  ///< of vector_add: the stream, and what is added to it; without: stored constants
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
  /// Each product after those whose results it or the operators behind it take, those operators right behind
  /// it; the last is the result.
  std::vector<Operator> operators;

  [[nodiscard]] uint64_t macs() const;
  [[nodiscard]] uint64_t weights() const;
  /// Names of the products' stages, in order of their first operator.
  [[nodiscard]] std::vector<std::string> stages() const;
  /// Numbers of all products, in order.
  [[nodiscard]] std::vector<uint32_t> products() const;
  /// Numbers of the products of one stage, in order of visits; empty when there is none.
  [[nodiscard]] std::vector<uint32_t> products_of(const std::string& stage) const;
  /// The product behind which an operator works; itself, if it is one.
  [[nodiscard]] uint32_t product_of(uint32_t op) const;
  /// Operators behind a product, in the order in which rows go through them.
  [[nodiscard]] std::vector<uint32_t> chain_of(uint32_t product) const;
};

/// Whether a workload file's content is a graph, and no mere list of products.
bool is_graph(const Node& node);
/// Throws InputError on shapes that do not fit, a name that is not there, a cycle, an operator without a
/// product before it. `shape.tokens` is a vision transformer's; `shape.batch` is none of the graph's: it is
/// one input's.
Graph read_graph(const Node& node, const Shape& shape = {});
/// The properties of a graph's file, `name` apart.
std::vector<PropertyInfo> graph_properties();
/// Its products in order, each head one, for what knows lists only.
Network network_of(const Graph& graph);
/// A product as one layer: heads are its groups.
Layer layer_of(const Operator& product);

}  // namespace vesper::workload
