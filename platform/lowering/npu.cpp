/// Lowering for an NPU: a region a layer of weight_stationary.h, with its weights and, for when its output
/// does not stay on chip, room for that in memory.
#include "sw/abi/npu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "platform/lowering/program.h"
#include "platform/lowering/weight_stationary.h"
#include "schedulers/offline/npu_timeline.h"

namespace vesper::lowering {
namespace {

std::vector<LayerCost> costs_of(const workload::Network& network, const npu::NpuProperties& npu) {
  try {
    return weight_stationary_costs(network, npu);
  } catch (const std::overflow_error& error) {
    throw InputError(error.what());
  }
}

npu::NpuTicks ticks_of(const npu::NpuProperties& npu) {
  try {
    return npu::NpuTicks(npu);
  } catch (const std::overflow_error& error) {
    throw InputError(error.what());
  }
}

/// What each layer adds to the time of a job alone, in cycles.
void add_times(Program& program, const std::vector<LayerCost>& costs, const npu::NpuTicks& ticks) {
  const std::vector<weaving::Layer> layers = in_ticks(costs, ticks);
  for (const offline::LayerTimes& layer : offline::npu_timeline(ticks.buffer, layers)) {
    const uint64_t cycles = layer.compute_end / ticks.cycle + (layer.compute_end % ticks.cycle != 0 ? 1 : 0);
    program.region_cycles.push_back(cycles - program.execution_cycles);
    program.execution_cycles = cycles;
  }
}

Program lower(const workload::Network& network, const npu::NpuProperties& npu, const Options& options) {
  if (options.granularity != Granularity::layer)
    throw InputError("an npu goes layer by layer: scheduler.granularity must be layer for it");
  const std::vector<LayerCost> costs = costs_of(network, npu);
  Program program;
  for (const LayerCost& cost : costs) {
    if (std::max(cost.bytes, cost.activation_bytes) > std::numeric_limits<uint32_t>::max())
      throw InputError(fmt::format("layer '{}' has a tensor of 4 GiB or more", cost.name));
    const auto index = static_cast<uint32_t>(program.entries.size());
    abi::NpuLayerEntry entry{};
    entry.layer = index;
    entry.cycles = cost.cycles;
    entry.weight_bytes = static_cast<uint32_t>(cost.bytes);
    entry.activation_bytes = static_cast<uint32_t>(cost.activation_bytes);
    entry.activations = place_tensor(program, cost.activation_bytes, options.tensor_skew);
    entry.weights = place_tensor(program, cost.bytes, options.tensor_skew);
    std::memcpy(&program.entries.emplace_back(), &entry, sizeof entry);
    program.regions.push_back({index, 1});
  }
  add_times(program, costs, ticks_of(npu));
  return program;
}

const PassRegistration registration{
    "npu", [](const workload::Network& network, const Node& accelerator, const std::string& path,
              const Options& options) {
      return lower(network, properties_of<npu::NpuProperties>(accelerator, path), options);
    }};

}  // namespace
}  // namespace vesper::lowering
