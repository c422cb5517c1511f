/// Lowering: a network and an accelerator's configuration become a program, cut into non-preemptive regions.
/// SystemC-free.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/sparse/layer.h"
#include "platform/property/schema.h"
#include "platform/workload/network.h"
#include "sw/abi/kernel_manager.h"

namespace vesper::spatial {
struct Design;
}
namespace vesper::workload {
struct Operator;
}

namespace vesper::lowering {

/// Where preemption points lie: nowhere, between layers, after every tile iteration, where placement left
/// them.
enum class Granularity : uint8_t { model, layer, tile, placed };
inline EnumNames<Granularity> enum_names(Granularity) {
  return {{Granularity::model, "model"},
          {Granularity::layer, "layer"},
          {Granularity::tile, "tile"},
          {Granularity::placed, "placed"}};
}

/// How a job is swapped out within a layer; flexible takes recompute unless its swap-in costs more than
/// persist's.
enum class Preemption : uint8_t { recompute, persist, flexible };
inline EnumNames<Preemption> enum_names(Preemption) {
  return {{Preemption::recompute, "recompute"},
          {Preemption::persist, "persist"},
          {Preemption::flexible, "flexible"}};
}

/// A preemption point before an iteration of a layer; before the first nothing is on chip, and neither
/// strategy costs anything.
struct Cut {
  uint32_t layer = 0;
  uint32_t iteration = 0;
  bool persists = false;  ///< else recompute
};

/// What a region of several tile iterations costs when it is swapped out at its end: what its last part left
/// on chip, or what its first part would have left, as the published simulation of DERCA charges it.
enum class SwapOut : uint8_t { of_last_part, of_first_part };
inline EnumNames<SwapOut> enum_names(SwapOut) {
  return {{SwapOut::of_last_part, "of_last_part"}, {SwapOut::of_first_part, "of_first_part"}};
}

/// What the accelerator's monitor sees of a region.
struct Monitor {
  double average_sparsity = 0;  ///< fraction of zeros among the outputs
  uint32_t outputs = 0;
};

struct Options {
  Granularity granularity = Granularity::tile;
  Preemption preemption = Preemption::flexible;   ///< of the points of granularity tile
  uint64_t tensor_skew = 0;                       ///< bytes left free after each tensor
  std::vector<Cut> cuts = {};                     ///< of granularity placed, in order
  SwapOut swap_out = SwapOut::of_last_part;       ///< of granularity placed
  std::optional<sparse::Sparsity> sparsity = {};  ///< of the network; the accelerator's default if not given
  const spatial::Design* design = nullptr;        ///< of spatial accelerators
  const workload::Operator* product = nullptr;    ///< of a stage of theirs, which the network stands for
};

struct Program {
  std::vector<abi::MetadataEntry> entries;  ///< addresses relative to the program's memory
  std::vector<abi::IndexEntry> regions;     ///< entries of each region, in order
  std::vector<uint64_t> region_cycles;      ///< in `fixed` memory, without preemption costs
  std::vector<Monitor> monitors;            ///< of each region; empty where nothing is monitored
  /// Cycles of a layer at a sparsity of its outputs, in `fixed` memory; empty where it does not depend on
  /// any.
  std::function<uint64_t(uint32_t layer, double sparsity)> layer_cycles = {};
  uint64_t execution_cycles = 0;  ///< sum of region_cycles
  uint64_t memory_bytes = 0;      ///< tensors and room for a partial tile
};

/// A lowering pass reads what it needs from the accelerator instance's properties. Throws InputError when the
/// network does not fit (a layer of more than 2^32-1 iterations, a network of more than 2^63 cycles) or the
/// accelerator does not know the options' granularity.
using Pass = std::function<Program(const workload::Network& network, const Node& accelerator,
                                   const std::string& path, const Options& options)>;

/// The pass for accelerators of an IP type, or null.
const Pass* find_pass(const std::string& accelerator_type);

/// Takes memory for a tensor behind what the program has, `skew` bytes left free after it; its address.
/// Throws InputError when the network takes more than memory can have.
uint64_t place_tensor(Program& program, unsigned __int128 bytes, uint64_t skew);

/// The properties of an accelerator instance that a pass reads; keys that P does not declare are others'.
template <class P>
P properties_of(const Node& accelerator, const std::string& path) {
  const std::vector<std::string> own = names_of(schema_of<P>().list());
  std::vector<std::string> others;
  for (const Node::Entry& entry : accelerator.entries()) {
    if (std::ranges::find(own, entry.key) == own.end()) others.push_back(entry.key);
  }
  P properties;
  schema_of<P>().read(accelerator, properties, path, others);
  return properties;
}

/// Registers the pass for an IP type where the pass is written.
struct PassRegistration {
  PassRegistration(const char* accelerator_type, Pass pass);
};

}  // namespace vesper::lowering
