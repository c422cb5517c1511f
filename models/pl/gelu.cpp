// Gaussian error linear unit.
#include "models/pl/real_operation.h"
#include "models/pl/row_arithmetic.h"
#include "models/pl/stream_engine.h"

namespace vesper::pl {
namespace {

class Gelu final : public RealOperation {
 private:
  void row(std::span<const float> in, std::span<float> out, const OperationWork&) const override {
    gelu(in, out);
  }
};

const Gelu operation;
const OperationRegistration registration{"gelu", operation};

class GeluEngine final : public StreamEngine {
 public:
  GeluEngine(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment)
      : StreamEngine(name, "gelu", properties, environment) {}
};

VESPER_IP(GeluEngine, "gelu", "Gaussian error linear unit, element by element; programmable logic");

}  // namespace
}  // namespace vesper::pl
