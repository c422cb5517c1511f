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
  uint64_t inputs = 0;  ///< elements of the input tensor, which a convolution's A has several times; 0: m k
  bool attention = false;  ///< scores or context: B are activations too, and a mask may leave out products
  [[nodiscard]] uint64_t macs() const { return uint64_t{m} * k * n; }
  [[nodiscard]] uint64_t input_elements() const { return inputs != 0 ? inputs : uint64_t{m} * k; }
  [[nodiscard]] uint64_t outputs() const { return uint64_t{m} * n; }
  [[nodiscard]] uint64_t weights() const { return uint64_t{k} * n * groups; }  ///< elements of B
};

struct Network {
  std::string name;
  std::vector<Layer> layers;
};

/// The network that a workload file's content describes. Throws InputError on an empty or nonsensical one:
/// dimensions lie in 1 .. 2^31-1, a network has 1 .. 65535 layers.
Network read_network(const Node& node);

/// A convolution as the matrix product that im2col makes of it: a row an output position, a column an output
/// channel, the reduced dimension the kernel's window over the input channels of a group.
struct Convolution {
  std::vector<uint32_t> input;  ///< height, width, channels
  uint32_t outputs = 0;
  uint32_t kernel = 1;
  uint32_t stride = 1;
  uint32_t padding = 0;
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
/// scores and context, projection.
struct Transformer {
  uint32_t blocks = 0;
  uint32_t batch = 1;
  uint32_t tokens = 0;
  uint32_t width = 0;
  uint32_t heads = 1;
  uint32_t mlp_ratio = 4;
  uint32_t cross_tokens = 0;
  static void describe(Schema<Transformer>& p);
};
/// The layers' names begin with `block`.
std::vector<Layer> transformer_layers(const Transformer& t, const std::string& block = "block");

}  // namespace vesper::workload
