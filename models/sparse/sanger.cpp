/// In the manner of Sanger (Lu et al.: Sanger: A Co-Design Framework for Enabling Sparse Attention using
/// Reconfigurable Architecture, MICRO 2021): scores and context of attention skip what a mask, predicted for
/// each input, leaves out; projections and MLPs are dense.
///
/// Formulas    those of the authors' own latency model (bench_sanger.py of their published code, which
///             Sparse-DySta uses): m k n / (64 x 16) cycles of dense layers; of scores and context m k n x
///             density / (64 x 16 x load balance). Elements are 16 bits and stored dense. That model runs at
///             1 GHz, and takes the output projection for sparse; here it is dense, as its operands are.
/// Leaves out  the prediction of the mask, a 4-bit product on an array of its own beside the other (so does
///             theirs); rows that split and pack leave partly empty beyond the load balance.
#include "models/sparse/cost_model.h"

namespace vesper::sparse {
namespace {

constexpr double kBytesOfElement = 2;

class Sanger final : public CostModel {
 public:
  [[nodiscard]] Array array() const override {
    // Load balance after pack and split: assumed. Buffer: assumed, activations of 384 tokens x 1024 channels.
    return {64 * 16, Ratio{900'000}, KiB(768)};
  }
  [[nodiscard]] double cycles(const Layer& layer, double sparsity, const Array& array,
                              double pattern_factor) const override {
    const double macs = static_cast<double>(layer.m) * layer.k * layer.n;
    if (!layer.attention) return macs / array.macs;
    return macs * (1 - sparsity) * pattern_factor / (array.macs * array.utilisation.value());
  }
  [[nodiscard]] double weight_bytes(const Layer& layer) const override {
    return static_cast<double>(layer.k) * layer.n * layer.groups * kBytesOfElement;
  }
  [[nodiscard]] double activation_bytes(uint64_t elements, double /*sparsity*/) const override {
    return static_cast<double>(elements) * kBytesOfElement;
  }
};

const Sanger model;
const CostModelRegistration registration{"sanger", model};

}  // namespace
}  // namespace vesper::sparse
