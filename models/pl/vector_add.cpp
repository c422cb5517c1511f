// A stream and what is added to it: another operator's result, or constants.
#include "models/pl/operation.h"
#include "models/pl/row_arithmetic.h"

namespace vesper::pl {
namespace {

template <class T>
void add_rows(const OperationWork& work) {
  const T* in = reinterpret_cast<const T*>(work.in);
  const T* addend = reinterpret_cast<const T*>(work.addend);
  T* out = reinterpret_cast<T*>(work.out);
  for (uint32_t row = 0; row < work.rows; ++row, in += work.columns, out += work.columns) {
    if (work.stored != nullptr) {
      addend = reinterpret_cast<const T*>(work.stored->at(work.first_row + row, work.first_column));
    }
    add(std::span<const T>(in, work.columns), std::span<const T>(addend, work.columns),
        std::span<T>(out, work.columns));
    addend += work.columns;
  }
}

class VectorAdd final : public Operation {
 public:
  [[nodiscard]] bool takes(workload::Format in, const workload::Operator& op) const override {
    return in == op.format;
  }
  [[nodiscard]] Matrix stored(const workload::Operator& op, const Values& values) const override {
    return op.inputs.size() == 1 ? values.addend(op) : Matrix{};
  }
  void apply(const OperationWork& work) const override {
    if (work.op.format == workload::Format::int8) {
      add_rows<int8_t>(work);
    } else {
      add_rows<float>(work);
    }
  }
};

const VectorAdd vector_add;
const OperationRegistration registration{"vector_add", vector_add};

}  // namespace
}  // namespace vesper::pl
