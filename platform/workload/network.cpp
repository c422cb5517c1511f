#include "platform/workload/network.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/workload/graph.h"

namespace vesper::workload {
namespace {

constexpr uint32_t kMostLayers = 65535;
constexpr uint32_t kMostDimension = 0x7FFF'FFFF;

bool three_dimensions(const std::vector<uint32_t>& shape) {
  return shape.size() == 3 && std::ranges::all_of(shape, [](uint32_t dimension) {
           return dimension >= 1 && dimension <= kMostDimension;
         });
}

struct LayerSpec {
  std::string name;
  std::vector<uint32_t> matmul;
  bool activations = false;
  std::optional<Convolution> conv;
  static void describe(Schema<LayerSpec>& p) {
    p("name", &LayerSpec::name, "name of the layer; its number by default");
    p("matmul", &LayerSpec::matmul, "M, K, N of C[M x N] = A[M x K] B[K x N]")
        .must(three_dimensions, "three dimensions between 1 and 2147483647");
    p("activations", &LayerSpec::activations, "of a product: B is computed, as in attention, and not stored");
    p("conv", &LayerSpec::conv, "a convolution, as the product that im2col makes of it");
  }
};

struct NetworkSpec {
  std::string name;
  uint32_t repeat = 1;
  uint32_t batch = 1;
  std::vector<LayerSpec> layers;
  std::optional<Transformer> transformer;
  std::optional<Transformer> decoder;
  static void describe(Schema<NetworkSpec>& p) {
    p("name", &NetworkSpec::name, "name of the network").required();
    p("repeat", &NetworkSpec::repeat, "how often the whole list of layers is run in a row").between(1, 4096);
    p("batch", &NetworkSpec::batch, "how many of the inputs below are processed together").between(1, 4096);
    p("layers", &NetworkSpec::layers, "the layers in order");
    p("transformer", &NetworkSpec::transformer, "generates the layers of a transformer encoder");
    p("decoder", &NetworkSpec::decoder, "the same for a decoder that follows it");
  }
};

void check(const Transformer& t, const char* key, const Location& where) {
  if (t.width % t.heads != 0) throw InputError(where, fmt::format("{}.heads must divide {}.width", key, key));
  uint64_t rows = std::max(uint64_t{t.tokens} * (t.relative ? 2 : 1), uint64_t{t.cross_tokens});
  if (rows * t.batch > kMostDimension) {
    throw InputError(where,
                     fmt::format("{}.tokens times {}.batch must be at most {}", key, key, kMostDimension));
  }
}

void append(std::vector<Layer>& layers, const std::optional<Transformer>& t, const char* key,
            const char* block, const Node& node) {
  if (!t) return;
  check(*t, key, node.find(key)->where());
  std::vector<Layer> more = transformer_layers(*t, block);
  layers.insert(layers.end(), more.begin(), more.end());
}

Layer layer_of(const LayerSpec& spec, std::string name, const Node& written) {
  if (spec.conv.has_value() == !spec.matmul.empty()) {
    throw InputError(written.where(), fmt::format("layer '{}' needs one of 'matmul' and 'conv'{}", name,
                                                  spec.conv ? ", not both" : ""));
  }
  if (spec.conv && spec.activations) {
    throw InputError(
        written.find("activations")->where(),
        fmt::format("layer '{}': 'activations' is for a 'matmul'; a convolution's B is weights", name));
  }
  if (spec.conv) return convolution_layer(*spec.conv, std::move(name), written.find("conv")->where());
  return {std::move(name), spec.matmul[0], spec.matmul[1], spec.matmul[2], 1, spec.activations};
}

/// Positions of a window along one side, or 0 if it does not fit.
uint64_t positions(uint32_t side, uint32_t kernel, uint32_t stride, uint32_t padding, uint32_t dilation) {
  uint64_t padded = uint64_t{side} + 2 * uint64_t{padding};
  uint64_t window = uint64_t{dilation} * (kernel - 1) + 1;
  return window > padded ? 0 : (padded - window) / stride + 1;
}

template <uint32_t kLeast>
bool up_to_1024(const Extent& e) {
  return e.height >= kLeast && e.height <= 1024 && e.width >= kLeast && e.width <= 1024;
}

void set_tokens(NetworkSpec& spec, const Shape& shape) {
  if (!shape.tokens) return;
  if (!spec.transformer && !spec.decoder) {
    throw InputError(shape.where, fmt::format("network '{}' has no sequence of tokens; 'tokens' is for a "
                                              "network that a transformer or decoder generates",
                                              spec.name));
  }
  for (std::optional<Transformer>* t : {&spec.transformer, &spec.decoder}) {
    if (!*t) continue;
    (*t)->tokens = *shape.tokens;
    if ((*t)->cross_tokens > 0) (*t)->cross_tokens = *shape.tokens;
  }
}

}  // namespace

void Transformer::describe(Schema<Transformer>& p) {
  p("blocks", &Transformer::blocks, "encoder blocks").between(1, 1024).required();
  p("batch", &Transformer::batch, "inputs processed together").between(1, 4096);
  p("tokens", &Transformer::tokens, "tokens an input has").between(1, 1U << 20).required();
  p("width", &Transformer::width, "channels").between(1, 1U << 16).required();
  p("heads", &Transformer::heads, "attention heads; they divide the width").between(1, 256);
  p("mlp_ratio", &Transformer::mlp_ratio, "width of the MLP over the width").between(1, 64);
  p("separate", &Transformer::separate, "query, key and value are projected by a layer each");
  p("relative", &Transformer::relative, "attention also to relative positions, as XLNet's");
  p("cross_tokens", &Transformer::cross_tokens, "of a decoder: tokens of the encoder's output; 0: none")
      .between(0, 1U << 20);
}

void Convolution::describe(Schema<Convolution>& p) {
  p("input", &Convolution::input, "height, width and channels of the input")
      .must(three_dimensions, "three dimensions between 1 and 2147483647")
      .required();
  p("outputs", &Convolution::outputs, "output channels").between(1, 1U << 20).required();
  p("kernel", &Convolution::kernel, "height and width of the window")
      .must(up_to_1024<1>, "between 1 and 1024");
  p("stride", &Convolution::stride, "distance of two windows").must(up_to_1024<1>, "between 1 and 1024");
  p("padding", &Convolution::padding, "zeros added on each side").must(up_to_1024<0>, "between 0 and 1024");
  p("dilation", &Convolution::dilation, "distance of two elements of a window").between(1, 1024);
  p("groups", &Convolution::groups, "groups of channels that do not mix; they divide inputs and outputs")
      .between(1, 1U << 20);
  p("batch", &Convolution::batch, "inputs processed together").between(1, 4096);
}

Layer convolution_layer(const Convolution& conv, std::string name, const Location& where) {
  uint64_t height =
      positions(conv.input[0], conv.kernel.height, conv.stride.height, conv.padding.height, conv.dilation);
  uint64_t width =
      positions(conv.input[1], conv.kernel.width, conv.stride.width, conv.padding.width, conv.dilation);
  uint32_t channels = conv.input[2];
  if (height == 0 || width == 0)
    throw InputError(where, fmt::format("layer '{}': the window exceeds the padded input", name));
  if (channels % conv.groups != 0 || conv.outputs % conv.groups != 0) {
    throw InputError(where, fmt::format("layer '{}': {} groups must divide {} input and {} output channels",
                                        name, conv.groups, channels, conv.outputs));
  }
  auto rows = static_cast<unsigned __int128>(height) * width * conv.batch * conv.groups;
  uint64_t reduced = uint64_t{conv.kernel.height} * conv.kernel.width * (channels / conv.groups);
  if (rows > kMostDimension || reduced > kMostDimension) {
    throw InputError(where,
                     fmt::format("layer '{}': a dimension of its product exceeds {}", name, kMostDimension));
  }
  const uint64_t inputs = uint64_t{conv.input[0]} * conv.input[1];
  const auto elements = static_cast<unsigned __int128>(inputs) * channels * conv.batch;
  if (elements >> 64 != 0)
    throw InputError(where, fmt::format("layer '{}': its input has 2^64 elements or more", name));
  return {std::move(name),
          static_cast<uint32_t>(rows),
          static_cast<uint32_t>(reduced),
          conv.outputs / conv.groups,
          conv.groups,
          false,
          static_cast<uint64_t>(elements)};
}

std::vector<Layer> transformer_layers(const Transformer& t, const std::string& block_name) {
  std::vector<Layer> layers;
  uint32_t rows = t.tokens * t.batch;
  uint32_t head = t.width / t.heads;
  for (uint32_t block = 0; block < t.blocks; ++block) {
    auto add = [&](std::string name, uint32_t m, uint32_t k, uint32_t n) {
      layers.push_back({fmt::format("{}{}.{}", block_name, block, name), m, k, n});
    };
    auto attend = [&](const char* name, uint32_t k, uint32_t n) {
      for (uint32_t h = 0; h < t.heads; ++h) {
        add(fmt::format("{}{}", name, h), rows, k, n);
        layers.back().activations = true;
      }
    };
    if (t.separate) {
      for (const char* name : {"query", "key", "value"}) add(name, rows, t.width, t.width);
    } else {
      add("qkv", rows, t.width, 3 * t.width);
    }
    if (t.relative) add("position", 2 * rows, t.width, t.width);
    attend("scores", head, t.tokens);
    if (t.relative) attend("position_scores", head, 2 * t.tokens);
    attend("context", t.tokens, head);
    add("projection", rows, t.width, t.width);
    if (t.cross_tokens > 0) {
      add("cross_q", rows, t.width, t.width);
      add("cross_kv", t.cross_tokens * t.batch, t.width, 2 * t.width);
      attend("cross_scores", head, t.cross_tokens);
      attend("cross_context", t.cross_tokens, head);
      add("cross_projection", rows, t.width, t.width);
    }
    add("mlp1", rows, t.width, t.mlp_ratio * t.width);
    add("mlp2", rows, t.mlp_ratio * t.width, t.width);
  }
  return layers;
}

std::vector<PropertyInfo> network_properties() {
  std::vector<PropertyInfo> all = schema_of<NetworkSpec>().list();
  for (PropertyInfo& property : graph_properties()) all.push_back(std::move(property));
  return all;
}

void process_together(Network& network, uint32_t batch, const Location& where) {
  for (Layer& layer : network.layers) {
    if (uint64_t{layer.m} * batch > kMostDimension) {
      throw InputError(where, fmt::format("layer '{}' of network '{}': {} rows times batch {} exceed {}",
                                          layer.name, network.name, layer.m, batch, kMostDimension));
    }
    layer.m *= batch;
  }
}

Network read_network(const Node& node, const Shape& shape) {
  if (is_graph(node)) {
    Network products = network_of(read_graph(node, shape));
    if (shape.batch) process_together(products, *shape.batch, shape.where);
    return products;
  }
  NetworkSpec spec;
  schema_of<NetworkSpec>().read(node, spec, "");
  set_tokens(spec, shape);
  Network network{spec.name, {}};
  append(network.layers, spec.transformer, "transformer", "block", node);
  append(network.layers, spec.decoder, "decoder", "decoder", node);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    std::string name =
        spec.layers[i].name.empty() ? fmt::format("layer{}", network.layers.size()) : spec.layers[i].name;
    network.layers.push_back(layer_of(spec.layers[i], std::move(name), node.find("layers")->items()[i]));
  }
  if (network.layers.empty()) {
    throw InputError(node.where(),
                     fmt::format("network '{}' has no layers; give 'layers' or 'transformer'", spec.name));
  }
  process_together(network, spec.batch, node.where());
  if (shape.batch) process_together(network, *shape.batch, shape.where);
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

namespace vesper {

void Codec<workload::Extent>::read(const Node& node, workload::Extent& out, const std::string& path) {
  if (!node.is_list()) {
    Codec<uint32_t>::read(node, out.height, path);
    out.width = out.height;
    return;
  }
  if (node.items().size() != 2) {
    throw InputError(node.where(), fmt::format("{} takes one number or [height, width], not {} numbers", path,
                                               node.items().size()));
  }
  Codec<uint32_t>::read(node.items()[0], out.height, path + "[0]");
  Codec<uint32_t>::read(node.items()[1], out.width, path + "[1]");
}

Node Codec<workload::Extent>::write(const workload::Extent& value) {
  if (value.height == value.width) return Codec<uint32_t>::write(value.height);
  return Codec<std::vector<uint32_t>>::write({value.height, value.width});
}

}  // namespace vesper
