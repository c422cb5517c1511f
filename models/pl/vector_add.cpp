// A stream and what is added to it: another operator's result, or constants.
#include "models/core/sim_error.h"
#include "models/pl/operation.h"
#include "models/pl/row_arithmetic.h"
#include "models/pl/stream_engine.h"

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

class VectorAddEngine final : public StreamEngine {
 public:
  VectorAddEngine(sc_core::sc_module_name name, const Properties& properties,
                  const core::Environment& environment)
      : StreamEngine(name, "vector_add", properties, environment) {
    expose("addend", addend);
  }

  tlm_utils::simple_initiator_socket_optional<VectorAddEngine> addend{"addend"};

 private:
  void read_addend(spatial::StreamCall& call, std::span<std::byte> data) override {
    if (addend.size() == 0) throw core::SimulationError("'addend' is not connected; connect it to a memory");
    call.read(addend, data);
  }
};

VESPER_IP(VectorAddEngine, "vector_add", "adds rows of another result, or constants; programmable logic");

}  // namespace
}  // namespace vesper::pl
