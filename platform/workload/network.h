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
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/property/schema.h"

namespace vesper::workload {

struct Layer {
  std::string name;
  uint32_t m = 0, k = 0, n = 0;
};

struct Network {
  std::string name;
  std::vector<Layer> layers;
};

/// The network that a workload file's content describes. Throws InputError on an empty or nonsensical one:
/// dimensions lie in 1 .. 2^31-1, a network has 1 .. 65535 layers.
Network read_network(const Node& node);

/// The layers of a transformer encoder. Source: DERCA's workloads; block of `batch` inputs, `tokens` tokens,
/// `width` channels, `heads` heads, MLP ratio 4: qkv, per head scores and context, projection, two MLP
/// products.
struct Transformer {
  uint32_t blocks = 0;
  uint32_t batch = 1;
  uint32_t tokens = 0;
  uint32_t width = 0;
  uint32_t heads = 1;
  uint32_t mlp_ratio = 4;
  static void describe(Schema<Transformer>& p);
};
std::vector<Layer> transformer_layers(const Transformer& t);

}  // namespace vesper::workload
