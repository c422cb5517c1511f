// Gaussian error linear unit.
#include "models/pl/real_operation.h"
#include "models/pl/row_arithmetic.h"

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

}  // namespace
}  // namespace vesper::pl
