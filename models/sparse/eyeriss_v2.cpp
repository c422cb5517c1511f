/// In the manner of Eyeriss v2 (Chen, Yang, Emer, Sze: Eyeriss v2: A Flexible Accelerator for Emerging Deep
/// Neural Networks on Mobile Devices, IEEE JETCAS 9(2), 2019): convolutions of which zero weights and zero
/// activations are both skipped.
///
/// Formulas    valid MACs = m k n x weight density x activation density x factor of the weights' pattern;
///             cycles = valid MACs / (384 x utilisation). A compressed word is 12 bits: 8 of value, 4 of
///             count, for each nonzero (CSC, section IV of the paper); what is dense is 8 bits an element and
///             taken where that is less.
/// Leaves out  which layer shapes map badly onto the clusters; address vectors of CSC; pipeline fill. Load
///             imbalance is in the utilisation, the same for every layer.
#include <algorithm>

#include "models/sparse/cost_model.h"

namespace vesper::sparse {
namespace {

constexpr double kBytesOfValue = 1;
constexpr double kBytesOfCompressed = 1.5;

double compressed(double elements, double density) {
  return elements * std::min(kBytesOfValue, density * kBytesOfCompressed);
}

class EyerissV2 final : public CostModel {
 public:
  [[nodiscard]] Array array() const override {
    // 16 clusters of 3 x 4 PEs, 2 MACs each (section III and IV). Utilisation: assumed, for load imbalance;
    // the paper gives no figure for all layers. Activations: 16 x 3 banks, 2.5 KiB each as in Sparse-DySta
    // (MICRO 2023, section 6.1).
    return {16 * 12 * 2, Ratio{800'000}, KiB(120)};
  }
  [[nodiscard]] double cycles(const Layer& layer, double sparsity, const Array& array,
                              double pattern_factor) const override {
    const double macs = static_cast<double>(layer.m) * layer.k * layer.n;
    const double valid = macs * (1 - layer.weight_sparsity()) * (1 - sparsity) * pattern_factor;
    return valid / (array.macs * array.utilisation.value());
  }
  [[nodiscard]] double weight_bytes(const Layer& layer) const override {
    return compressed(static_cast<double>(layer.k) * layer.n * layer.groups, 1 - layer.weight_sparsity());
  }
  [[nodiscard]] double activation_bytes(uint64_t elements, double sparsity) const override {
    return compressed(static_cast<double>(elements), 1 - sparsity);
  }
};

const EyerissV2 model;
const CostModelRegistration registration{"eyeriss_v2", model};

}  // namespace
}  // namespace vesper::sparse
