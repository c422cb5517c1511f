/// An AIE-like array of processing elements as a compute engine. SystemC-free.
///
/// Models      `m` x `k` x `n` engines, each of which does a `block`^3 product a round on data that the
///             array's streams deliver while it computes; the `k` engines of a column add up, so that m x n
///             of them hold outputs.
/// Timing      a tile takes its rounds times `round_cycles`, of the clock of the logic around the array.
///             Clearing the outputs takes, for each round over them, one cycle an element of an engine's
///             block and one to start. Source: DERCA (RTSS 2025), Table II: 23362 cycles a tile of 16 rounds,
///             16400 (16 x 1025) to clear it.
/// Leaves out  the engines' pipelines and the streams between them: `round_cycles` is measured, not derived.
#pragma once

#include <cstdint>

#include "platform/property/schema.h"

namespace vesper::aie {

struct PeArray {
  // Defaults: CHARM's geometry as DERCA uses it on the VCK190: 6 x 4 x 16 engines, 32x32x32 FP32 products.
  uint32_t m = 6;
  uint32_t k = 4;
  uint32_t n = 16;
  uint32_t block = 32;
  Ratio round_cycles{1'460'125'000};
  static void describe(Schema<PeArray>& p);

  /// Cycles of an m x k x n product.
  [[nodiscard]] uint64_t compute_cycles(uint32_t tile_m, uint32_t tile_k, uint32_t tile_n) const;
  /// Cycles to clear an m x n output.
  [[nodiscard]] uint64_t clean_cycles(uint32_t tile_m, uint32_t tile_n) const;

 private:
  [[nodiscard]] uint64_t output_rounds(uint32_t tile_m, uint32_t tile_n) const;
};

}  // namespace vesper::aie
