#include "platform/lowering/weight_stationary.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "platform/property/integer.h"

namespace vesper::lowering {
namespace {

constexpr uint64_t kMostCycles = uint64_t{1} << 40;

uint64_t tiles_of(const workload::Layer& layer, const npu::NpuProperties& npu) {
  uint64_t together =
      layer.k <= npu.rows && layer.n <= npu.columns ? std::min(npu.rows / layer.k, npu.columns / layer.n) : 1;
  return ceil_div<uint64_t>(layer.groups, together) * ceil_div<uint64_t>(layer.k, npu.rows) *
         ceil_div<uint64_t>(layer.n, npu.columns);
}

uint64_t cycles_of(const workload::Layer& layer, const npu::NpuProperties& npu) {
  uint64_t tiles = tiles_of(layer, npu), rows = ceil_div<uint64_t>(layer.m, layer.groups);
  unsigned __int128 best = std::numeric_limits<unsigned __int128>::max();
  for (uint32_t shares = 1; shares <= npu.arrays; ++shares) {
    auto cycles = static_cast<unsigned __int128>(ceil_div<uint64_t>(tiles, npu.arrays / shares)) *
                  ceil_div<uint64_t>(rows, shares);
    best = std::min(best, cycles);
  }
  if (best > kMostCycles) throw std::overflow_error("layer '" + layer.name + "' takes more than 2^40 cycles");
  return static_cast<uint64_t>(best);
}

/// Appends the layer, in parts if it exceeds the buffer.
void append(std::vector<LayerCost>& costs, const LayerCost& layer, uint64_t buffer) {
  if (layer.bytes <= buffer) {
    costs.push_back(layer);
    return;
  }
  uint64_t parts = ceil_div<uint64_t>(layer.bytes, std::max<uint64_t>(1, buffer / 2));
  for (uint64_t i = 0; i < parts; ++i) {
    auto share = [&](uint64_t all) { return all / parts + (i < all % parts ? 1 : 0); };
    costs.push_back({layer.name + "." + std::to_string(i), share(layer.cycles), share(layer.bytes),
                     layer.activation_bytes});
  }
}

}  // namespace

std::vector<LayerCost> weight_stationary_costs(const workload::Network& network,
                                               const npu::NpuProperties& npu) {
  std::vector<LayerCost> merged;
  for (const workload::Layer& layer : network.layers) {
    LayerCost cost{layer.name, cycles_of(layer, npu), layer.weights() * npu.element_bytes,
                   uint64_t{layer.m} * layer.n * npu.element_bytes};
    if (cost.bytes == 0 && !merged.empty()) {
      merged.back().cycles += cost.cycles;
      merged.back().activation_bytes = cost.activation_bytes;
    } else {
      merged.push_back(cost);
    }
  }
  std::vector<LayerCost> costs;
  for (const LayerCost& cost : merged) append(costs, cost, npu.weight_buffer.count);
  return costs;
}

std::vector<weaving::Layer> in_ticks(const std::vector<LayerCost>& costs, const npu::NpuTicks& ticks) {
  std::vector<weaving::Layer> all;
  all.reserve(costs.size());
  for (const LayerCost& cost : costs) all.push_back({cost.cycles * ticks.cycle, cost.bytes * ticks.byte});
  return all;
}

}  // namespace vesper::lowering
