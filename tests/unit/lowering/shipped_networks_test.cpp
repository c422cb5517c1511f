// The networks of scenarios/workloads against published counts.
#include <gmock/gmock.h>

#include "platform/scenario/yaml.h"
#include "platform/workload/network.h"

namespace vesper::workload {
namespace {

struct Count {
  const char* file;
  uint64_t parameters;    ///< published, exactly, with what this leaves out
  uint64_t not_modelled;  ///< of those: biases, norms, embeddings
  double gmacs;           ///< published
  size_t layers;
};

// Parameters and GMAC (which torchvision calls GFLOPS) of VGG-16, ResNet-50, ResNeXt-50, MobileNetV2,
// InceptionV3 (with the auxiliary head) and SSD300: torchvision's table of pre-trained weights. MobileNet:
// Howard et al. 2017, table 4 (569 million MAC) and Keras' 4 253 864 parameters less the non-trained
// statistics. Transformers: parameters of the published checkpoints.
constexpr uint64_t kBertLargeBlock = 9 * 1024 + 4 * 1024;  // biases, two layer norms
constexpr uint64_t kBaseBlock = 9 * 768 + 4 * 768;
const Count kCounts[] = {
    // 138 357 544, of which biases.
    {"vgg16", 138'357'544, 4'224 + 4'096 + 4'096 + 1'000, 15.47, 16},
    // 25 557 032, of which batch norms and the classifier's bias.
    {"resnet50", 25'557'032, 53'120 + 1'000, 4.09, 54},
    // 35 641 826, of which biases of 13 + 10 convolutions and the heads, and the 512 scales of an L2 norm.
    {"ssd", 35'641'826, 4'224 + 2'048 + (256 + 512 + 128 + 256 + 128 + 256 + 128 + 256) + 30 * 95 + 512,
     34.86, 35},
    // 4 231 976 trained, of which batch norms and the classifier's bias.
    {"mobilenet", 4'231'976, 21'888 + 1'000, 0.569, 28},
    // The encoder of BERT-large; 302 309 376 parameters. MAC: 384 tokens through 302 M weights, and
    // attention.
    {"bert", 302'309'376, 24 * kBertLargeBlock, 384 * 0.301989888 + 24 * 2 * 384 * 384 * 1024e-9, 24 * 36},
    // 139 420 416, of which embeddings of 50265 words and twice 1026 positions and their norms; a decoder
    // block has
    // a third norm and the biases of a second attention.
    {"bart", 139'420'416,
     50'265 * 768 + 2 * 1'026 * 768 + 4 * 768 + 6 * kBaseBlock + 6 * (kBaseBlock + 6 * 768),
     128 * (0.0849346560 + 6 * 4 * 768 * 768e-9) + 18 * 2 * 128 * 128 * 768e-9, 6 * 28 + 6 * 55},
    // 124 439 808, of which embeddings of 50257 words and 1024 positions and the last norm.
    // 25 028 904, of which batch norms and the classifier's bias.
    {"resnext50", 25'028'904, 68'224 + 1'000, 4.23, 54},
    // 3 504 872, of which batch norms and the classifier's bias.
    {"mobilenet_v2", 3'504'872, 34'112 + 1'000, 0.301, 53},
    // 27 161 264, of which the auxiliary head, batch norms and the classifier's bias.
    {"inception_v3", 27'161'264, 3'326'696 + 34'432 + 1'000, 5.713, 95},
    // 109 482 240, of which embeddings of 30522 words, 512 positions and 2 segments, their norm, and biases.
    {"bert_base", 109'482'240, (30'522 + 512 + 2 + 2) * 768 + 12 * kBaseBlock + 768,
     128 * 0.084934656 + 0.589824e-3 + 12 * 2 * 128 * 128 * 768e-9, 12 * 30 + 1},
    {"bert_large", 335'141'888, (30'522 + 512 + 2 + 2) * 1'024 + 24 * kBertLargeBlock + 1'024,
     128 * 0.301989888 + 1.048576e-3 + 24 * 2 * 128 * 128 * 1024e-9, 24 * 38 + 1},
    // 360 268 800, of which embeddings of 32000 words and a mask; of a block the biases of the MLP and of
    // attention (3 vectors), two segments and two norms. Positions are projected for 256 relative ones.
    {"xlnet", 360'268'800, 32'001 * 1'024 + 24 * 14 * 1'024,
     24 * (128 * 13 * 1.048576e-3 + 128 * 1.048576e-3 + 4 * 128 * 128 * 1024e-9), 24 * (7 + 3 * 16)},
    // MLPerf's model, 31 832 577, of which embeddings of 138493 users and 26744 items, and biases.
    {"ncf", 31'832'577, (138'493 + 26'744) * (64 + 128) + 256 + 128 + 64 + 1, 106'624e-9, 4},
    {"ncf_tables", 31'832'577, 256 + 128 + 64 + 1, 31'832'128e-9, 8},
    {"gpt2", 124'439'808, 50'257 * 768 + 1'024 * 768 + 2 * 768 + 12 * kBaseBlock,
     128 * 0.084934656 + 12 * 2 * 128 * 128 * 768e-9, 12 * 28},
};

class ShippedNetwork : public ::testing::TestWithParam<Count> {};

TEST_P(ShippedNetwork, HasThePublishedParametersAndOperations) {
  const Count& count = GetParam();
  Network network = read_network(
      scenario::load_yaml(std::string(VESPER_SOURCE_DIR "/scenarios/workloads/") + count.file + ".yaml"));
  uint64_t weights = 0, macs = 0;
  for (const Layer& layer : network.layers) {
    macs += layer.macs();
    weights += layer.weights();
  }
  EXPECT_EQ(network.layers.size(), count.layers);
  EXPECT_EQ(weights + count.not_modelled, count.parameters);
  EXPECT_NEAR(static_cast<double>(macs) / 1e9, count.gmacs, 0.002 * count.gmacs);
}

INSTANTIATE_TEST_SUITE_P(Networks, ShippedNetwork, ::testing::ValuesIn(kCounts),
                         [](const auto& tested) { return std::string(tested.param.file); });

}  // namespace
}  // namespace vesper::workload
