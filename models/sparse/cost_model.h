/// What a published accelerator makes of a layer's shape and zeros: cycles of its array, bytes of its
/// formats. SystemC-free; the accelerator and the lowering pass use the same numbers.
///
/// Contract    a cost model is one file, registered by name where it is written. It states formulas and
///             sources. Arithmetic is that of IEEE 754 products and quotients, rounded up to whole cycles and
///             bytes once, so that every machine gets the same.
/// Sparsity    one number an input and a layer: the fraction of zeros that the layer meets among its
///             activations (of an attention layer, of scores that its mask leaves out) and leaves among its
///             outputs alike. The sparsities of layers are almost linearly correlated (Fan et al.,
///             Sparse-DySta, MICRO 2023, figure 9).
#pragma once

#include <optional>
#include <string>

#include "models/sparse/layer.h"

namespace vesper::sparse {

struct Array {
  uint32_t macs = 1;        ///< a cycle, at the most
  Ratio utilisation;        ///< of them, over the time that a layer computes
  Bytes activation_buffer;  ///< on chip
};

class CostModel {
 public:
  CostModel() = default;
  CostModel(const CostModel&) = delete;
  CostModel& operator=(const CostModel&) = delete;
  virtual ~CostModel() = default;

  /// As published; a scenario may give other values.
  [[nodiscard]] virtual Array array() const = 0;
  /// Cycles of the array. `pattern_factor`: valid MACs of the weights' pattern over those of zeros that know
  /// nothing of each other.
  [[nodiscard]] virtual double cycles(const Layer& layer, double sparsity, const Array& array,
                                      double pattern_factor) const = 0;
  [[nodiscard]] virtual double weight_bytes(const Layer& layer) const = 0;
  [[nodiscard]] virtual double activation_bytes(uint64_t elements, double sparsity) const = 0;
};

/// Null when there is none of that name.
const CostModel* find_cost_model(const std::string& name);
/// `eyeriss_v2 or sanger`.
const char* cost_model_names();

struct CostModelRegistration {
  CostModelRegistration(const char* name, const CostModel& model);
};

}  // namespace vesper::sparse
