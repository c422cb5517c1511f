#include "platform/workload/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>

#include "platform/workload/graph_order.h"
#include "platform/workload/vision_transformer.h"

namespace vesper::workload {
namespace {

constexpr uint32_t kMostDimension = 65536;
constexpr size_t kMostOperators = 4096;

bool dimensions(const std::vector<uint32_t>& shape, size_t count) {
  return shape.size() == count &&
         std::ranges::all_of(shape, [](uint32_t d) { return d >= 1 && d <= kMostDimension; });
}
bool two_dimensions(const std::vector<uint32_t>& shape) { return dimensions(shape, 2); }
bool three_dimensions(const std::vector<uint32_t>& shape) { return dimensions(shape, 3); }

struct OperatorSpec {
  std::string name;
  std::string stage;
  std::vector<uint32_t> matmul;
  std::string op;
  uint32_t heads = 1;
  bool transposed = false;
  std::optional<Format> format;
  std::vector<std::string> inputs;
  static void describe(Schema<OperatorSpec>& p) {
    p("name", &OperatorSpec::name, "name of the operator").required();
    p("stage", &OperatorSpec::stage, "operators that are mapped together; its name by default");
    p("matmul", &OperatorSpec::matmul, "rows, inner dimension of a head, columns of all heads")
        .must(three_dimensions, "three dimensions between 1 and 65536");
    p("op", &OperatorSpec::op, "reformat, transpose, vector_add, softmax, layer_norm or gelu");
    p("heads", &OperatorSpec::heads, "of a matmul or softmax: parts of the columns that are apart")
        .between(1, 256);
    p("transposed", &OperatorSpec::transposed, "of a matmul: its second input is B transposed");
    p("format", &OperatorSpec::format, "of a reformat: what it makes");
    p("inputs", &OperatorSpec::inputs, "operators or `input`, with columns where not all: `qkv 0..191`")
        .required();
  }
};

struct ListSpec {
  std::vector<uint32_t> input;
  std::vector<OperatorSpec> operators;
  static void describe(Schema<ListSpec>& p) {
    p("input", &ListSpec::input, "rows and columns of the network's input, INT8")
        .must(two_dimensions, "two dimensions between 1 and 65536")
        .required();
    p("operators", &ListSpec::operators, "the operators; each names what it takes").required();
  }
};

struct GraphSpec {
  std::string name;
  std::optional<ListSpec> graph;
  std::optional<VisionTransformer> vision_transformer;
  static void describe(Schema<GraphSpec>& p) {
    p("name", &GraphSpec::name, "name of the network").required();
    p("graph", &GraphSpec::graph, "a graph of operators");
    p("vision_transformer", &GraphSpec::vision_transformer, "generates a vision transformer's graph");
  }
};

/// Reads listed operators one by one; they may name later ones.
class ListReader {
 public:
  ListReader(const ListSpec& spec, const Node& node, Graph& graph) : spec_(spec), node_(node), graph_(graph) {
    graph_.input_rows = spec.input[0];
    graph_.input_columns = spec.input[1];
  }

  void run() {
    const std::vector<Node>& written = node_.find("operators")->items();
    if (spec_.operators.empty()) throw InputError(node_.where(), "graph.operators lists no operator");
    if (spec_.operators.size() > kMostOperators) {
      throw InputError(written[kMostOperators].where(),
                       fmt::format("graph.operators lists {} operators; at most {} are allowed",
                                   spec_.operators.size(), kMostOperators));
    }
    for (uint32_t i = 0; i < spec_.operators.size(); ++i) number(i, written[i]);
    for (uint32_t i = 0; i < spec_.operators.size(); ++i) graph_.operators.push_back(make(i, written[i]));
    std::vector<Location> places;
    for (const Node& node : written) places.push_back(node.where());
    const std::vector<uint32_t> sorted = sort_operators(graph_.operators, places);
    for (uint32_t i : sorted) check(graph_.operators[i], spec_.operators[i], places[i]);
    arrange(graph_, places);
    number_visits();
  }

 private:
  void number(uint32_t i, const Node& written) {
    const std::string& name = spec_.operators[i].name;
    if (name.empty() || name == "input" || name.find_first_of(" \t") != std::string::npos) {
      throw InputError(written.where(),
                       fmt::format("'{}' is no name for an operator: it is not empty, has no blanks and is "
                                   "not 'input'",
                                   name));
    }
    if (!numbers_.emplace(name, i).second)
      throw InputError(written.where(), fmt::format("there are two operators '{}'", name));
  }

  Operator make(uint32_t i, const Node& written) {
    const OperatorSpec& spec = spec_.operators[i];
    Operator op;
    op.name = spec.name;
    op.stage = spec.stage.empty() ? spec.name : spec.stage;
    op.heads = spec.heads;
    op.b_transposed = spec.transposed;
    if (spec.matmul.empty() == spec.op.empty()) {
      throw InputError(written.where(), fmt::format("operator '{}' needs one of 'matmul' and 'op'", op.name));
    }
    op.op = spec.matmul.empty() ? spec.op : "matmul";
    check_kind(op, written);
    if (op.is_product()) {
      op.rows = spec.matmul[0];
      op.inner = spec.matmul[1];
      op.columns = spec.matmul[2];
    }
    const std::vector<Node>& inputs = written.find("inputs")->items();
    for (size_t k = 0; k < spec.inputs.size(); ++k) op.inputs.push_back(edge(spec.inputs[k], inputs[k]));
    return op;
  }

  static void check_kind(const Operator& op, const Node& written) {
    static const std::vector<std::string> kinds{"reformat", "transpose",  "vector_add",
                                                "softmax",  "layer_norm", "gelu"};
    if (!op.is_product() && std::ranges::find(kinds, op.op) == kinds.end()) {
      throw InputError(written.find("op")->where(),
                       fmt::format("operator '{}': there is no '{}'{}; there are {}", op.name, op.op,
                                   did_you_mean(op.op, kinds), fmt::join(kinds, ", ")));
    }
    if (op.heads > 1 && !op.is_product() && op.op != "softmax")
      throw InputError(written.find("heads")->where(), fmt::format("a {} has no heads", op.op));
    if (op.b_transposed && !op.is_product())
      throw InputError(written.find("transposed")->where(), fmt::format("a {} has no B", op.op));
    const size_t most = op.is_product() || op.op == "vector_add" ? 2 : 1;
    const size_t given = written.find("inputs")->items().size();
    if (given < 1 || given > most) {
      throw InputError(written.find("inputs")->where(),
                       fmt::format("operator '{}' ({}) takes {}, not {}", op.name, op.op,
                                   most == 2 ? "one or two inputs" : "one input", given));
    }
  }

  /// `name` or `name first..last`; without columns, all there will be (0).
  Edge edge(const std::string& text, const Node& written) {
    const size_t blank = text.find(' ');
    const std::string name = text.substr(0, blank);
    Edge edge;
    if (name != "input") {
      auto it = numbers_.find(name);
      if (it == numbers_.end()) {
        std::vector<std::string> names{"input"};
        for (const auto& [known, i] : numbers_) names.push_back(known);
        throw InputError(written.where(),
                         fmt::format("there is no operator '{}'{}", name, did_you_mean(name, names)));
      }
      edge.from = it->second;
    }
    if (blank != std::string::npos) read_columns(text.substr(blank + 1), edge, written);
    return edge;
  }

  static void read_columns(const std::string& text, Edge& edge, const Node& written) {
    uint32_t first = 0, last = 0;
    const char* end = text.data() + text.size();
    auto [dots, error] = std::from_chars(text.data(), end, first);
    const bool two = error == std::errc{} && end - dots > 2 && dots[0] == '.' && dots[1] == '.';
    const auto behind =
        two ? std::from_chars(dots + 2, end, last) : std::from_chars_result{end, std::errc::invalid_argument};
    if (behind.ec != std::errc{} || behind.ptr != end || last < first || last >= kMostDimension) {
      throw InputError(
          written.where(),
          fmt::format("'{}' names no columns; write the first and the last, as in 0..191", text));
    }
    edge.first_column = first;
    edge.columns = last - first + 1;
  }

  struct Matrix {
    uint32_t rows, columns;
    Format format;
  };
  [[nodiscard]] Matrix matrix(const Edge& edge) const {
    if (edge.from == Edge::kInput) return {graph_.input_rows, graph_.input_columns, Format::int8};
    const Operator& op = graph_.operators[edge.from];
    return {op.rows, op.columns, op.format};
  }
  [[nodiscard]] std::string name_of(const Edge& edge) const {
    return edge.from == Edge::kInput ? "input" : graph_.operators[edge.from].name;
  }

  /// Shapes and formats, with those of its inputs known.
  void check(Operator& op, const OperatorSpec& spec, const Location& where) {
    for (Edge& edge : op.inputs) {
      const Matrix all = matrix(edge);
      if (edge.columns == 0) edge.columns = all.columns;
      if (uint64_t{edge.first_column} + edge.columns > all.columns) {
        throw InputError(where, fmt::format("operator '{}' takes columns {}..{} of '{}', which has {}",
                                            op.name, edge.first_column, edge.first_column + edge.columns - 1,
                                            name_of(edge), all.columns));
      }
    }
    if (op.is_product()) {
      check_product(op, where);
    } else {
      check_engine(op, spec, where);
    }
  }

  void check_product(Operator& op, const Location& where) const {
    const Matrix a = matrix(op.inputs[0]);
    if (op.columns % op.heads != 0) {
      throw InputError(where, fmt::format("operator '{}': {} heads do not divide its {} columns", op.name,
                                          op.heads, op.columns));
    }
    for (const Edge& edge : op.inputs) require(matrix(edge).format, Format::int8, op, edge, where);
    require_shape(op, "A", op.inputs[0], a.rows >= op.rows ? op.rows : a.rows, op.rows, op.inner * op.heads,
                  where);
    if (op.inputs.size() == 1) {
      if (op.b_transposed)
        throw InputError(where, fmt::format("operator '{}': weights are not transposed", op.name));
      return;
    }
    const uint32_t head_columns = op.columns / op.heads;
    const Edge& b = op.inputs[1];
    const Matrix given = matrix(b);
    require_shape(op, "B", b, given.rows, op.b_transposed ? head_columns : op.inner,
                  (op.b_transposed ? op.inner : head_columns) * op.heads, where);
    const bool laid_out = b.from != Edge::kInput && graph_.operators[b.from].op == "transpose";
    if (op.b_transposed != laid_out) {
      throw InputError(where,
                       fmt::format("operator '{}' takes '{}' {}; {}", op.name, name_of(b),
                                   op.b_transposed ? "transposed" : "as it is",
                                   op.b_transposed ? "that needs an operator 'transpose' in between"
                                                   : "it comes from a 'transpose': say 'transposed: true'"));
    }
  }

  void require_shape(const Operator& op, const char* operand, const Edge& edge, uint32_t rows,
                     uint32_t want_rows, uint32_t want_columns, const Location& where) const {
    if (rows == want_rows && edge.columns == want_columns) return;
    throw InputError(where, fmt::format("operator '{}' needs {} x {} as {}; '{}' gives {} x {}", op.name,
                                        want_rows, want_columns, operand, name_of(edge), rows, edge.columns));
  }

  void require(Format given, Format wanted, const Operator& op, const Edge& edge,
               const Location& where) const {
    if (given == wanted) return;
    auto text = [](Format format) { return format == Format::int8 ? "int8" : "fp32"; };
    throw InputError(where, fmt::format("operator '{}' ({}) takes {}; '{}' is {}: put a reformat in between",
                                        op.name, op.op, text(wanted), name_of(edge), text(given)));
  }

  void check_engine(Operator& op, const OperatorSpec& spec, const Location& where) const {
    const Edge& stream = op.inputs[0];
    const Matrix taken = matrix(stream);
    op.rows = taken.rows;
    op.columns = stream.columns;
    op.format = taken.format;
    if (op.op == "reformat") {
      if (!spec.format)
        throw InputError(where, fmt::format("operator '{}': 'format' says what a reformat makes", op.name));
      require(taken.format, *spec.format == Format::int8 ? Format::fp32 : Format::int8, op, stream, where);
      op.format = *spec.format;
      return;
    }
    if (spec.format)
      throw InputError(where, fmt::format("operator '{}': 'format' is for a reformat", op.name));
    const bool is_real = op.op == "softmax" || op.op == "layer_norm" || op.op == "gelu";
    for (const Edge& edge : op.inputs)
      require(matrix(edge).format, is_real ? Format::fp32 : Format::int8, op, edge, where);
    if (op.op == "softmax" && op.columns % op.heads != 0) {
      throw InputError(where, fmt::format("operator '{}': {} heads do not divide its {} columns", op.name,
                                          op.heads, op.columns));
    }
    if (op.inputs.size() == 2)
      require_shape(op, "what is added", op.inputs[1], matrix(op.inputs[1]).rows, op.rows, op.columns, where);
  }

  void number_visits() {
    std::map<std::string, uint32_t> next;
    std::map<std::string, const Operator*> first;
    for (Operator& op : graph_.operators) {
      op.visit = next[op.stage]++;
      const Operator& like = *first.emplace(op.stage, &op).first->second;
      if (like.op != op.op || like.rows != op.rows || like.columns != op.columns || like.inner != op.inner ||
          like.heads != op.heads || like.inputs.size() != op.inputs.size()) {
        throw InputError(node_.where(), fmt::format("operators '{}' and '{}' are both of stage '{}' and not "
                                                    "alike",
                                                    like.name, op.name, op.stage));
      }
    }
  }

  const ListSpec& spec_;
  const Node& node_;
  Graph& graph_;
  std::map<std::string, uint32_t> numbers_;
};

}  // namespace

uint64_t Graph::macs() const {
  return std::accumulate(operators.begin(), operators.end(), uint64_t{0},
                         [](uint64_t sum, const Operator& op) { return sum + op.macs(); });
}

uint64_t Graph::weights() const {
  return std::accumulate(operators.begin(), operators.end(), uint64_t{0},
                         [](uint64_t sum, const Operator& op) { return sum + op.weights(); });
}

std::vector<std::string> Graph::stages() const {
  std::vector<std::string> names;
  for (const Operator& op : operators) {
    if (op.is_product() && std::ranges::find(names, op.stage) == names.end()) names.push_back(op.stage);
  }
  return names;
}

std::vector<uint32_t> Graph::products() const {
  std::vector<uint32_t> numbers;
  for (uint32_t i = 0; i < operators.size(); ++i) {
    if (operators[i].is_product()) numbers.push_back(i);
  }
  return numbers;
}

std::vector<uint32_t> Graph::products_of(const std::string& stage) const {
  std::vector<uint32_t> numbers;
  for (uint32_t i = 0; i < operators.size(); ++i) {
    if (operators[i].is_product() && operators[i].stage == stage) numbers.push_back(i);
  }
  return numbers;
}

uint32_t Graph::product_of(uint32_t op) const {
  while (!operators[op].is_product()) op = operators[op].inputs[0].from;
  return op;
}

std::vector<uint32_t> Graph::chain_of(uint32_t product) const {
  std::vector<uint32_t> chain;
  for (uint32_t i = product + 1; i < operators.size() && !operators[i].is_product(); ++i) chain.push_back(i);
  return chain;
}

bool is_graph(const Node& node) {
  return node.find("graph") != nullptr || node.find("vision_transformer") != nullptr;
}

Graph read_graph(const Node& node, const Shape& shape) {
  GraphSpec spec;
  schema_of<GraphSpec>().read(node, spec, "");
  if (spec.graph.has_value() == spec.vision_transformer.has_value()) {
    throw InputError(node.where(), fmt::format("network '{}' needs one of 'graph' and 'vision_transformer'{}",
                                               spec.name, spec.graph ? ", not both" : ""));
  }
  if (spec.graph && shape.tokens) {
    throw InputError(shape.where,
                     fmt::format("network '{}' lists its operators; 'tokens' is for a network that "
                                 "a vision_transformer generates",
                                 spec.name));
  }
  Graph graph;
  if (spec.graph) {
    ListReader(*spec.graph, *node.find("graph"), graph).run();
  } else {
    if (shape.tokens) spec.vision_transformer->tokens = *shape.tokens;
    graph = vision_transformer(*spec.vision_transformer, node.find("vision_transformer")->where());
  }
  graph.name = spec.name;
  return graph;
}

std::vector<PropertyInfo> graph_properties() {
  std::vector<PropertyInfo> all = schema_of<GraphSpec>().list();
  all.erase(all.begin());
  return all;
}

Layer layer_of(const Operator& product) {
  return {product.name,  product.rows * product.heads, product.inner, product.columns / product.heads,
          product.heads, !product.has_weights()};
}

Network network_of(const Graph& graph) {
  Network network{graph.name, {}};
  for (const Operator& op : graph.operators) {
    if (!op.is_product()) continue;
    for (uint32_t head = 0; head < op.heads; ++head) {
      network.layers.push_back({op.heads == 1 ? op.name : fmt::format("{}{}", op.name, head), op.rows,
                                op.inner, op.columns / op.heads, 1, !op.has_weights()});
    }
  }
  return network;
}

}  // namespace vesper::workload
