/// A neural network as schedulers need it: a list of matrix products with their shapes. SystemC-free.
///
/// A workload file lists layers or names a generator:
///
///     name: mixer
///     repeat: 8                       # the whole list, so many times
///     layers:
///       - {name: tokens, matmul: [512, 196, 256]}     # M, K, N of C[M x N] = A[M x K] B[K x N]
///
///     name: deit_t
///     transformer: {blocks: 12, batch: 6, tokens: 196, width: 192, heads: 3}
///
///     name: resnet
///     layers:
///       - {name: conv1, conv: {input: [224, 224, 3], outputs: 64, kernel: 7, stride: 2, padding: 3}}
///       - {name: conv2, conv: {input: [112, 112, 64], outputs: 64, kernel: [1, 7], padding: [0, 3]}}
///
/// A file that holds a graph of operators (platform/workload/graph.h) is read as the list of its products.
///
/// Whoever uses the file may set how many inputs are processed together (`batch`) and how many tokens an
/// input has (`tokens`): see Shape.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/property/schema.h"

namespace vesper::workload {

/// C[m x n] = A[m x k] B[k x n]; of a grouped convolution the products of all groups one below the other, so
/// that m counts the output positions of every group.
struct Layer {
  std::string name;
  uint32_t m = 0, k = 0, n = 0;
  uint32_t groups = 1;  ///< how many different B there are
  /// B is computed, as the scores and context of attention are, and nothing that is stored; a mask may leave
  /// out products.
  bool activations = false;
  uint64_t inputs = 0;  ///< elements of the input tensor, which a convolution's A has several times; 0: m k
  [[nodiscard]] uint64_t macs() const { return uint64_t{m} * k * n; }
  [[nodiscard]] uint64_t input_elements() const { return inputs != 0 ? inputs : uint64_t{m} * k; }
  [[nodiscard]] uint64_t outputs() const { return uint64_t{m} * n; }
  /// Elements of B that are stored: weights without biases.
  [[nodiscard]] uint64_t weights() const { return activations ? 0 : uint64_t{k} * n * groups; }
};

struct Network {
  std::string name;
  std::vector<Layer> layers;
};

/// What the user of a network may choose. `where` is where that was written.
struct Shape {
  std::optional<uint32_t> batch;   ///< the inputs the network is written for, so many times: multiplies M
  std::optional<uint32_t> tokens;  ///< of an input of a transformer, its decoder and the output it attends to
  Location where;
};

/// The network that a workload file's content describes. Throws InputError on an empty or nonsensical one:
/// dimensions lie in 1 .. 2^31-1, a network has 1 .. 65535 layers.
Network read_network(const Node& node, const Shape& shape = {});

/// The properties of a workload file, for listing.
std::vector<PropertyInfo> network_properties();

/// Multiplies M of every layer. Throws InputError at `where` if one leaves the range.
void process_together(Network& network, uint32_t batch, const Location& where);

/// Height and width, written as one number when they are the same.
struct Extent {
  uint32_t height = 0, width = 0;
};

/// A convolution as the matrix product that im2col makes of it: a row an output position, a column an output
/// channel, the reduced dimension the kernel's window over the input channels of a group.
struct Convolution {
  std::vector<uint32_t> input;  ///< height, width, channels
  uint32_t outputs = 0;
  Extent kernel{1, 1};
  Extent stride{1, 1};
  Extent padding{0, 0};
  uint32_t dilation = 1;
  uint32_t groups = 1;
  uint32_t batch = 1;
  static void describe(Schema<Convolution>& p);
};
/// Throws InputError at `where` if the window exceeds the padded input, `groups` does not divide the
/// channels, or a dimension of the product is beyond the range.
Layer convolution_layer(const Convolution& conv, std::string name, const Location& where);

/// The layers of a transformer encoder. Source: DERCA's workloads; block of `batch` inputs, `tokens` tokens,
/// `width` channels, `heads` heads, MLP ratio 4: qkv, per head scores and context, projection, two MLP
/// products. With `cross_tokens` each block is a decoder's: between attention and MLP it attends to the
/// encoder's output as well (Vaswani et al., Attention is all you need, 2017): query, key and value, per head
/// scores and context, projection. With `relative` attention is XLNet's (Yang et al., NeurIPS 2019, appendix
/// A.1; the published code): a projection of 2 tokens relative positions, and scores against those as well.
struct Transformer {
  uint32_t blocks = 0;
  uint32_t batch = 1;
  uint32_t tokens = 0;
  uint32_t width = 0;
  uint32_t heads = 1;
  uint32_t mlp_ratio = 4;
  uint32_t cross_tokens = 0;
  bool separate = false;
  bool relative = false;
  static void describe(Schema<Transformer>& p);
};
/// The layers' names begin with `block`.
std::vector<Layer> transformer_layers(const Transformer& t, const std::string& block = "block");

}  // namespace vesper::workload

template <>
struct vesper::Codec<vesper::workload::Extent> {
  static std::string kind() { return "integer or [height, width]"; }
  static void read(const Node& node, workload::Extent& out, const std::string& path);
  static Node write(const workload::Extent& value);
  static std::vector<PropertyInfo> children() { return {}; }
};
