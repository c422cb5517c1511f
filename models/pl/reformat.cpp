// INT8 to FP32 and back.
#include "models/pl/operation.h"
#include "models/pl/row_arithmetic.h"
#include "models/pl/stream_engine.h"

namespace vesper::pl {
namespace {

using workload::Format;

/// Of the INT8 side: what the values are, format and place aside.
uint32_t bits_of(const workload::Graph& graph, const workload::Operator& op) {
  const workload::Operator* source = &op;
  while (source->op == "reformat" || source->op == "transpose") {
    if (source->inputs[0].from == workload::Edge::kInput) return kActivationBits;
    source = &graph.operators[source->inputs[0].from];
  }
  return source->op == "softmax" ? probability_bits(source->columns / source->heads) : kActivationBits;
}

class Reformat final : public Operation {
 public:
  [[nodiscard]] bool takes(Format in, const workload::Operator& op) const override { return in != op.format; }
  void apply(const OperationWork& work) const override {
    const size_t count = size_t{work.rows} * work.columns;
    const uint32_t bits = bits_of(work.graph, work.op);
    if (work.op.format == Format::fp32) {
      to_fp32(elements<int8_t>(work.in, count), bits, elements<float>(work.out, count));
    } else {
      to_int8(elements<float>(work.in, count), bits, elements<int8_t>(work.out, count));
    }
  }
};

const Reformat reformat;
const OperationRegistration registration{"reformat", reformat};

class ReformatEngine final : public StreamEngine {
 public:
  struct Properties : StreamEngine::Properties {
    Format to = Format::fp32;
    static void describe(Schema<Properties>& p) {
      describe_in(p);
      p("to", &Properties::to, "format that it makes; where one is made of it, rows pass").required();
    }
  };
  ReformatEngine(sc_core::sc_module_name name, const Properties& properties,
                 const core::Environment& environment)
      : StreamEngine(name, "reformat", properties, environment,
                     [to = properties.to](const workload::Operator& op) { return op.format == to; }) {}
};

VESPER_IP(ReformatEngine, "reformat", "INT8 to FP32 or back, element by element; programmable logic");

}  // namespace
}  // namespace vesper::pl
