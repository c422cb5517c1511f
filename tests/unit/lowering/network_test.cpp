#include "platform/workload/network.h"

#include <gmock/gmock.h>

#include "platform/scenario/yaml.h"

namespace vesper::workload {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Network read(const std::string& yaml, const Shape& shape = {}) {
  return read_network(scenario::parse_yaml(yaml, "net.yaml"), shape);
}

std::string refusal(const std::string& yaml, const Shape& shape = {}) {
  try {
    read(yaml, shape);
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "taken: " << yaml;
  return "";
}

std::vector<std::array<uint32_t, 3>> shapes(const Network& network) {
  std::vector<std::array<uint32_t, 3>> all;
  for (const Layer& layer : network.layers) all.push_back({layer.m, layer.k, layer.n});
  return all;
}

TEST(Network, LayersInOrderRepeated) {
  Network network =
      read("name: n\nrepeat: 2\nlayers:\n  - {name: a, matmul: [1, 2, 3]}\n  - {matmul: [4, 5, 6]}\n");
  EXPECT_EQ(network.name, "n");
  EXPECT_EQ(shapes(network),
            (std::vector<std::array<uint32_t, 3>>{{1, 2, 3}, {4, 5, 6}, {1, 2, 3}, {4, 5, 6}}));
  EXPECT_EQ(network.layers[0].name, "a");
  EXPECT_EQ(network.layers[1].name, "layer1");
}

TEST(Network, TransformerBlocksHaveDercasShapes) {
  // A block of b inputs, s tokens, width w, h heads: (s*b, w, 3w); h times (s*b, w/h, s); h times (s*b, s,
  // w/h); (s*b, w, w); (s*b, w, 4w); (s*b, 4w, w). DeiT-T: b=6, s=196, w=192, h=3, 12 blocks.
  Network network =
      read("name: deit\ntransformer: {blocks: 12, batch: 6, tokens: 196, width: 192, heads: 3}\n");
  std::vector<std::array<uint32_t, 3>> block{
      {1176, 192, 576}, {1176, 64, 196}, {1176, 64, 196},  {1176, 64, 196},  {1176, 196, 64},
      {1176, 196, 64},  {1176, 196, 64}, {1176, 192, 192}, {1176, 192, 768}, {1176, 768, 192}};
  std::vector<std::array<uint32_t, 3>> all;
  for (int i = 0; i < 12; ++i) all.insert(all.end(), block.begin(), block.end());
  EXPECT_EQ(shapes(network), all);
}

TEST(Network, NonsenseIsRefusedWithItsPlace) {
  EXPECT_THAT(refusal("name: n\n"), HasSubstr("network 'n' has no layers"));
  EXPECT_THAT(refusal("layers: [{matmul: [1, 1, 1]}]\n"), HasSubstr("'name' is missing"));
  EXPECT_THAT(refusal("name: n\nlayers:\n  - {matmul: [0, 1, 1]}\n"),
              StartsWith("net.yaml:3:14: layers[0].matmul"));
  EXPECT_THAT(refusal("name: n\nlayers: [{matmul: [1, 1]}]\n"), HasSubstr("three dimensions"));
  EXPECT_THAT(refusal("name: n\nlayers: [{matmul: [1, 1, 1, 1]}]\n"), HasSubstr("three dimensions"));
  EXPECT_THAT(refusal("name: n\nlayers: [{matmul: [2147483648, 1, 1]}]\n"), HasSubstr("three dimensions"));
  EXPECT_THAT(refusal("name: n\nlayers: [{name: x}]\n"),
              HasSubstr("layer 'x' needs one of 'matmul' and 'conv'"));
  EXPECT_THAT(refusal("name: n\nlayers: [{matmul: [1, 1, 1], conv: {input: [1, 1, 1], outputs: 1}}]\n"),
              HasSubstr("not both"));
  EXPECT_THAT(refusal("name: n\ntransformer: {blocks: 1, tokens: 4, width: 10, heads: 3}\n"),
              StartsWith("net.yaml:2:14: transformer.heads must divide"));
  EXPECT_THAT(refusal("name: n\nrepeat: 4096\ntransformer: {blocks: 1024, tokens: 4, width: 8}\n"),
              HasSubstr("at most 65535"));
}

TEST(Network, GeneratedDimensionsLieInTheSameRange) {
  // 2^20 tokens of a batch of 4096 are 2^32 rows.
  EXPECT_THAT(refusal("name: n\ntransformer: {blocks: 1, batch: 4096, tokens: 1048576, width: 8}\n"),
              HasSubstr("2147483647"));
  EXPECT_THAT(refusal("name: n\ntransformer: {blocks: 1, batch: 2048, tokens: 1048576, width: 8}\n"),
              HasSubstr("2147483647"));
  EXPECT_EQ(read("name: n\ntransformer: {blocks: 1, batch: 1024, tokens: 1048576, width: 8}\n").layers[0].m,
            1U << 30);
}

TEST(Network, ConvolutionsAreTheProductsOfIm2col) {
  Network network = read(
      "name: n\nlayers:\n"
      "  - {name: a, conv: {input: [224, 224, 3], outputs: 64, kernel: 7, stride: 2, padding: 3}}\n"
      "  - {name: b, conv: {input: [19, 19, 512], outputs: 1024, kernel: 3, padding: 6, dilation: 6}}\n"
      "  - {name: c, conv: {input: [8, 6, 32], outputs: 64, kernel: 3, groups: 4, batch: 2}}\n"
      "  - {name: d, conv: {input: [14, 14, 512], outputs: 512, kernel: 3, padding: 1, groups: 512}}\n");
  EXPECT_EQ(
      shapes(network),
      (std::vector<std::array<uint32_t, 3>>{
          {112 * 112, 147, 64}, {19 * 19, 9 * 512, 1024}, {6 * 4 * 2 * 4, 9 * 8, 16}, {196 * 512, 9, 1}}));
  EXPECT_EQ(network.layers[2].weights(), 9U * 8 * 64);
  EXPECT_EQ(network.layers[3].weights(), 9U * 512);
  EXPECT_EQ(network.layers[3].macs(), 196U * 9 * 512);
}

TEST(Network, ConvolutionsThatDoNotFitAreRefused) {
  auto conv = [](const std::string& properties) {
    return refusal("name: n\nlayers:\n  - {name: x, conv: {" + properties + "}}\n");
  };
  EXPECT_THAT(conv("input: [2, 8, 3], outputs: 4, kernel: 3"),
              StartsWith("net.yaml:3:21: layer 'x': the window exceeds"));
  EXPECT_THAT(conv("input: [8, 8, 3], outputs: 4, kernel: 3, dilation: 4"), HasSubstr("the window exceeds"));
  EXPECT_THAT(conv("input: [8, 8, 6], outputs: 4, groups: 3"),
              HasSubstr("3 groups must divide 6 input and 4"));
  EXPECT_THAT(conv("input: [8, 8], outputs: 4"), HasSubstr("three dimensions"));
  EXPECT_THAT(conv("input: [8, 8, 3], outputs: 4, kernel: 0"), HasSubstr("between 1 and 1024"));
  EXPECT_THAT(conv("input: [8, 8, 3]"), HasSubstr("'layers[0].conv.outputs' is missing"));
  EXPECT_THAT(conv("input: [2147483647, 2147483647, 3], outputs: 4, batch: 4096"),
              HasSubstr("exceeds 2147483647"));
  EXPECT_THAT(conv("input: [8, 8, 2147483647], outputs: 4, kernel: 3"), HasSubstr("exceeds 2147483647"));
}

TEST(Network, DecodersAttendToTheEncoderAsWell) {
  Network network = read("name: n\ndecoder: {blocks: 1, tokens: 10, width: 8, heads: 1, cross_tokens: 20}\n");
  EXPECT_EQ(shapes(network), (std::vector<std::array<uint32_t, 3>>{{10, 8, 24},
                                                                   {10, 8, 10},
                                                                   {10, 10, 8},
                                                                   {10, 8, 8},
                                                                   {10, 8, 8},
                                                                   {20, 8, 16},
                                                                   {10, 8, 20},
                                                                   {10, 20, 8},
                                                                   {10, 8, 8},
                                                                   {10, 8, 32},
                                                                   {10, 32, 8}}));
  EXPECT_EQ(network.layers[0].name, "decoder0.qkv");
}

TEST(Network, WindowsNeedNotBeSquare) {
  Network network = read(
      "name: n\nlayers:\n"
      "  - {name: a, conv: {input: [17, 9, 8], outputs: 4, kernel: [1, 7], padding: [0, 3], stride: [2, "
      "1]}}\n");
  EXPECT_EQ(shapes(network), (std::vector<std::array<uint32_t, 3>>{{9 * 9, 7 * 8, 4}}));
  auto conv = [](const std::string& properties) {
    return refusal("name: n\nlayers:\n  - {name: x, conv: {input: [8, 8, 3], outputs: 4, " + properties +
                   "}}\n");
  };
  EXPECT_THAT(conv("kernel: [9, 1]"), HasSubstr("the window exceeds"));
  EXPECT_THAT(conv("kernel: [1, 2, 3]"), HasSubstr("one number or [height, width], not 3 numbers"));
  EXPECT_THAT(conv("kernel: [0, 1]"), HasSubstr("between 1 and 1024"));
  EXPECT_THAT(conv("stride: [1, x]"), HasSubstr("layers[0].conv.stride[1]"));
}

TEST(Network, TheUserSetsBatchAndTokens) {
  const std::string encoder = "name: n\nbatch: 2\ntransformer: {blocks: 1, tokens: 10, width: 8}\n";
  EXPECT_EQ(read(encoder).layers[0].m, 20U);
  EXPECT_EQ(read(encoder, {.batch = 3, .tokens = std::nullopt, .where = {}}).layers[0].m, 60U);
  Network short_input = read(encoder, {.batch = 3, .tokens = 5, .where = {}});
  EXPECT_EQ(short_input.layers[0].m, 30U);
  EXPECT_EQ(short_input.layers[1].n, 5U);
  Network both = read(
      "name: n\ntransformer: {blocks: 1, tokens: 20, width: 8}\n"
      "decoder: {blocks: 1, tokens: 10, width: 8, cross_tokens: 20}\n",
      {.batch = std::nullopt, .tokens = 5, .where = {}});
  for (const Layer& layer : both.layers) EXPECT_EQ(layer.m, 5U) << layer.name;
}

TEST(Network, BatchAndTokensAreCheckedWhereTheyAreWritten) {
  Location there{std::make_shared<const std::string>("scenario.yaml"), 7, 3};
  const std::string plain = "name: n\nlayers: [{name: fc, matmul: [1048576, 1, 1]}]\n";
  EXPECT_THAT(refusal(plain, {.batch = 4096, .tokens = std::nullopt, .where = there}),
              StartsWith("scenario.yaml:7:3: layer 'fc' of network 'n': 1048576 rows times batch 4096"));
  EXPECT_THAT(refusal(plain, {.batch = std::nullopt, .tokens = 5, .where = there}),
              StartsWith("scenario.yaml:7:3: network 'n' has no sequence of tokens"));
}

TEST(Network, RelativeAttentionScoresPositionsAsWell) {
  Network network =
      read("name: n\ntransformer: {blocks: 1, tokens: 10, width: 8, relative: true, separate: true}\n");
  EXPECT_EQ(shapes(network), (std::vector<std::array<uint32_t, 3>>{{10, 8, 8},
                                                                   {10, 8, 8},
                                                                   {10, 8, 8},
                                                                   {20, 8, 8},
                                                                   {10, 8, 10},
                                                                   {10, 8, 20},
                                                                   {10, 10, 8},
                                                                   {10, 8, 8},
                                                                   {10, 8, 32},
                                                                   {10, 32, 8}}));
}

TEST(Network, AttentionStoresNoWeights) {
  Network network = read(
      "name: n\ntransformer: {blocks: 1, tokens: 10, width: 8}\nlayers:\n"
      "  - {name: a, matmul: [1, 2, 3], activations: true}\n");
  EXPECT_EQ(network.layers[0].weights(), 8U * 24);
  EXPECT_EQ(network.layers[1].weights(), 0U);
  EXPECT_EQ(network.layers[2].weights(), 0U);
  EXPECT_EQ(network.layers.back().weights(), 0U);
  EXPECT_THAT(
      refusal("name: n\nlayers: [{name: x, activations: true, conv: {input: [1, 1, 1], outputs: 1}}]\n"),
      HasSubstr("layer 'x': 'activations' is for a 'matmul'"));
}

}  // namespace
}  // namespace vesper::workload
