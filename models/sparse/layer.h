/// A layer of a sparse network as an accelerator that goes layer by layer knows it, and its entry in the
/// kernel manager's metadata table. SystemC-free.
#pragma once

#include <cstdint>
#include <optional>

#include "platform/property/schema.h"
#include "sw/abi/kernel_manager.h"

namespace vesper::sparse {

/// Where the zeros of pruned weights lie. Fan et al., Sparse-DySta (MICRO 2023), figure 6: anywhere; N in
/// every block of M; whole channels. dense: nothing is pruned; dynamic: neither, attention is masked input by
/// input.
enum class Pattern : uint8_t { dense, random, n_m_block, channel, dynamic };
inline EnumNames<Pattern> enum_names(Pattern) {
  return {{Pattern::dense, "dense"},
          {Pattern::random, "random"},
          {Pattern::n_m_block, "n_m_block"},
          {Pattern::channel, "channel"},
          {Pattern::dynamic, "dynamic"}};
}

/// Fractions of zeros of a network. Weights of the patterns dense and dynamic have none.
struct Sparsity {
  // Defaults: MobileNet's weights in Sparse-DySta, figure 4; activations between its 10 % and 45 % (figure
  // 3).
  Pattern pattern = Pattern::random;
  Ratio weights{800'000};
  Ratio activations{275'000};
  static void describe(Schema<Sparsity>& p);
};

/// What is fixed before any input is known.
struct Layer {
  uint32_t m = 0, k = 0, n = 0;  ///< C[m x n] = A[m x k] B[k x n]; all 0 where the shape is not known
  uint32_t index = 0;            ///< within the network
  uint32_t groups = 1;           ///< how many different B there are
  uint32_t inputs = 0;           ///< elements of the input tensor
  bool attention = false;        ///< B are activations, and a mask leaves out products
  bool loads_input = true;       ///< from memory; else it is on chip
  bool stores_output = true;
  Sparsity sparsity;

  [[nodiscard]] bool known() const { return m != 0; }
  [[nodiscard]] uint64_t macs() const { return uint64_t{m} * k * n; }
  [[nodiscard]] uint64_t outputs() const { return uint64_t{m} * n; }
  [[nodiscard]] uint64_t weights() const { return uint64_t{k} * n * groups; }  ///< elements of all B
  /// Fraction of weights that are zero, 0 .. 1.
  [[nodiscard]] double weight_sparsity() const;
};

/// Outputs of a layer whose shape is not known. A multiple of 10^9, so that a sparsity of up to nine decimals
/// is a whole number of them and survives the counter to the last bit.
constexpr uint32_t kUnknownOutputs = 4'000'000'000;

/// How many outputs the zero counter can have seen: 2^32-1 for more.
uint32_t counted_outputs(const Layer& layer);
/// The zero counter's reading after the layer: `sparsity` of its outputs, to the nearest.
uint32_t zero_count(const Layer& layer, double sparsity);

/// Addresses are zero.
abi::SparseLayerEntry entry_of(const Layer& layer);
/// Throws core::SimulationError, which says what is wrong, on an entry that is none of a layer.
Layer layer_of(const abi::SparseLayerEntry& entry);

/// The entries of a program are of one type.
abi::MetadataEntry as_metadata(const abi::SparseLayerEntry& entry);
abi::SparseLayerEntry as_layer(const abi::MetadataEntry& entry);

}  // namespace vesper::sparse
