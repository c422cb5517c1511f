// A row about its mean, in units of its deviation, times gamma, plus beta.
#include "models/pl/real_operation.h"
#include "models/pl/row_arithmetic.h"

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

}  // namespace
}  // namespace vesper::pl
