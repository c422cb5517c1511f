// Rows become columns.
#include <cstring>

#include "models/pl/operation.h"

namespace vesper::pl {
namespace {

class Transpose final : public Operation {
 public:
  [[nodiscard]] bool takes(workload::Format in, const workload::Operator& op) const override {
    return in == op.format;
  }
  [[nodiscard]] bool transposes() const override { return true; }
  void apply(const OperationWork& work) const override {
    const size_t bytes = workload::bytes_of(work.op.format);
    const std::byte* from = work.in;
    for (size_t row = 0; row < work.rows; ++row) {
      for (size_t column = 0; column < work.columns; ++column, from += bytes)
        std::memcpy(work.out + (column * work.rows + row) * bytes, from, bytes);
    }
  }
};

const Transpose transpose;
const OperationRegistration registration{"transpose", transpose};

}  // namespace
}  // namespace vesper::pl
