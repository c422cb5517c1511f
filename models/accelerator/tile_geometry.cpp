#include "models/accelerator/tile_geometry.h"

#include <fmt/format.h>

#include <algorithm>

namespace vesper::accelerator {

void Tile::describe(Schema<Tile>& p) {
  p("m", &Tile::m, "rows of an output tile").between(1, 1U << 20);
  p("k", &Tile::k, "elements of the reduced dimension in a tile").between(1, 1U << 20);
  p("n", &Tile::n, "columns of an output tile").between(1, 1U << 20);
}

void FixedMemory::describe(Schema<FixedMemory>& p) {
  p("setup", &FixedMemory::setup, "cycles before the first byte of a transfer");
  auto positive = [](const Ratio& rate) { return rate.millionths > 0; };
  p("load", &FixedMemory::load, "bytes a cycle of loading A and B").must(positive, "above 0");
  p("store", &FixedMemory::store, "bytes a cycle of storing C").must(positive, "above 0");
  p("persist", &FixedMemory::persist, "bytes a cycle of storing a partial C").must(positive, "above 0");
  p("resume", &FixedMemory::resume, "bytes a cycle of loading a partial C back").must(positive, "above 0");
}

void CycleOverrides::describe(Schema<CycleOverrides>& p) {
  constexpr uint64_t kMost = uint64_t{1} << 40;  // more than an hour
  p("load", &CycleOverrides::load, "cycles of a load, replacing the modelled").between(0, kMost);
  p("compute", &CycleOverrides::compute, "cycles of a tile on the array, replacing the modelled")
      .between(0, kMost);
  p("store", &CycleOverrides::store, "cycles of a store, replacing the modelled").between(0, kMost);
  p("clean", &CycleOverrides::clean, "cycles of cleaning the output buffer, replacing the modelled")
      .between(0, kMost);
  p("persist", &CycleOverrides::persist, "cycles of persisting a partial output, replacing the modelled")
      .between(0, kMost);
  p("resume", &CycleOverrides::resume, "cycles of loading a partial output, replacing the modelled")
      .between(0, kMost);
}

namespace {

uint64_t transfer_cycles(const FixedMemory& memory, Ratio bytes_per_cycle, uint64_t bytes) {
  uint64_t scaled = bytes * 1'000'000;
  return memory.setup + (scaled + bytes_per_cycle.millionths / 2) / bytes_per_cycle.millionths;
}

}  // namespace

TileBytes tile_bytes(const TileProperties& p) {
  uint64_t element = p.element_bytes;
  constexpr uint64_t kLeastAccumulatorBytes = 4;
  TileBytes bytes{uint64_t{p.tile.m} * p.tile.k * element, uint64_t{p.tile.k} * p.tile.n * element,
                  uint64_t{p.tile.m} * p.tile.n * element,
                  uint64_t{p.tile.m} * p.tile.n * std::max(element, kLeastAccumulatorBytes)};
  if (std::max({bytes.a, bytes.b, bytes.partial}) >= uint64_t{1} << 32) {
    throw InputError(
        fmt::format("a tile of {} x {} x {} elements of {} bytes: each of its matrices must be below 4 GiB",
                    p.tile.m, p.tile.k, p.tile.n, element));
  }
  return bytes;
}

OperationCosts operation_costs(const TileProperties& p) {
  TileBytes bytes = tile_bytes(p);
  const FixedMemory& memory = p.fixed_memory;
  OperationCosts costs;
  costs.load = p.cycles.load.value_or(transfer_cycles(memory, memory.load, bytes.a + bytes.b));
  costs.compute = p.cycles.compute.value_or(p.array.compute_cycles(p.tile.m, p.tile.k, p.tile.n));
  costs.store = p.cycles.store.value_or(transfer_cycles(memory, memory.store, bytes.c));
  costs.clean = p.cycles.clean.value_or(p.array.clean_cycles(p.tile.m, p.tile.n));
  costs.persist = p.cycles.persist.value_or(transfer_cycles(memory, memory.persist, bytes.partial));
  costs.resume = p.cycles.resume.value_or(transfer_cycles(memory, memory.resume, bytes.partial));
  return costs;
}

uint64_t iteration_cycles(const TileWalk& walk, const OperationCosts& costs, uint64_t i) {
  return std::max({walk.loads(i) ? costs.load : 0, walk.computes(i) ? costs.compute : 0,
                   walk.stores(i) ? costs.store : 0});
}

uint64_t iterations_cycles(const TileWalk& walk, const OperationCosts& costs, uint64_t first, uint64_t last) {
  uint64_t total = 0;
  uint64_t i = first;
  auto step = [&](uint64_t until) {
    for (; i < until && i <= last; ++i) total += iteration_cycles(walk, costs, i);
  };
  step(2);
  // From iteration 2 to the last that loads, every iteration loads and computes and each k_tiles-th stores
  // too.
  if (i <= last && i < walk.tiles()) {
    uint64_t end = std::min(last, walk.tiles() - 1);
    auto stores_before = [&](uint64_t j) { return (j - 2) / walk.k_tiles(); };
    uint64_t stores = stores_before(end + 1) - stores_before(i);
    uint64_t both = std::max(costs.load, costs.compute);
    total += (end + 1 - i) * both + stores * (std::max(both, costs.store) - both);
    i = end + 1;
  }
  step(last + 1);
  return total;
}

uint64_t recompute_resume_cycles(const TileWalk& walk, const OperationCosts& costs, uint64_t i) {
  if (i < 2) return i == 0 ? 0 : costs.load;
  // The output tile's first inputs are loaded; each iteration since then computes, and loads unless it lies
  // behind the last tile.
  uint64_t computing = i - walk.restart_of(i) - 1;
  uint64_t both = std::max(costs.load, costs.compute);
  uint64_t total = costs.load + computing * both;
  return walk.loads(i - 1) ? total : total - (both - costs.compute);
}

uint64_t persist_resume_cycles(const TileWalk& walk, const OperationCosts& costs, uint64_t i) {
  if (i == 0) return 0;
  return costs.resume + (walk.loads(i - 1) ? costs.load : 0);
}

}  // namespace vesper::accelerator
