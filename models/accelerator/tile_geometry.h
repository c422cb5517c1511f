/// Tiles of an output-stationary matrix product, what they cost, and the order in which they are walked.
/// SystemC-free: lowering, analysis and the accelerator model use the same functions.
#pragma once

#include <cstdint>
#include <optional>

#include "models/aie/pe_array.h"
#include "platform/property/integer.h"
#include "platform/property/schema.h"
#include "sw/abi/kernel_manager.h"

namespace vesper::accelerator {

/// Elements of a tile C[m x n] += A[m x k] B[k x n].
struct Tile {
  // Defaults: DERCA (RTSS 2025), Table I.
  uint32_t m = 1536;
  uint32_t k = 128;
  uint32_t n = 1024;
  static void describe(Schema<Tile>& p);
};

/// Constants of `fixed` memory fidelity: a transfer takes setup + bytes / rate, in cycles of the accelerator.
struct FixedMemory {
  // Defaults: DERCA, Table I; 83 bytes a cycle of load bandwidth is the value that gives its Table II.
  uint32_t setup = 300;
  Ratio load = ratio(83);
  Ratio store = ratio(30);
  Ratio persist = ratio(30);
  Ratio resume = ratio(21);
  static void describe(Schema<FixedMemory>& p);
};

/// Cycles of each operation; a value given in a scenario replaces the one that the geometry yields.
struct CycleOverrides {
  std::optional<uint64_t> load, compute, store, clean, persist, resume;
  static void describe(Schema<CycleOverrides>& p);
};

struct TileProperties {
  Tile tile;
  aie::PeArray array;
  uint32_t element_bytes = 4;
  FixedMemory fixed_memory;
  CycleOverrides cycles;
  static void describe(Schema<TileProperties>& p) { describe_in(p); }
  /// Declares these properties in the schema of a class derived from this one.
  template <class P>
  static void describe_in(Schema<P>& p) {
    p("tile", &TileProperties::tile, "tile of the output-stationary product");
    p("array", &TileProperties::array, "geometry of the PE array");
    p("element_bytes", &TileProperties::element_bytes, "bytes an element").between(1, 8);
    p("fixed_memory", &TileProperties::fixed_memory, "transfer times in `fixed` memory fidelity");
    p("cycles", &TileProperties::cycles,
      "measured cycles that replace the modelled ones in `fixed` fidelity");
  }
};

/// Cycles of the operations on one tile. Edge tiles are padded and cost the same.
struct OperationCosts {
  uint64_t load = 0;  ///< A and B of a tile
  uint64_t compute = 0;
  uint64_t store = 0;    ///< C of a tile
  uint64_t clean = 0;    ///< clearing the output buffer: swap-out of recompute
  uint64_t persist = 0;  ///< writing the partial output tile: swap-out of persist
  uint64_t resume = 0;   ///< reading it back: part of the swap-in of persist
};

/// Costs with `fixed` memory. Transfers round to the nearest cycle, as Table II of DERCA does; compute and
/// clean are the array's (models/aie/pe_array.h).
OperationCosts operation_costs(const TileProperties& properties);

/// Bytes that a tile's operations move. A partial output tile is accumulators, of 4 bytes at least.
struct TileBytes {
  uint64_t a = 0, b = 0, c = 0, partial = 0;
};
/// Throws InputError when a matrix of a tile takes 4 GiB or more.
TileBytes tile_bytes(const TileProperties& properties);

/// Walks the tiles of a layer in iterations. Tile t is loaded in iteration t and computed in t+1; k is the
/// inner loop, then n, then m; an output tile is stored in the iteration after its last compute. A layer of T
/// tiles has T+2 iterations (fill and drain of load-compute-store).
class TileWalk {
 public:
  TileWalk(uint32_t m, uint32_t k, uint32_t n, const Tile& tile)
      : m_tiles_(ceil_div(m, tile.m)), k_tiles_(ceil_div(k, tile.k)), n_tiles_(ceil_div(n, tile.n)) {}

  [[nodiscard]] uint64_t tiles() const { return uint64_t{m_tiles_} * k_tiles_ * n_tiles_; }
  [[nodiscard]] uint64_t iterations() const { return tiles() + 2; }
  [[nodiscard]] uint32_t m_tiles() const { return m_tiles_; }
  [[nodiscard]] uint32_t k_tiles() const { return k_tiles_; }
  [[nodiscard]] uint32_t n_tiles() const { return n_tiles_; }

  [[nodiscard]] bool loads(uint64_t i) const { return i < tiles(); }
  [[nodiscard]] bool computes(uint64_t i) const { return i >= 1 && i <= tiles(); }
  [[nodiscard]] bool stores(uint64_t i) const { return i >= 2 && (i - 2) % k_tiles_ == k_tiles_ - 1; }

  /// The iteration that loads the first inputs of the output tile under way before iteration `i` >= 2.
  [[nodiscard]] uint64_t restart_of(uint64_t i) const { return (i - 2) / k_tiles_ * k_tiles_; }

  struct Position {
    uint32_t m, k, n;
  };
  [[nodiscard]] Position position(uint64_t tile) const {
    return {static_cast<uint32_t>(tile / k_tiles_ / n_tiles_), static_cast<uint32_t>(tile % k_tiles_),
            static_cast<uint32_t>(tile / k_tiles_ % n_tiles_)};
  }

 private:
  uint32_t m_tiles_, k_tiles_, n_tiles_;
};

/// Cycles of iteration `i`: the longest of what it does.
uint64_t iteration_cycles(const TileWalk& walk, const OperationCosts& costs, uint64_t i);
/// Cycles of iterations first..last, without walking them one by one.
uint64_t iterations_cycles(const TileWalk& walk, const OperationCosts& costs, uint64_t first, uint64_t last);

/// Swap-in before iteration `i` of a layer; 0 before its first.
/// Recompute loads the tiles since the output tile under way began and computes them again, without stores.
uint64_t recompute_resume_cycles(const TileWalk& walk, const OperationCosts& costs, uint64_t i);
/// Persist reads the partial output back and loads the tile that iteration `i` computes.
uint64_t persist_resume_cycles(const TileWalk& walk, const OperationCosts& costs, uint64_t i);

}  // namespace vesper::accelerator
