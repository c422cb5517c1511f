/// Networks from ONNX files, by Debian's libonnx: shapes by its inference, weights by their sizes alone.
///
/// Models      Conv, ConvTranspose, Gemm, MatMul and their integer forms as matrix products; a product of two
///             computed tensors, as in attention, stores no weights.
/// Passes      operators that only move, reshape, reduce or compute element by element.
/// Open sizes  a first axis of an input without a size is one input (`batch` multiplies); any other is
/// `tokens`. Refuses     any other operator, by name and type; a node that reads what nothing gives (a cycle,
/// a missing
///             initialiser); a tensor whose shape cannot be inferred.
/// Leaves out  values: weights may lie in external files, which are not read.
/// Source      onnx 1.12 operator specifications.
#define ONNX_ML 1
#define ONNX_NAMESPACE onnx
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "platform/workload/network_format.h"

namespace vesper::workload {
namespace {

constexpr int64_t kMost = 0x7FFF'FFFF;
constexpr size_t kMostLayers = 65535;
using Dimensions = std::vector<int64_t>;

/// Operators without products: they move, reshape, reduce, pool, normalise or compute element by element.
constexpr const char* kPassed =
    "Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization "
    "BitShift Cast CastLike Ceil Celu Clip Compress Concat Constant ConstantOfShape Cos Cosh "
    "CumSum DepthToSpace DequantizeLinear Div Dropout DynamicQuantizeLinear Elu Equal Erf Exp "
    "Expand EyeLike Flatten Floor Gather GatherElements GatherND GlobalAveragePool GlobalLpPool "
    "GlobalMaxPool Greater GreaterOrEqual GridSample HardSigmoid HardSwish Hardmax Identity "
    "InstanceNormalization IsInf IsNaN LRN LayerNormalization LeakyRelu Less LessOrEqual Log "
    "LogSoftmax LpNormalization LpPool Max MaxPool MaxRoiPool MaxUnpool Mean "
    "MeanVarianceNormalization Min Mod Mul Neg NonMaxSuppression NonZero Not OneHot Or PRelu Pad "
    "Pow QuantizeLinear Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp "
    "ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize "
    "ReverseSequence RoiAlign Round Scatter ScatterElements ScatterND Selu Shape Shrink Sigmoid "
    "Sign Sin Sinh Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum "
    "Tan Tanh ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor";

bool is_passed(const std::string& type) {
  static const std::set<std::string> types = [] {
    std::istringstream names(kPassed);
    return std::set<std::string>(std::istream_iterator<std::string>(names), {});
  }();
  return types.contains(type);
}

class Importer {
 public:
  Importer(const std::string& path, const Shape& shape)
      : path_(path), shape_(shape), network_{std::filesystem::path(path).stem(), {}} {}

  Network read(const std::string& bytes) {
    google::protobuf::SetLogHandler(nullptr);  // its complaints about the file are ours to make
    onnx::ModelProto model;
    if (bytes.empty() || !model.ParseFromString(bytes) || !model.has_graph())
      fail("is no ONNX model, or is cut short");
    close_inputs(*model.mutable_graph());
    note_stored(model.graph());
    check_order(model.graph());
    check_operators(model.graph());
    infer(model);
    note_shapes(model.graph());
    for (const onnx::NodeProto& node : model.graph().node()) add(node);
    if (network_.layers.empty()) fail("has no operator that is a matrix product");
    return std::move(network_);
  }

 private:
  using Map = void (Importer::*)(const onnx::NodeProto& node, int left, int right);
  /// How an operator becomes a layer, and which of its inputs are the two operands.
  struct Mapping {
    Map add;
    int left, right;
  };

  static const std::map<std::string, Mapping>& mappings() {
    static const std::map<std::string, Mapping> all{{"Conv", {&Importer::add_convolution, 0, 1}},
                                                    {"ConvInteger", {&Importer::add_convolution, 0, 1}},
                                                    {"QLinearConv", {&Importer::add_convolution, 0, 3}},
                                                    {"ConvTranspose", {&Importer::add_transposed, 0, 1}},
                                                    {"Gemm", {&Importer::add_gemm, 0, 1}},
                                                    {"MatMul", {&Importer::add_matmul, 0, 1}},
                                                    {"MatMulInteger", {&Importer::add_matmul, 0, 1}},
                                                    {"QLinearMatMul", {&Importer::add_matmul, 0, 3}}};
    return all;
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw InputError(fmt::format("{}: {}", path_, message));
  }
  [[noreturn]] void fail(const onnx::NodeProto& node, const std::string& message) const {
    fail(fmt::format("node '{}' of type {} {}", name_of(node), node.op_type(), message));
  }
  static std::string name_of(const onnx::NodeProto& node) {
    return !node.name().empty() || node.output_size() == 0 ? node.name() : node.output(0);
  }

  /// Gives every open axis of an input a size.
  void close_inputs(onnx::GraphProto& graph) {
    bool used_tokens = false;
    for (onnx::ValueInfoProto& input : *graph.mutable_input()) {
      if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape()) continue;
      auto& dimensions = *input.mutable_type()->mutable_tensor_type()->mutable_shape();
      for (int axis = 0; axis < dimensions.dim_size(); ++axis) {
        auto& dimension = *dimensions.mutable_dim(axis);
        if (dimension.has_dim_value()) continue;
        if (axis > 0 && !shape_.tokens) {
          fail(
              fmt::format("axis {} of input '{}' has no size ('{}'); give the task 'tokens', or export the "
                          "model with a size",
                          axis, input.name(), dimension.dim_param()));
        }
        used_tokens = used_tokens || axis > 0;
        dimension.set_dim_value(axis == 0 ? 1 : static_cast<int64_t>(*shape_.tokens));
      }
    }
    if (shape_.tokens && !used_tokens) {
      throw InputError(
          shape_.where,
          fmt::format("every input of '{}' has a size of its own; 'tokens' changes nothing", path_));
    }
    // Shapes noted for a run of another size would contradict the ones just set.
    if (used_tokens) graph.clear_value_info();
  }

  void note_stored(const onnx::GraphProto& graph) {
    for (const onnx::TensorProto& tensor : graph.initializer()) {
      stored_.insert(tensor.name());
      Dimensions dimensions(tensor.dims().begin(), tensor.dims().end());
      if (std::ranges::any_of(dimensions, [](int64_t d) { return d < 0 || d > kMost; }))
        fail(fmt::format("initialiser '{}' has a dimension outside 0 .. {}", tensor.name(), kMost));
      shapes_[tensor.name()] = std::move(dimensions);
    }
  }

  /// Every input of a node is given by something before it, as the specification demands.
  void check_order(const onnx::GraphProto& graph) const {
    std::unordered_set<std::string> known(stored_);
    known.insert("");  // an optional input left out
    for (const onnx::ValueInfoProto& input : graph.input()) {
      known.insert(input.name());
      for (const auto& dimension : input.type().tensor_type().shape().dim()) {
        if (dimension.dim_value() < 0 || dimension.dim_value() > kMost)
          fail(fmt::format("input '{}' has a dimension outside 0 .. {}", input.name(), kMost));
      }
    }
    for (const onnx::NodeProto& node : graph.node()) {
      for (const std::string& input : node.input()) {
        if (known.contains(input)) continue;
        fail(node,
             fmt::format("reads '{}', which no input, initialiser or earlier node gives: the initialiser is "
                         "missing or the graph is cyclic; export the model again",
                         input));
      }
      known.insert(node.output().begin(), node.output().end());
    }
  }

  void check_operators(const onnx::GraphProto& graph) const {
    for (const onnx::NodeProto& node : graph.node()) {
      bool standard = node.domain().empty() || node.domain() == "ai.onnx";
      if (standard && (mappings().contains(node.op_type()) || is_passed(node.op_type()))) continue;
      fail(node,
           fmt::format(
               "{}cannot be mapped to matrix products; export the model without it, or describe the network "
               "in a workload file",
               standard ? "" : fmt::format("of domain '{}' ", node.domain())));
    }
  }

  void infer(onnx::ModelProto& model) const {
    onnx::ShapeInferenceOptions options(/*check_type=*/false, /*strict=*/1, /*data_propagation=*/true);
    try {
      onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), options);
    } catch (const std::exception& error) {
      fail(fmt::format("its shapes contradict each other: {}", error.what()));
    }
  }

  void note_shapes(const onnx::GraphProto& graph) {
    for (const auto* infos : {&graph.input(), &graph.value_info(), &graph.output()}) {
      for (const onnx::ValueInfoProto& info : *infos) {
        const auto& tensor = info.type().tensor_type();
        if (!info.type().has_tensor_type() || !tensor.has_shape()) continue;
        Dimensions dimensions;
        for (const auto& dimension : tensor.shape().dim())
          dimensions.push_back(dimension.has_dim_value() ? dimension.dim_value() : -1);
        shapes_.try_emplace(info.name(), std::move(dimensions));
      }
    }
  }

  void add(const onnx::NodeProto& node) {
    auto mapping = mappings().find(node.op_type());
    if (mapping != mappings().end()) {
      (this->*mapping->second.add)(node, mapping->second.left, mapping->second.right);
      if (network_.layers.size() > kMostLayers) fail(fmt::format("more than {} layers", kMostLayers));
      return;
    }
    // What is computed of stored values alone is stored as well: dequantised or transposed weights.
    if (std::ranges::all_of(node.input(), [&](const auto& i) { return i.empty() || stored_.contains(i); }))
      stored_.insert(node.output().begin(), node.output().end());
  }

  [[nodiscard]] const Dimensions& shape_of(const onnx::NodeProto& node, const std::string& tensor,
                                           size_t least_axes) const {
    auto it = shapes_.find(tensor);
    if (it == shapes_.end() || std::ranges::find(it->second, -1) != it->second.end()) {
      fail(node, fmt::format("needs the shape of '{}', which cannot be inferred; export the model with fixed "
                             "input sizes",
                             tensor));
    }
    if (it->second.size() < least_axes) {
      fail(node, fmt::format("has an operand '{}' of {} axes; it takes at least {}", tensor,
                             it->second.size(), least_axes));
    }
    return it->second;
  }
  [[nodiscard]] const std::string& input(const onnx::NodeProto& node, int index) const {
    if (index >= node.input_size()) fail(node, fmt::format("has no input number {}", index));
    return node.input(index);
  }
  [[nodiscard]] const std::string& output(const onnx::NodeProto& node) const {
    if (node.output_size() == 0) fail(node, "has no output");
    return node.output(0);
  }
  static int64_t integer(const onnx::NodeProto& node, const char* name, int64_t otherwise) {
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.name() == name && attribute.has_i()) return attribute.i();
    }
    return otherwise;
  }

  /// The product of the dimensions from `first` to before `last`; kMost + 1 where it exceeds kMost.
  static int64_t product(const Dimensions& dimensions, size_t first, size_t last) {
    int64_t all = 1;
    for (size_t i = first; i < last; ++i) {
      if (dimensions[i] == 0) return 0;
      if (all <= kMost) all *= dimensions[i];
    }
    return std::min(all, kMost + 1);
  }

  struct Product {
    int64_t m, k, n, groups;
    bool activations;
  };
  void append(const onnx::NodeProto& node, const Product& p) {
    for (int64_t dimension : {p.m, p.k, p.n, p.groups}) {
      if (dimension < 1 || dimension > kMost)
        fail(node,
             fmt::format("makes a product {} x {} x {}; dimensions lie in 1 .. {}", p.m, p.k, p.n, kMost));
    }
    network_.layers.push_back({name_of(node), static_cast<uint32_t>(p.m), static_cast<uint32_t>(p.k),
                               static_cast<uint32_t>(p.n), static_cast<uint32_t>(p.groups), p.activations});
  }

  int64_t groups_of(const onnx::NodeProto& node, int64_t channels) const {
    int64_t groups = integer(node, "group", 1);
    if (groups < 1 || channels % groups != 0)
      fail(node, fmt::format("has {} groups, which do not divide {} channels", groups, channels));
    return groups;
  }

  void add_convolution(const onnx::NodeProto& node, int, int right) {
    const std::string& weights = input(node, right);
    const Dimensions& w = shape_of(node, weights, 3);       // outputs, inputs / groups, window
    const Dimensions& y = shape_of(node, output(node), 3);  // batch, outputs, positions
    int64_t groups = groups_of(node, w[0]);
    int64_t rows = product({y[0], product(y, 2, y.size()), groups}, 0, 3);
    append(node, {rows, product(w, 1, w.size()), w[0] / groups, groups, !stored_.contains(weights)});
  }

  void add_transposed(const onnx::NodeProto& node, int left, int right) {
    const std::string& weights = input(node, right);
    const Dimensions& x = shape_of(node, input(node, left), 3);
    const Dimensions& w = shape_of(node, weights, 3);  // inputs, outputs / groups, window
    int64_t groups = groups_of(node, w[0]);
    int64_t rows = product({x[0], product(x, 2, x.size()), groups}, 0, 3);
    append(node, {rows, w[0] / groups, product(w, 1, w.size()), groups, !stored_.contains(weights)});
  }

  void add_gemm(const onnx::NodeProto& node, int left, int right) {
    Dimensions a = shape_of(node, input(node, left), 2), b = shape_of(node, input(node, right), 2);
    if (integer(node, "transA", 0) != 0) std::swap(a[0], a[1]);
    if (integer(node, "transB", 0) != 0) std::swap(b[0], b[1]);
    multiply(node, left, right, a, b);
  }

  void add_matmul(const onnx::NodeProto& node, int left, int right) {
    Dimensions a = shape_of(node, input(node, left), 1), b = shape_of(node, input(node, right), 1);
    if (a.size() == 1) a.insert(a.begin(), 1);
    if (b.size() == 1) b.push_back(1);
    multiply(node, left, right, a, b);
  }

  /// How many products two batches make that broadcast against one another.
  static int64_t broadcast(const Dimensions& a, const Dimensions& b) {
    Dimensions batches;
    size_t longest = std::max(a.size(), b.size());
    for (size_t i = 3; i <= longest; ++i)
      batches.push_back(std::max(i <= a.size() ? a[a.size() - i] : 1, i <= b.size() ? b[b.size() - i] : 1));
    return product(batches, 0, batches.size());
  }

  /// Batches of a broadcast against one another; the operand that is stored, if one is, becomes B.
  void multiply(const onnx::NodeProto& node, int left, int right, const Dimensions& a, const Dimensions& b) {
    int64_t m = a[a.size() - 2], k = a.back(), n = b.back();
    if (b[b.size() - 2] != k) fail(node, fmt::format("multiplies {} columns by {} rows", k, b[b.size() - 2]));
    int64_t a_count = product(a, 0, a.size() - 2), b_count = product(b, 0, b.size() - 2);
    int64_t count = broadcast(a, b);
    bool a_stored = stored_.contains(input(node, left)), b_stored = stored_.contains(input(node, right));
    if (a_stored && b_stored) {
      stored_.insert(node.output().begin(), node.output().end());
      return;  // computed once, when the model is loaded
    }
    if (a_stored) {
      append(node, {product({n, count}, 0, 2), k, m, a_count, false});
    } else {
      append(node, {product({m, count}, 0, 2), k, n, b_count, !b_stored});
    }
  }

  const std::string& path_;
  const Shape& shape_;
  Network network_;
  std::unordered_set<std::string> stored_;  ///< tensors whose values the model brings along
  std::unordered_map<std::string, Dimensions> shapes_;
};

Network read_onnx(const std::string& path, const Shape& shape, const Location& named_at) {
  Network network = Importer(path, shape).read(read_model_file(path, named_at));
  if (shape.batch) process_together(network, *shape.batch, shape.where);
  return network;
}

const NetworkFormatRegistration registration{{".onnx", "ONNX model, shapes alone", read_onnx}};

}  // namespace
}  // namespace vesper::workload
