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

// Parameters and GMAC (which torchvision calls GFLOPS) of VGG-16, ResNet-50 and SSD300: torchvision's table
// of pre-trained weights. MobileNet: Howard et al. 2017, table 4 (569 million MAC) and Keras' 4 253 864
// parameters less the non-trained statistics. Transformers: parameters of the published checkpoints.
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
    bool activations =
        layer.name.find("scores") != std::string::npos || layer.name.find("context") != std::string::npos;
    if (!activations) weights += layer.weights();
  }
  EXPECT_EQ(network.layers.size(), count.layers);
  EXPECT_EQ(weights + count.not_modelled, count.parameters);
  EXPECT_NEAR(static_cast<double>(macs) / 1e9, count.gmacs, 0.002 * count.gmacs);
}

INSTANTIATE_TEST_SUITE_P(Networks, ShippedNetwork, ::testing::ValuesIn(kCounts),
                         [](const auto& tested) { return std::string(tested.param.file); });

}  // namespace
}  // namespace vesper::workload
