#include "tests/unit/workload/model_file.h"

namespace vesper::workload {
namespace {

using ::testing::HasSubstr;

constexpr const char* kConvolutions =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";
constexpr const char* kProducts = "Layer, M, N, K,\n";

class ScaleSim : public ModelFile {
 protected:
  Network read(const std::string& content, const Shape& shape = {}) {
    return ModelFile::read("net.csv", content, shape);
  }
  std::string refusal(const std::string& content, const Shape& shape = {}) {
    return ModelFile::refusal("net.csv", content, shape);
  }
};

void expect_layer(const Layer& layer, const char* name, uint32_t m, uint32_t k, uint32_t n,
                  uint32_t groups = 1) {
  EXPECT_EQ(layer.name, name);
  EXPECT_EQ((std::array{layer.m, layer.k, layer.n, layer.groups}), (std::array{m, k, n, groups}));
}

TEST_F(ScaleSim, Convolutions) {
  // The first two rows of SCALE-Sim's topologies/conv_nets/alexnet.csv and shapes of its own rules: a side of
  // 224 with a filter of 11 and stride 4 has ceil(217/4) = 55 positions.
  Network network = read(std::string(kConvolutions) +
                         "Conv1,224,224,11,11,3,96,4,\nConv2, 31, 31, 5, 5, 96, 256, 1,\r\n\n"
                         "DP1,114,114,3,3,32,1,2,\nWide,10,20,1,5,8,4,1,3,\n");
  EXPECT_EQ(network.name, "net");
  ASSERT_EQ(network.layers.size(), 4U);
  expect_layer(network.layers[0], "Conv1", 55 * 55, 363, 96);
  expect_layer(network.layers[1], "Conv2", 27 * 27, 2400, 256);
  expect_layer(network.layers[2], "DP1", 57 * 57 * 32, 9, 1, 32);
  expect_layer(network.layers[3], "Wide", 10 * 6, 40, 4);
}

TEST_F(ScaleSim, MatrixProducts) {
  Network network = read(std::string(kProducts) + "fc, 16, 1000, 2048,\n");
  ASSERT_EQ(network.layers.size(), 1U);
  expect_layer(network.layers[0], "fc", 16, 2048, 1000);
}

TEST_F(ScaleSim, BatchMultipliesAndTokensAreRefused) {
  const std::string topology = std::string(kProducts) + "fc,16,1000,2048,\n";
  EXPECT_EQ(read(topology, {.batch = 3, .tokens = std::nullopt, .where = here_}).layers[0].m, 48U);
  EXPECT_THAT(refusal(topology, {.batch = std::nullopt, .tokens = 3, .where = here_}),
              ::testing::StartsWith("scenario.yaml:7:3: "));
}

TEST_F(ScaleSim, NonsenseIsRefusedWithItsPlace) {
  EXPECT_THAT(refusal(""), HasSubstr("the topology has no layers"));
  EXPECT_THAT(refusal(kProducts), HasSubstr("the topology has no layers"));
  EXPECT_THAT(refusal("a, b,\nx,1,\n"), HasSubstr("net.csv:1:1: the header has 2 columns"));
  EXPECT_THAT(refusal(std::string(kProducts) + "fc, 16, 1000,\n"), HasSubstr("net.csv:2:1: the layer has 3"));
  EXPECT_THAT(refusal(std::string(kProducts) + "fc, 16, ten, 5,\n"), HasSubstr("net.csv:2:9: N is 'ten'"));
  EXPECT_THAT(refusal(std::string(kProducts) + "fc, 0, 1, 5,\n"), HasSubstr("M is '0'"));
  EXPECT_THAT(refusal(std::string(kProducts) + "fc, 99999999999999999999, 1, 5,\n"),
              HasSubstr("between 1 and"));
  EXPECT_THAT(refusal(std::string(kProducts) + "fc, -1, 1, 5,\n"), HasSubstr("M is '-1'"));
  EXPECT_THAT(refusal(std::string(kConvolutions) + "c,3,9,4,1,1,1,1,\n"),
              HasSubstr("net.csv:2:7: the filter is higher than the input map"));
  EXPECT_THAT(refusal(std::string(kConvolutions) + "c,2147483647,2147483647,1,1,1,1,1,\n"),
              HasSubstr("a dimension of its product exceeds"));
  EXPECT_THAT(refusal(std::string(kConvolutions) + "c,4,4,0,1,1,1,1,\n"), HasSubstr("Filter Height is '0'"));
  EXPECT_THAT(refusal(std::string("\0\1\2\3", 4)), HasSubstr("the header has 1 columns"));
}

TEST_F(ScaleSim, AMissingFileIsNamedWhereItWasAskedFor) {
  try {
    find_network_format("x.csv")->read(folder_ / "none.csv", {}, here_);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("scenario.yaml:7:3: cannot read the model"));
  }
}

}  // namespace
}  // namespace vesper::workload
