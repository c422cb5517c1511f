/// Lowering for a spatial accelerator: a visit of a stage is one product, an entry in the metadata table of
/// which is a range of its tile steps in the order of the accelerator's loops. Nothing but the range is read
/// of it.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "models/core/clock_domain.h"
#include "models/spatial/design.h"
#include "platform/lowering/program.h"

namespace vesper::lowering {
namespace {

struct SpatialProperties {
  std::string accelerator;
  Frequency clock;
  static void describe(Schema<SpatialProperties>& p) {
    p("accelerator", &SpatialProperties::accelerator, "");
    p("clock", &SpatialProperties::clock, "");
  }
};

const spatial::Accelerator& accelerator_of(const spatial::Design& design, const std::string& name) {
  const auto found = std::ranges::find(design.accelerators, name, &spatial::Accelerator::name);
  if (found == design.accelerators.end())
    throw InputError(fmt::format("the design has no accelerator '{}'", name));
  return *found;
}

/// Steps that a region has; the last one has what is left.
uint64_t steps_a_region(Granularity granularity, uint64_t steps) {
  if (granularity == Granularity::tile) return 1;
  if (granularity != Granularity::placed) return steps;
  throw InputError(
      "a spatial_accelerator is preempted between tile steps or products: scheduler.granularity must be "
      "tile, "
      "layer or model for it");
}

Program lower(const workload::Network& network, const SpatialProperties& properties, const Options& options) {
  if (options.design == nullptr || options.product == nullptr)
    throw InputError("a spatial_accelerator runs stages of a graph: the scenario needs a section 'design'");
  const spatial::Accelerator& accelerator = accelerator_of(*options.design, properties.accelerator);
  const uint64_t steps = spatial::steps_of(*options.product, accelerator);
  if (steps > std::numeric_limits<uint32_t>::max())
    throw InputError(
        fmt::format("'{}' takes {} tile steps; at most 2^32-1 are possible", network.name, steps));
  const core::ClockDomain clock(properties.clock);
  const uint64_t step_ps = spatial::step_ps(accelerator, options.design->device);
  const uint64_t a_region = steps_a_region(options.granularity, steps);
  const workload::Layer& layer = network.layers.front();
  Program program;
  for (uint64_t first = 0; first < steps; first += a_region) {
    const uint64_t end = std::min(first + a_region, steps);
    abi::MetadataEntry entry{};
    entry.m = layer.m;
    entry.k = layer.k;
    entry.n = layer.n;
    entry.first_iteration = static_cast<uint32_t>(first);
    entry.last_iteration = static_cast<uint32_t>(end - 1);
    const uint64_t cycles = clock.cycles_covering(end * step_ps);
    program.regions.push_back({static_cast<uint32_t>(program.entries.size()), 1});
    program.entries.push_back(entry);
    program.region_cycles.push_back(cycles - program.execution_cycles);
    program.execution_cycles = cycles;
  }
  return program;
}

const PassRegistration registration{
    "spatial_accelerator", [](const workload::Network& network, const Node& accelerator,
                              const std::string& path, const Options& options) {
      return lower(network, properties_of<SpatialProperties>(accelerator, path), options);
    }};

}  // namespace
}  // namespace vesper::lowering
