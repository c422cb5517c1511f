#include "platform/workload/network.h"

#include <fmt/format.h>

namespace vesper::workload {
namespace {

constexpr uint32_t kMostLayers = 65535;
constexpr uint32_t kMostDimension = 0x7FFF'FFFF;

struct LayerSpec {
  std::string name;
  std::vector<uint32_t> matmul;
  static void describe(Schema<LayerSpec>& p) {
    p("name", &LayerSpec::name, "name of the layer; its number by default");
    p("matmul", &LayerSpec::matmul, "M, K, N of C[M x N] = A[M x K] B[K x N]")
        .must(
            [](const std::vector<uint32_t>& shape) {
              if (shape.size() != 3) return false;
              for (uint32_t dimension : shape) {
                if (dimension == 0 || dimension > kMostDimension) return false;
              }
              return true;
            },
            "three dimensions between 1 and 2147483647")
        .required();
  }
};

struct NetworkSpec {
  std::string name;
  uint32_t repeat = 1;
  std::vector<LayerSpec> layers;
  std::optional<Transformer> transformer;
  static void describe(Schema<NetworkSpec>& p) {
    p("name", &NetworkSpec::name, "name of the network").required();
    p("repeat", &NetworkSpec::repeat, "how often the whole list of layers is run in a row").between(1, 4096);
    p("layers", &NetworkSpec::layers, "the layers in order");
    p("transformer", &NetworkSpec::transformer, "generates the layers of a transformer encoder");
  }
};

}  // namespace

void Transformer::describe(Schema<Transformer>& p) {
  p("blocks", &Transformer::blocks, "encoder blocks").between(1, 1024).required();
  p("batch", &Transformer::batch, "inputs processed together").between(1, 4096);
  p("tokens", &Transformer::tokens, "tokens an input has").between(1, 1U << 20).required();
  p("width", &Transformer::width, "channels").between(1, 1U << 16).required();
  p("heads", &Transformer::heads, "attention heads; they divide the width").between(1, 256);
  p("mlp_ratio", &Transformer::mlp_ratio, "width of the MLP over the width").between(1, 64);
}

std::vector<Layer> transformer_layers(const Transformer& t) {
  std::vector<Layer> layers;
  uint32_t rows = t.tokens * t.batch;
  uint32_t head = t.width / t.heads;
  for (uint32_t block = 0; block < t.blocks; ++block) {
    auto add = [&](std::string name, uint32_t m, uint32_t k, uint32_t n) {
      layers.push_back({fmt::format("block{}.{}", block, name), m, k, n});
    };
    add("qkv", rows, t.width, 3 * t.width);
    for (uint32_t h = 0; h < t.heads; ++h) add(fmt::format("scores{}", h), rows, head, t.tokens);
    for (uint32_t h = 0; h < t.heads; ++h) add(fmt::format("context{}", h), rows, t.tokens, head);
    add("projection", rows, t.width, t.width);
    add("mlp1", rows, t.width, t.mlp_ratio * t.width);
    add("mlp2", rows, t.mlp_ratio * t.width, t.width);
  }
  return layers;
}

Network read_network(const Node& node) {
  NetworkSpec spec;
  schema_of<NetworkSpec>().read(node, spec, "");
  Network network{spec.name, {}};
  if (spec.transformer) {
    if (spec.transformer->width % spec.transformer->heads != 0) {
      throw InputError(node.find("transformer")->where(), "transformer.heads must divide transformer.width");
    }
    if (uint64_t{spec.transformer->tokens} * spec.transformer->batch > kMostDimension) {
      throw InputError(
          node.find("transformer")->where(),
          fmt::format("transformer.tokens times transformer.batch must be at most {}", kMostDimension));
    }
    network.layers = transformer_layers(*spec.transformer);
  }
  for (const LayerSpec& layer : spec.layers) {
    std::string name = layer.name.empty() ? fmt::format("layer{}", network.layers.size()) : layer.name;
    network.layers.push_back({name, layer.matmul[0], layer.matmul[1], layer.matmul[2]});
  }
  if (network.layers.empty()) {
    throw InputError(node.where(),
                     fmt::format("network '{}' has no layers; give 'layers' or 'transformer'", spec.name));
  }
  const std::vector<Layer> once = network.layers;
  if (once.size() * spec.repeat > kMostLayers) {
    throw InputError(node.where(), fmt::format("network '{}' has {} layers; at most {} are allowed",
                                               spec.name, once.size() * spec.repeat, kMostLayers));
  }
  for (uint32_t i = 1; i < spec.repeat; ++i)
    network.layers.insert(network.layers.end(), once.begin(), once.end());
  return network;
}

}  // namespace vesper::workload
