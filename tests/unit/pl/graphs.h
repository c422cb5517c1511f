/// Graphs of tests, operator by operator.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "platform/workload/graph.h"

namespace vesper::pl::testing {

class GraphBuilder {
 public:
  GraphBuilder(uint32_t rows, uint32_t columns) {
    graph.name = "test";
    graph.input_rows = rows;
    graph.input_columns = columns;
  }

  /// All columns of an operator, or of the input.
  [[nodiscard]] workload::Edge all_of(uint32_t op) const {
    return {op, 0, op == workload::Edge::kInput ? graph.input_columns : graph.operators[op].columns};
  }
  uint32_t product(const std::string& name, const workload::Edge& a, uint32_t inner, uint32_t columns) {
    workload::Operator op = named(name, "matmul", rows_of(a.from), columns);
    op.inner = inner;
    op.inputs = {a};
    return add(op);
  }
  uint32_t attention(const std::string& name, const workload::Edge& a, const workload::Edge& b,
                     uint32_t heads, uint32_t inner, uint32_t columns, bool b_transposed) {
    workload::Operator op = named(name, "matmul", rows_of(a.from), columns);
    op.inner = inner;
    op.heads = heads;
    op.b_transposed = b_transposed;
    op.inputs = {a, b};
    return add(op);
  }
  uint32_t other(const std::string& kind, const workload::Edge& in, workload::Format format,
                 uint32_t heads = 1) {
    workload::Operator op =
        named(kind + std::to_string(graph.operators.size()), kind, rows_of(in.from), in.columns);
    op.heads = heads;
    op.format = format;
    op.inputs = {in};
    return add(op);
  }
  uint32_t other(const std::string& kind, uint32_t in, workload::Format format, uint32_t heads = 1) {
    return other(kind, all_of(in), format, heads);
  }
  uint32_t sum(uint32_t in, const workload::Edge& addend) {
    const uint32_t op = other("vector_add", in, graph.operators[in].format);
    graph.operators[op].inputs.push_back(addend);
    return op;
  }

  workload::Graph graph;

 private:
  [[nodiscard]] uint32_t rows_of(uint32_t op) const {
    return op == workload::Edge::kInput ? graph.input_rows : graph.operators[op].rows;
  }
  static workload::Operator named(const std::string& name, const std::string& kind, uint32_t rows,
                                  uint32_t columns) {
    workload::Operator op;
    op.name = op.stage = name;
    op.op = kind;
    op.rows = rows;
    op.columns = columns;
    return op;
  }
  uint32_t add(workload::Operator op) {
    graph.operators.push_back(std::move(op));
    return static_cast<uint32_t>(graph.operators.size() - 1);
  }
};

/// A block of a vision transformer on `tokens` x `width`, from input to the sum that the next block takes;
/// what the layer norm before it makes is its input.
inline workload::Graph transformer_block(uint32_t tokens, uint32_t width, uint32_t heads) {
  using workload::Format;
  GraphBuilder b(tokens, width);
  const uint32_t qkv = b.product("qkv", b.all_of(workload::Edge::kInput), width, 3 * width);
  const uint32_t keys = b.other("transpose", workload::Edge{qkv, width, width}, Format::int8);
  const uint32_t scores =
      b.attention("scores", {qkv, 0, width}, b.all_of(keys), heads, width / heads, heads * tokens, true);
  uint32_t p = b.other("reformat", scores, Format::fp32);
  p = b.other("softmax", p, Format::fp32, heads);
  p = b.other("reformat", p, Format::int8);
  const uint32_t context =
      b.attention("context", b.all_of(p), {qkv, 2 * width, width}, heads, tokens, width, false);
  const uint32_t projection = b.product("projection", b.all_of(context), width, width);
  const uint32_t first_sum = b.sum(projection, b.all_of(workload::Edge::kInput));
  uint32_t x = b.other("reformat", first_sum, Format::fp32);
  x = b.other("layer_norm", x, Format::fp32);
  x = b.other("reformat", x, Format::int8);
  uint32_t y = b.product("fc1", b.all_of(x), width, 4 * width);
  y = b.other("reformat", y, Format::fp32);
  y = b.other("gelu", y, Format::fp32);
  y = b.other("reformat", y, Format::int8);
  y = b.product("fc2", b.all_of(y), 4 * width, width);
  b.sum(y, b.all_of(first_sum));
  return b.graph;
}

}  // namespace vesper::pl::testing
