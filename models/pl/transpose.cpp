// Rows to columns: a row of the stream is written as a column of the matrix in memory. Streams, and the
// graph, count on in rows (platform/workload/graph.h: `b_transposed`), so that values pass as they are.
#include <cstring>

#include "models/pl/operation.h"
#include "models/pl/stream_engine.h"

namespace vesper::pl {
namespace {

class Transpose final : public Operation {
 public:
  [[nodiscard]] bool takes(workload::Format in, const workload::Operator& op) const override {
    return in == op.format;
  }
  void apply(const OperationWork& work) const override {
    std::memcpy(work.out, work.in, size_t{work.rows} * work.columns * workload::bytes_of(work.op.format));
  }
};

const Transpose transpose;
const OperationRegistration registration{"transpose", transpose};

class TransposeEngine final : public StreamEngine {
 public:
  TransposeEngine(sc_core::sc_module_name name, const Properties& properties,
                  const core::Environment& environment)
      : StreamEngine(name, "transpose", properties, environment) {}
};

VESPER_IP(TransposeEngine, "transpose", "rows to columns, on their way to memory; programmable logic");

}  // namespace
}  // namespace vesper::pl
