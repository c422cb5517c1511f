#include "platform/workload/vision_transformer.h"

#include <fmt/format.h>

namespace vesper::workload {
namespace {

class Builder {
 public:
  explicit Builder(const VisionTransformer& t) : t_(t) {}

  Graph run() {
    graph_.input_rows = t_.tokens;
    graph_.input_columns = 3 * t_.patch * t_.patch;
    const uint32_t embedding =
        product("embedding", t_.tokens, graph_.input_columns, t_.width, {whole(Edge::kInput)});
    uint32_t stream = behind("position", "vector_add", {whole(embedding)});
    for (uint32_t block = 0; block < t_.blocks; ++block) {
      block_ = block;
      prefix_ = fmt::format("block{}.", block);
      stream = attention(stream);
      stream = mlp(stream);
    }
    block_ = 0;
    prefix_.clear();
    const uint32_t normal = normalised(stream, "head");
    product("head", 1, t_.width, t_.classes, {whole(normal)});
    return std::move(graph_);
  }

 private:
  uint32_t attention(uint32_t stream) {
    const uint32_t w = t_.width;
    const uint32_t normal = normalised(stream, "attention");
    const uint32_t qkv = product("qkv", t_.tokens, w, 3 * w, {whole(normal)});
    const uint32_t keys = behind("keys", "transpose", {{qkv, w, w}});
    const uint32_t scores = product("scores", t_.tokens, w / t_.heads, t_.heads * t_.tokens,
                                    {{qkv, 0, w}, whole(keys)}, t_.heads);
    graph_.operators[scores].b_transposed = true;
    const uint32_t shares = real(scores, "scores_dequantise", "softmax", "softmax_quantise", t_.heads);
    const uint32_t context =
        product("context", t_.tokens, t_.tokens, w, {whole(shares), {qkv, 2 * w, w}}, t_.heads);
    const uint32_t projection = product("projection", t_.tokens, w, w, {whole(context)});
    return behind("attention_residual", "vector_add", {whole(projection), whole(stream)});
  }

  uint32_t mlp(uint32_t stream) {
    const uint32_t hidden = t_.mlp_ratio * t_.width;
    const uint32_t normal = normalised(stream, "mlp");
    const uint32_t fc1 = product("fc1", t_.tokens, t_.width, hidden, {whole(normal)});
    const uint32_t gelu = real(fc1, "fc1_dequantise", "gelu", "gelu_quantise");
    const uint32_t fc2 = product("fc2", t_.tokens, hidden, t_.width, {whole(gelu)});
    return behind("mlp_residual", "vector_add", {whole(fc2), whole(stream)});
  }

  /// Layer norm in front of the part of that name.
  uint32_t normalised(uint32_t stream, const std::string& part) {
    const uint32_t result = real(stream, part + "_dequantise", part + "_norm", part + "_quantise");
    graph_.operators[result - 1].op = "layer_norm";
    return result;
  }

  /// An operator on FP32 with the conversions around it, named after what it does.
  uint32_t real(uint32_t from, const std::string& before, const std::string& op, const std::string& after,
                uint32_t heads = 1) {
    const uint32_t in = behind(before, "reformat", {whole(from)});
    graph_.operators[in].format = Format::fp32;
    const uint32_t at = behind(op, op, {whole(in)});
    graph_.operators[at].heads = heads;
    const uint32_t out = behind(after, "reformat", {whole(at)});
    graph_.operators[out].format = Format::int8;
    return out;
  }

  [[nodiscard]] Edge whole(uint32_t from) const {
    return {from, 0, from == Edge::kInput ? graph_.input_columns : graph_.operators[from].columns};
  }

  uint32_t product(const std::string& stage, uint32_t rows, uint32_t inner, uint32_t columns,
                   std::vector<Edge> inputs, uint32_t heads = 1) {
    Operator& op = add(stage, "matmul", std::move(inputs));
    op.rows = rows;
    op.inner = inner;
    op.columns = columns;
    op.heads = heads;
    return static_cast<uint32_t>(graph_.operators.size() - 1);
  }

  /// Rows and format are those of the stream, columns those it takes.
  uint32_t behind(const std::string& stage, const std::string& engine, std::vector<Edge> inputs) {
    Operator& op = add(stage, engine, std::move(inputs));
    const Operator& stream = graph_.operators[op.inputs[0].from];
    op.rows = stream.rows;
    op.columns = op.inputs[0].columns;
    op.format = stream.format;
    return static_cast<uint32_t>(graph_.operators.size() - 1);
  }

  Operator& add(const std::string& stage, const std::string& kind, std::vector<Edge> inputs) {
    Operator& op = graph_.operators.emplace_back();
    op.name = prefix_ + stage;
    op.stage = stage;
    op.visit = block_;
    op.op = kind;
    op.inputs = std::move(inputs);
    return op;
  }

  const VisionTransformer& t_;
  Graph graph_;
  std::string prefix_;
  uint32_t block_ = 0;
};

}  // namespace

void VisionTransformer::describe(Schema<VisionTransformer>& p) {
  p("tokens", &VisionTransformer::tokens, "rows of an input: patches and the class token")
      .between(1, 8192)
      .required();
  p("width", &VisionTransformer::width, "channels").between(1, 8192).required();
  p("heads", &VisionTransformer::heads, "attention heads; they divide the width").between(1, 256).required();
  p("blocks", &VisionTransformer::blocks, "encoder blocks").between(1, 128).required();
  p("mlp_ratio", &VisionTransformer::mlp_ratio, "width of the MLP over the width").between(1, 8);
  p("patch", &VisionTransformer::patch, "pixels a side of a patch, of three colours").between(1, 128);
  p("classes", &VisionTransformer::classes, "columns of the head").between(1, 65536);
}

Graph vision_transformer(const VisionTransformer& t, const Location& where) {
  if (t.width % t.heads != 0) {
    throw InputError(
        where, fmt::format("vision_transformer.heads ({}) must divide vision_transformer.width ({})", t.heads,
                           t.width));
  }
  if (t.heads * t.tokens > 65536) {
    throw InputError(
        where, fmt::format("vision_transformer.heads ({}) times tokens ({}) must be at most 65536", t.heads,
                           t.tokens));
  }
  return Builder(t).run();
}

}  // namespace vesper::workload
