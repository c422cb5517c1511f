// Probabilities of each head's columns.
#include "models/pl/real_operation.h"
#include "models/pl/row_arithmetic.h"
#include "models/pl/stream_engine.h"

namespace vesper::pl {
namespace {

class Softmax final : public RealOperation {
 public:
  [[nodiscard]] uint32_t columns_together(const workload::Operator& op) const override {
    return op.columns / op.heads;
  }

 private:
  void row(std::span<const float> in, std::span<float> out, const OperationWork&) const override {
    softmax(in, out);
  }
};

const Softmax operation;
const OperationRegistration registration{"softmax", operation};

class SoftmaxEngine final : public StreamEngine {
 public:
  SoftmaxEngine(sc_core::sc_module_name name, const Properties& properties,
                const core::Environment& environment)
      : StreamEngine(name, "softmax", properties, environment) {}
};

VESPER_IP(SoftmaxEngine, "softmax", "softmax over rows of scores, each head for itself; programmable logic");

}  // namespace
}  // namespace vesper::pl
