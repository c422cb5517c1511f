#include "platform/lowering/output_stationary.h"

#include <fmt/format.h>

#include <limits>

namespace vesper::lowering {

using accelerator::OperationCosts;
using accelerator::TileProperties;
using accelerator::TileWalk;

namespace {

constexpr uint64_t kAlignment = 4096;
constexpr unsigned kMemoryBits = 44;  // physical addresses of the Cortex-A72 (its TRM, section 1.2)
constexpr uint64_t kMostMemory = uint64_t{1} << kMemoryBits;
uint64_t aligned(uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

class Lowerer {
 public:
  Lowerer(const TileProperties& properties, const Options& options)
      : properties_(properties), options_(options), costs_(operation_costs(properties)) {}

  Program run(const workload::Network& network) {
    uint64_t partial = aligned(tile_bytes(properties_).partial);
    program_.memory_bytes = partial;  // a partial tile at offset 0
    for (const workload::Layer& layer : network.layers) add_layer(layer);
    return std::move(program_);
  }

 private:
  void add_layer(const workload::Layer& layer) {
    TileWalk walk(layer.m, layer.k, layer.n, properties_.tile);
    if (!countable(walk)) {
      throw InputError(
          fmt::format("layer '{}' ({} x {} x {}) has {} x {} x {} tiles; 2^32-1 tile iterations are the most",
                      layer.name, layer.m, layer.k, layer.n, walk.m_tiles(), walk.k_tiles(), walk.n_tiles()));
    }
    uint64_t iterations = walk.iterations();
    uint64_t cut = options_.granularity == Granularity::tile ? iterations : 1;
    if (program_.entries.size() + cut > abi::kIndexEntries) {
      throw InputError(fmt::format(
          "layer '{}' ({} x {} x {}) brings its network to {} regions; the kernel manager's tables "
          "hold {}: choose a coarser granularity or a larger tile",
          layer.name, layer.m, layer.k, layer.n, program_.entries.size() + cut, abi::kIndexEntries));
    }
    abi::MetadataEntry entry{};
    entry.m = layer.m;
    entry.k = layer.k;
    entry.n = layer.n;
    entry.layer = layer_++;
    place_tensors(walk, entry);
    if (options_.granularity == Granularity::tile) {
      cut_everywhere(walk, entry);
    } else {
      entry.last_iteration = static_cast<uint32_t>(iterations - 1);
      bool joins = options_.granularity == Granularity::model && !program_.regions.empty();
      add_entry(entry, walk, joins);
    }
  }

  /// Whether the iterations of a layer fit the 32 bits that a metadata entry has for them.
  static bool countable(const TileWalk& walk) {
    uint64_t outputs = uint64_t{walk.m_tiles()} * walk.n_tiles();
    constexpr uint64_t kMostTiles = std::numeric_limits<uint32_t>::max() - 2;
    return outputs <= kMostTiles && outputs * walk.k_tiles() <= kMostTiles;
  }

  void place_tensors(const TileWalk& walk, abi::MetadataEntry& entry) {
    accelerator::TileBytes bytes = tile_bytes(properties_);
    entry.a = place(bytes.a, uint64_t{walk.m_tiles()} * walk.k_tiles());
    entry.b = place(bytes.b, uint64_t{walk.k_tiles()} * walk.n_tiles());
    entry.c = place(bytes.c, uint64_t{walk.m_tiles()} * walk.n_tiles());
  }

  /// The address of a tensor of so many tiles.
  uint64_t place(uint64_t tile_size, uint64_t tiles) {
    uint64_t at = program_.memory_bytes;
    if (tiles > kMostMemory / tile_size || options_.tensor_skew > kMostMemory || at > kMostMemory) {
      throw InputError(fmt::format("the tensors of a network take more memory than 2^{} bytes", kMemoryBits));
    }
    program_.memory_bytes += aligned(tiles * tile_size + options_.tensor_skew);
    return at;
  }

  void cut_everywhere(const TileWalk& walk, abi::MetadataEntry entry) {
    bool persist_at_start = false;
    for (uint64_t i = 0; i < walk.iterations(); ++i) {
      bool last = i + 1 == walk.iterations();
      bool persist_at_end = !last && persists(walk, i + 1);
      entry.first_iteration = entry.last_iteration = static_cast<uint32_t>(i);
      entry.flags = (last ? 0 : abi::kEntryPreemptive) | (persist_at_end ? abi::kEntryPersistAtEnd : 0) |
                    (persist_at_start ? abi::kEntryPersistAtStart : 0);
      add_entry(entry, walk, false);
      persist_at_start = persist_at_end;
    }
  }

  [[nodiscard]] bool persists(const TileWalk& walk, uint64_t next_iteration) const {
    if (options_.preemption != Preemption::flexible) return options_.preemption == Preemption::persist;
    return recompute_resume_cycles(walk, costs_, next_iteration) >
           persist_resume_cycles(walk, costs_, next_iteration);
  }

  void add_entry(const abi::MetadataEntry& entry, const TileWalk& walk, bool joins_last_region) {
    uint64_t cycles = iterations_cycles(walk, costs_, entry.first_iteration, entry.last_iteration);
    if (joins_last_region) {
      ++program_.regions.back().count;
      program_.region_cycles.back() += cycles;
    } else {
      program_.regions.push_back({static_cast<uint32_t>(program_.entries.size()), 1});
      program_.region_cycles.push_back(cycles);
    }
    program_.entries.push_back(entry);
    program_.execution_cycles += cycles;
  }

  const TileProperties& properties_;
  Options options_;
  OperationCosts costs_;
  Program program_;
  uint32_t layer_ = 0;
};

/// The keys of an accelerator that lowering does not read.
std::vector<std::string> other_keys(const Node& accelerator) {
  std::vector<std::string> keys;
  std::vector<PropertyInfo> own = schema_of<TileProperties>().list();
  for (const Node::Entry& entry : accelerator.entries()) {
    bool mine = false;
    for (const PropertyInfo& property : own) mine = mine || property.name == entry.key;
    if (!mine) keys.push_back(entry.key);
  }
  return keys;
}

const PassRegistration registration{
    "accelerator", [](const workload::Network& network, const Node& accelerator, const std::string& path,
                      const Options& options) {
      TileProperties properties;
      schema_of<TileProperties>().read(accelerator, properties, path, other_keys(accelerator));
      return lower_output_stationary(network, properties, options);
    }};

}  // namespace

Program lower_output_stationary(const workload::Network& network, const TileProperties& properties,
                                const Options& options) {
  return Lowerer(properties, options).run(network);
}

}  // namespace vesper::lowering
