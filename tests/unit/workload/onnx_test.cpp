// Models are made here through the library: no binary files lie in the tree.
#define ONNX_ML 1
#define ONNX_NAMESPACE onnx
#include <onnx/onnx_pb.h>

#include "tests/unit/workload/model_file.h"

namespace vesper::workload {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A model of opset 13; a size below 0 is open.
class Model {
 public:
  Model() {
    model_.set_ir_version(7);
    model_.add_opset_import()->set_version(13);
    model_.mutable_graph()->set_name("g");
  }
  Model& input(const std::string& name, const std::vector<int64_t>& sizes) {
    describe(*model_.mutable_graph()->add_input(), name, sizes);
    return *this;
  }
  Model& output(const std::string& name) {
    onnx::ValueInfoProto& info = *model_.mutable_graph()->add_output();
    info.set_name(name);
    info.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
    return *this;
  }
  /// Weights that lie outside the file: their sizes are all that counts.
  Model& weights(const std::string& name, const std::vector<int64_t>& sizes) {
    onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (int64_t size : sizes) tensor.add_dims(size);
    return *this;
  }
  Model& integers(const std::string& name, const std::vector<int64_t>& values) {
    onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::INT64);
    tensor.add_dims(static_cast<int64_t>(values.size()));
    for (int64_t value : values) tensor.add_int64_data(value);
    return *this;
  }
  Model& node(const std::string& type, const std::vector<std::string>& inputs, const std::string& output,
              const std::map<std::string, std::vector<int64_t>>& attributes = {},
              const std::string& domain = "") {
    onnx::NodeProto& node = *model_.mutable_graph()->add_node();
    node.set_op_type(type);
    node.set_domain(domain);
    node.set_name("n_" + output);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    for (const auto& [name, values] : attributes) {
      onnx::AttributeProto& attribute = *node.add_attribute();
      attribute.set_name(name);
      bool list = values.size() != 1;
      attribute.set_type(list ? onnx::AttributeProto::INTS : onnx::AttributeProto::INT);
      for (int64_t value : values) list ? attribute.add_ints(value) : attribute.set_i(value);
    }
    return *this;
  }
  [[nodiscard]] std::string bytes() const { return model_.SerializeAsString(); }

 private:
  static void describe(onnx::ValueInfoProto& info, const std::string& name,
                       const std::vector<int64_t>& sizes) {
    info.set_name(name);
    auto& tensor = *info.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(onnx::TensorProto::FLOAT);
    tensor.mutable_shape();
    for (int64_t size : sizes) {
      auto& dimension = *tensor.mutable_shape()->add_dim();
      if (size < 0) {
        dimension.set_dim_param("open");
      } else {
        dimension.set_dim_value(size);
      }
    }
  }
  onnx::ModelProto model_;
};

class Onnx : public ModelFile {
 protected:
  Network read(const Model& model, const Shape& shape = {}) {
    return ModelFile::read("net.onnx", model.bytes(), shape);
  }
  std::string refusal(const Model& model, const Shape& shape = {}) {
    return ModelFile::refusal("net.onnx", model.bytes(), shape);
  }
};

void expect_layer(const Layer& layer, const char* name, std::array<uint32_t, 4> shape, uint64_t weights) {
  EXPECT_EQ(layer.name, name);
  EXPECT_EQ((std::array{layer.m, layer.k, layer.n, layer.groups}), shape) << name;
  EXPECT_EQ(layer.weights(), weights) << name;
}

Model small_network() {
  Model model;
  model.input("x", {1, 3, 32, 32})
      .weights("w1", {16, 3, 3, 3})
      .weights("w2", {16, 1, 3, 3})
      .weights("w3", {8, 4, 1, 1})
      .weights("w4", {10, 2048})
      .node("Conv", {"x", "w1"}, "a", {{"pads", {1, 1, 1, 1}}, {"strides", {2, 2}}})
      .node("Relu", {"a"}, "b")
      .node("Conv", {"b", "w2"}, "c", {{"pads", {1, 1, 1, 1}}, {"group", {16}}})
      .node("Conv", {"c", "w3"}, "d", {{"group", {4}}})
      .node("Flatten", {"d"}, "e")
      .node("Gemm", {"e", "w4"}, "y", {{"transB", {1}}})
      .output("y");
  return model;
}

TEST_F(Onnx, ConvolutionsGroupedDepthwiseAndDense) {
  Network network = read(small_network());
  EXPECT_EQ(network.name, "net");
  ASSERT_EQ(network.layers.size(), 4U);
  expect_layer(network.layers[0], "n_a", {256, 27, 16, 1}, 27 * 16);
  expect_layer(network.layers[1], "n_c", {256 * 16, 9, 1, 16}, 9 * 16);
  expect_layer(network.layers[2], "n_d", {256 * 4, 4, 2, 4}, 4 * 8);
  expect_layer(network.layers[3], "n_y", {1, 2048, 10, 1}, 20480);
  EXPECT_EQ(read(small_network(), {.batch = 4, .tokens = std::nullopt, .where = here_}).layers[0].m, 1024U);
}

/// One head of attention on [batch, tokens, 8].
Model attention(int64_t batch, int64_t tokens) {
  Model model;
  model.input("x", {batch, tokens, 8})
      .weights("wq", {8, 8})
      .weights("wk", {8, 8})
      .node("MatMul", {"x", "wq"}, "q")
      .node("MatMul", {"x", "wk"}, "k")
      .node("Transpose", {"k"}, "kt", {{"perm", {0, 2, 1}}})
      .node("MatMul", {"q", "kt"}, "scores")
      .node("Softmax", {"scores"}, "p")
      .node("MatMul", {"p", "q"}, "y")
      .output("y");
  return model;
}

TEST_F(Onnx, AttentionIsProductsThatStoreNothing) {
  Network network = read(attention(2, 16));
  ASSERT_EQ(network.layers.size(), 4U);
  expect_layer(network.layers[0], "n_q", {32, 8, 8, 1}, 64);
  expect_layer(network.layers[2], "n_scores", {32, 8, 16, 2}, 0);
  expect_layer(network.layers[3], "n_y", {32, 16, 8, 2}, 0);
}

TEST_F(Onnx, OpenSizesAreBatchAndTokens) {
  Network network = read(attention(-1, -1), {.batch = 2, .tokens = 16, .where = here_});
  expect_layer(network.layers[0], "n_q", {32, 8, 8, 1}, 64);
  expect_layer(network.layers[2], "n_scores", {32, 8, 16, 1}, 0);
  EXPECT_THAT(refusal(attention(-1, -1)),
              HasSubstr("axis 1 of input 'x' has no size ('open'); give the task"));
  EXPECT_THAT(refusal(attention(1, 16), {.batch = std::nullopt, .tokens = 3, .where = here_}),
              StartsWith("scenario.yaml:7:3: every input of"));
}

TEST_F(Onnx, WeightsThatAreReshapedOrTransposedAreStillWeights) {
  Model model;
  model.input("x", {4, 8})
      .weights("w", {16, 4, 2})
      .integers("shape", {16, 8})
      .node("Reshape", {"w", "shape"}, "w2")
      .node("Transpose", {"w2"}, "w3")
      .node("MatMul", {"x", "w3"}, "y")
      .output("y");
  expect_layer(read(model).layers.at(0), "n_y", {4, 8, 16, 1}, 128);
}

TEST_F(Onnx, WeightsOnTheLeftAreTheStoredOperand) {
  Model model;
  model.input("x", {8, 5}).weights("w", {16, 8}).node("MatMul", {"w", "x"}, "y").output("y");
  expect_layer(read(model).layers.at(0), "n_y", {5, 8, 16, 1}, 128);
}

TEST_F(Onnx, BatchesBroadcast) {
  Model model;
  model.input("x", {2, 1, 4, 8}).input("z", {3, 8, 5}).node("MatMul", {"x", "z"}, "y").output("y");
  expect_layer(read(model).layers.at(0), "n_y", {4 * 6, 8, 5, 3}, 0);
}

TEST_F(Onnx, TransposedConvolution) {
  Model model;
  model.input("x", {1, 8, 10, 10}).weights("w", {8, 4, 2, 2});
  model.node("ConvTranspose", {"x", "w"}, "y", {{"strides", {2, 2}}}).output("y");
  expect_layer(read(model).layers.at(0), "n_y", {100, 8, 16, 1}, 128);
}

TEST_F(Onnx, AnOperatorThatCannotBeMappedIsNamedWithARemedy) {
  Model model;
  model.input("x", {4, 1, 8}).weights("w", {1, 32, 8}).weights("r", {1, 32, 8});
  model.node("LSTM", {"x", "w", "r"}, "y", {{"hidden_size", {8}}}).output("y");
  EXPECT_THAT(refusal(model), AllOf(HasSubstr("net.onnx: node 'n_y' of type LSTM cannot be mapped"),
                                    HasSubstr("describe the network in a workload file")));
  Model foreign;
  foreign.input("x", {4, 8}).node("Attention", {"x"}, "y", {}, "com.microsoft").output("y");
  EXPECT_THAT(refusal(foreign), HasSubstr("type Attention of domain 'com.microsoft' cannot be mapped"));
}

TEST_F(Onnx, FilesThatAreCutAreRefused) {
  std::string whole = small_network().bytes();
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    test::write_file(folder_ / "cut.onnx", whole.substr(0, bytes));
    EXPECT_THROW(find_network_format("cut.onnx")->read(folder_ / "cut.onnx", {}, here_), InputError) << bytes;
  }
  EXPECT_THAT(ModelFile::refusal("n.onnx", "no model at all"),
              HasSubstr("is no ONNX model, or is cut short"));
}

TEST_F(Onnx, DamagedFilesNeverCrash) {
  const std::string whole = small_network().bytes();
  for (size_t at = 0; at < whole.size(); ++at) {
    for (char flip : {'\x01', '\x80', '\xff'}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      test::write_file(folder_ / "damaged.onnx", damaged);
      try {
        Network network = find_network_format("d.onnx")->read(folder_ / "damaged.onnx", {}, here_);
        EXPECT_FALSE(network.layers.empty());
      } catch (const InputError&) {  // refused: fine
      }
    }
  }
}

TEST_F(Onnx, CyclesAndMissingInitialisersAreRefused) {
  Model cyclic;
  cyclic.input("x", {4, 8}).weights("w", {8, 8});
  cyclic.node("Add", {"x", "b"}, "a").node("MatMul", {"a", "w"}, "b").output("b");
  EXPECT_THAT(refusal(cyclic), AllOf(HasSubstr("node 'n_a' of type Add reads 'b'"), HasSubstr("cyclic")));
  Model missing;
  missing.input("x", {4, 8}).node("MatMul", {"x", "w"}, "y").output("y");
  EXPECT_THAT(refusal(missing), HasSubstr("node 'n_y' of type MatMul reads 'w', which no input"));
}

TEST_F(Onnx, HugeAndContradictorySizesAreRefused) {
  Model huge;
  huge.input("x", {1, int64_t{1} << 40}).weights("w", {8, 8}).node("MatMul", {"x", "w"}, "y").output("y");
  EXPECT_THAT(refusal(huge), HasSubstr("input 'x' has a dimension outside 0 .. 2147483647"));
  Model huge_weights;
  huge_weights.input("x", {1, 8}).weights("w", {8, int64_t{1} << 62});
  huge_weights.node("MatMul", {"x", "w"}, "y").output("y");
  EXPECT_THAT(refusal(huge_weights), HasSubstr("initialiser 'w' has a dimension outside"));
  Model rows;
  rows.input("x", {65536, 65536, 8}).weights("w", {8, 8}).node("MatMul", {"x", "w"}, "y").output("y");
  EXPECT_THAT(refusal(rows), HasSubstr("node 'n_y' of type MatMul makes a product"));
  Model other;
  other.input("x", {1, 8}).weights("w", {9, 8}).node("MatMul", {"x", "w"}, "y").output("y");
  EXPECT_THAT(refusal(other), HasSubstr("its shapes contradict each other"));
  Model empty;
  empty.input("x", {1, 8}).node("Relu", {"x"}, "y").output("y");
  EXPECT_THAT(refusal(empty), HasSubstr("has no operator that is a matrix product"));
}

TEST_F(Onnx, AShapeThatCannotBeInferredIsNamed) {
  Model model;
  model.input("x", {4, 8}).input("shape", {2}).weights("w", {8, 8});
  model.node("Reshape", {"x", "shape"}, "r").node("MatMul", {"r", "w"}, "y").output("y");
  EXPECT_THAT(refusal(model), HasSubstr("needs the shape of 'r', which cannot be inferred"));
}

TEST_F(Onnx, RunsInAScenario) {
  test::write_file(folder_ / "net.onnx", small_network().bytes());
  test::write_file(folder_ / "net.csv", "Layer, M, N, K,\nfc, 16, 1000, 2048,\n");
  test::write_file(folder_ / "s.yaml", std::string("scenario: imported networks\ninclude: ") +
                                           VESPER_SOURCE_DIR +
                                           "/scenarios/platforms/vck190.yaml\nrun: {until: 20 ms}\ntasks:\n"
                                           "  - {name: a, model: net.onnx, batch: 2, period: 10 ms}\n"
                                           "  - {name: b, model: net.csv, period: 10 ms}\n");
  test::CommandResult result = test::run_vesper({"run", "s.yaml", "--out", folder_ / "out"}, folder_.path());
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(test::read_file(folder_.path() / "out" / "jobs.csv"), HasSubstr("b,"));
  test::write_file(folder_ / "net.onnx", "nonsense");
  result = test::run_vesper({"validate", "s.yaml"}, folder_.path());
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("is no ONNX model"));
}

}  // namespace
}  // namespace vesper::workload
