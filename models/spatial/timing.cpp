#include "models/spatial/timing.h"

#include <algorithm>

#include "platform/property/integer.h"

namespace vesper::spatial {
namespace {

using workload::Graph;
using workload::Operator;

/// The last packet on its way through the engines, in picoseconds after the array's last step.
class Chain {
 public:
  Chain(const Graph& graph, uint32_t product, const Accelerator& accelerator, const Device& device)
      : product_(graph.operators[product]), accelerator_(accelerator), device_(device) {
    const Tile& t = accelerator.tile;
    const uint64_t rows = std::min<uint64_t>(t.h1, ceil_div<uint64_t>(product_.rows, accelerator.array.a));
    more_rows_ = static_cast<int64_t>(rows - 1);
    whole_rows_ = gives_whole_rows(graph, product, accelerator);
    const uint32_t whole = stream_columns(product_, accelerator);
    row_ps_ = ps(row_cycles(whole_rows_ ? whole : std::min(t.w2, whole), accelerator.lanes));
    const auto stream = static_cast<int64_t>(result_stream_ps(accelerator, device));
    distance_ = stream / t.h1;
    last_ = stream - static_cast<int64_t>(leaves_before_end_ps(accelerator, device));
    first_ = last_ - more_rows_ * distance_;
  }

  /// Its result's last row is there so long after the array's last step.
  uint64_t pass(const Engine& engine) {
    const int64_t later = (engine.passes - 1) * row_ps_ + ps(engine.depth);
    distance_ = std::max(distance_, row_ps_);
    first_ += later;
    last_ = std::max(last_ + later, first_ + distance_ * more_rows_);
    return static_cast<uint64_t>(std::max<int64_t>(last_, 0));
  }
  /// A matrix at a time.
  uint64_t pass_all(const Engine& engine, const Operator& op) {
    last_ += ps(matrix_cycles(engine, op, accelerator_));
    return static_cast<uint64_t>(std::max<int64_t>(last_, 0));
  }

  void time_packets(ChainTimes& times) const {
    const Steps steps = step_counts(product_, accelerator_);
    const uint64_t steps_of_packet = (whole_rows_ ? steps.columns : 1) * steps.reduced;
    times.packet_ps = steps_of_packet * step_ps(accelerator_, device_);
    if (times.behind_ps.empty()) return;
    times.engines_ps = static_cast<uint64_t>(row_ps_ * (more_rows_ + 1));
    if (times.engines_ps > times.packet_ps)
      times.stall_ps = (steps.all() / steps_of_packet - 1) * (times.engines_ps - times.packet_ps);
  }

 private:
  [[nodiscard]] int64_t ps(uint64_t cycles) const { return static_cast<int64_t>(pl_ps(cycles, device_)); }

  const Operator& product_;
  const Accelerator& accelerator_;
  const Device& device_;
  bool whole_rows_ = false;
  int64_t more_rows_ = 0;  ///< but the first, side by side
  int64_t row_ps_ = 0;     ///< an engine's time for a row
  int64_t distance_ = 0;   ///< of rows
  int64_t first_ = 0, last_ = 0;
};

}  // namespace

uint64_t result_stream_ps(const Accelerator& accelerator, const Device& device) {
  const Tile& t = accelerator.tile;
  return pl_ps(ceil_div<uint64_t>(uint64_t{t.h1} * t.w2 * 8, device.plio_bits), device);
}

uint64_t leaves_before_end_ps(const Accelerator& accelerator, const Device& device) {
  return std::max(device.step_overhead.ps, result_stream_ps(accelerator, device));
}

bool gives_whole_rows(const Graph& graph, uint32_t product, const Accelerator& accelerator) {
  const std::vector<uint32_t> chain = graph.chain_of(product);
  return chain.empty() || accelerator.units > 1 || graph.operators[product].heads > 1 ||
         std::ranges::any_of(chain,
                             [&](uint32_t i) { return find_engine(graph.operators[i].op)->passes > 1; });
}

uint32_t stream_columns(const Operator& product, const Accelerator& accelerator) {
  const uint64_t head = product.heads > 1 ? product.columns / product.heads
                                          : ceil_div<uint64_t>(product.columns, accelerator.units);
  return static_cast<uint32_t>(ceil_div<uint64_t>(head, accelerator.array.c));
}

uint64_t matrix_cycles(const Engine& engine, const Operator& op, const Accelerator& accelerator) {
  const uint64_t lanes =
      uint64_t{accelerator.lanes} * accelerator.array.a * accelerator.array.c * accelerator.units;
  return engine.passes * ceil_div<uint64_t>(uint64_t{op.rows} * op.columns, lanes);
}

ChainTimes chain_times(const Graph& graph, uint32_t product, const Accelerator& accelerator,
                       const Device& device, bool pipeline) {
  ChainTimes times;
  Chain chain(graph, product, accelerator, device);
  for (uint32_t i : graph.chain_of(product)) {
    const Operator& op = graph.operators[i];
    const Engine& engine = *find_engine(op.op);
    times.behind_ps.push_back(pipeline ? chain.pass(engine) : chain.pass_all(engine, op));
  }
  if (pipeline) chain.time_packets(times);
  return times;
}

}  // namespace vesper::spatial
