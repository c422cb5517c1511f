#include "platform/lowering/weight_stationary.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace vesper::lowering {
namespace {

constexpr uint64_t kMostCycles = uint64_t{1} << 40;

uint64_t ceil_div(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

uint64_t tiles_of(const workload::Layer& layer, const NpuProperties& npu) {
  uint64_t together =
      layer.k <= npu.rows && layer.n <= npu.columns ? std::min(npu.rows / layer.k, npu.columns / layer.n) : 1;
  return ceil_div(layer.groups, together) * ceil_div(layer.k, npu.rows) * ceil_div(layer.n, npu.columns);
}

uint64_t cycles_of(const workload::Layer& layer, const NpuProperties& npu) {
  uint64_t tiles = tiles_of(layer, npu), rows = ceil_div(layer.m, layer.groups);
  unsigned __int128 best = std::numeric_limits<unsigned __int128>::max();
  for (uint32_t shares = 1; shares <= npu.arrays; ++shares) {
    auto cycles =
        static_cast<unsigned __int128>(ceil_div(tiles, npu.arrays / shares)) * ceil_div(rows, shares);
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
  uint64_t parts = ceil_div(layer.bytes, std::max<uint64_t>(1, buffer / 2));
  for (uint64_t i = 0; i < parts; ++i) {
    auto share = [&](uint64_t all) { return all / parts + (i < all % parts ? 1 : 0); };
    costs.push_back({layer.name + "." + std::to_string(i), share(layer.cycles), share(layer.bytes),
                     layer.activation_bytes});
  }
}

}  // namespace

std::vector<LayerCost> weight_stationary_costs(const workload::Network& network, const NpuProperties& npu) {
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

NpuTicks::NpuTicks(const NpuProperties& npu) {
  // clock and bandwidth in units of what they share: the least common multiple may exceed 64 bits, these do
  // not.
  uint64_t shared = std::gcd(npu.clock.hz, npu.bandwidth.bytes_per_second);
  cycle = npu.bandwidth.bytes_per_second / shared;
  byte = npu.clock.hz / shared;
  constexpr unsigned __int128 kMostTicksASecond = uint64_t{1} << 52;
  if (static_cast<unsigned __int128>(npu.clock.hz) * cycle > kMostTicksASecond) {
    throw std::overflow_error(
        "the NPU's clock and bandwidth have too small a unit in common; choose rounder values, "
        "as whole MHz and GB/s");
  }
  second = npu.clock.hz * cycle;
  buffer = npu.weight_buffer.count * byte;
}

std::vector<weaving::Layer> NpuTicks::layers(const std::vector<LayerCost>& costs) const {
  std::vector<weaving::Layer> all;
  all.reserve(costs.size());
  for (const LayerCost& cost : costs) all.push_back({cost.cycles * cycle, cost.bytes * byte});
  return all;
}

}  // namespace vesper::lowering
