#include "platform/lowering/output_stationary.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace vesper::lowering {

using accelerator::OperationCosts;
using accelerator::TileProperties;
using accelerator::TileWalk;

namespace {

class Lowerer {
 public:
  Lowerer(const TileProperties& properties, const Options& options)
      : properties_(properties), options_(options), costs_(operation_costs(properties)) {}

  Program run(const workload::Network& network) {
    place_tensor(program_, tile_bytes(properties_).partial, 0);  // a partial tile at offset 0
    for (const workload::Layer& layer : network.layers) add_layer(layer);
    if (options_.granularity == Granularity::placed && options_.swap_out == SwapOut::of_first_part)
      swap_out_first_parts();
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
    check_time(layer, walk);
    abi::MetadataEntry entry{};
    entry.m = layer.m;
    entry.k = layer.k;
    entry.n = layer.n;
    entry.layer = layer_;
    check_room(layer, walk);
    place_tensors(walk, entry);
    cut(walk, entry);
    ++layer_;
  }

  /// Refuses a network that takes 2^63 cycles or may do so.
  void check_time(const workload::Layer& layer, const TileWalk& walk) {
    uint64_t longest = std::max({costs_.load, costs_.compute, costs_.store});
    most_cycles_ += static_cast<unsigned __int128>(longest) * walk.iterations();
    if (most_cycles_ >> 63 == 0) return;
    throw InputError(fmt::format("layer '{}' ({} x {} x {}) brings its network beyond 2^63 cycles",
                                 layer.name, layer.m, layer.k, layer.n));
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
    const auto bytes = static_cast<unsigned __int128>(tile_size) * tiles;
    return place_tensor(program_, bytes, options_.tensor_skew);
  }

  void check_room(const workload::Layer& layer, const TileWalk& walk) const {
    uint64_t more = 1;
    if (options_.granularity == Granularity::tile) more = walk.iterations();
    if (options_.granularity == Granularity::placed) more += options_.cuts.size() - next_cut_;
    if (program_.entries.size() + more <= abi::kIndexEntries) return;
    throw InputError(fmt::format(
        "layer '{}' ({} x {} x {}) brings its network to {} regions; the kernel manager's tables "
        "hold {}: choose a coarser granularity or a larger tile",
        layer.name, layer.m, layer.k, layer.n, program_.entries.size() + more, abi::kIndexEntries));
  }

  /// An entry between any two points of the layer; a region begins at each point.
  void cut(const TileWalk& walk, abi::MetadataEntry entry) {
    std::optional<Cut> point = next_point(walk, 0);
    bool joins = layer_ > 0 && !(point && point->iteration == 0);
    bool persists_at_start = false;
    for (uint64_t first = 0; first < walk.iterations();) {
      point = next_point(walk, first + 1);
      uint64_t end = point ? point->iteration : walk.iterations();
      entry.first_iteration = static_cast<uint32_t>(first);
      entry.last_iteration = static_cast<uint32_t>(end - 1);
      entry.flags = (point ? abi::kEntryPreemptive : 0) |
                    (point && point->persists ? abi::kEntryPersistAtEnd : 0) |
                    (persists_at_start ? abi::kEntryPersistAtStart : 0);
      add_entry(entry, walk, joins);
      joins = false;
      persists_at_start = point && point->persists;
      first = end;
    }
  }

  /// The first preemption point of the present layer that lies before iteration `from` or a later one.
  std::optional<Cut> next_point(const TileWalk& walk, uint64_t from) {
    if (options_.granularity == Granularity::placed) return next_placed(from);
    bool between_layers = from == 0 && options_.granularity != Granularity::model;
    bool within = options_.granularity == Granularity::tile && from < walk.iterations();
    if (!between_layers && !within) return std::nullopt;
    return Cut{layer_, static_cast<uint32_t>(from), from != 0 && persists(walk, from)};
  }

  std::optional<Cut> next_placed(uint64_t from) {
    const std::vector<Cut>& cuts = options_.cuts;
    auto passed = [&](const Cut& cut) {
      return cut.layer < layer_ || (cut.layer == layer_ && cut.iteration < from);
    };
    while (next_cut_ < cuts.size() && passed(cuts[next_cut_])) ++next_cut_;
    if (next_cut_ == cuts.size() || cuts[next_cut_].layer != layer_) return std::nullopt;
    return cuts[next_cut_];
  }

  void swap_out_first_parts() {
    for (const abi::IndexEntry& region : program_.regions) {
      const abi::MetadataEntry& first = program_.entries[region.first];
      TileWalk walk(first.m, first.k, first.n, properties_.tile);
      uint64_t behind = uint64_t{first.first_iteration} + 1;
      abi::MetadataEntry& last = program_.entries[region.first + region.count - 1];
      last.flags &= ~(abi::kEntryPreemptive | abi::kEntryPersistAtEnd);
      if (behind == walk.iterations()) continue;
      last.flags |= abi::kEntryPreemptive | (persists(walk, behind) ? abi::kEntryPersistAtEnd : 0);
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
  const Options& options_;
  OperationCosts costs_;
  Program program_;
  unsigned __int128 most_cycles_ = 0;
  uint32_t layer_ = 0;
  size_t next_cut_ = 0;
};

const PassRegistration registration{
    "accelerator", [](const workload::Network& network, const Node& accelerator, const std::string& path,
                      const Options& options) {
      return lower_output_stationary(network, properties_of<TileProperties>(accelerator, path), options);
    }};

}  // namespace

Program lower_output_stationary(const workload::Network& network, const TileProperties& properties,
                                const Options& options) {
  return Lowerer(properties, options).run(network);
}

}  // namespace vesper::lowering
