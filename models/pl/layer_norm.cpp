// A row about its mean, in units of its deviation, times gamma, plus beta.
#include "models/pl/real_operation.h"
#include "models/pl/row_arithmetic.h"
#include "models/pl/stream_engine.h"

namespace vesper::pl {
namespace {

class LayerNorm final : public RealOperation {
 public:
  [[nodiscard]] uint32_t columns_together(const workload::Operator& op) const override { return op.columns; }
  [[nodiscard]] Matrix stored(const workload::Operator& op, const Values& values) const override {
    return values.gamma_beta(op);
  }

 private:
  void row(std::span<const float> in, std::span<float> out, const OperationWork& work) const override {
    layer_norm(in, elements<float>(work.stored->at(0, 0), in.size()),
               elements<float>(work.stored->at(1, 0), in.size()), out);
  }
};

const LayerNorm operation;
const OperationRegistration registration{"layer_norm", operation};

class LayerNormEngine final : public StreamEngine {
 public:
  LayerNormEngine(sc_core::sc_module_name name, const Properties& properties,
                  const core::Environment& environment)
      : StreamEngine(name, "layer_norm", properties, environment) {}
};

VESPER_IP(LayerNormEngine, "layer_norm", "layer norm over rows; programmable logic");

}  // namespace
}  // namespace vesper::pl
