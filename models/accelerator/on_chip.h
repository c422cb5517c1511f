/// On-chip memory of a functional accelerator: what its engines really hold. SystemC-free.
///
/// Models      two buffers each for tiles of A and of B and two of accumulators, used in turn by the number
///             of the tile and of the output tile. A product always adds to its accumulators: an output tile
///             is right only if they were cleared before its first product, as storing, persisting and
///             cleaning do.
/// Cost        products skip padding, which adds zeros.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>

#include "models/accelerator/phase.h"
#include "models/accelerator/tensor.h"
#include "models/aie/arithmetic.h"

namespace vesper::accelerator {

/// Errors planted to see that the check of results finds them.
enum class Fault : uint8_t { none, persist_skips_row, recompute_skips_clean, loads_swap_buffers };
inline EnumNames<Fault> enum_names(Fault) {
  return {{Fault::none, "none"},
          {Fault::persist_skips_row, "persist_skips_row"},
          {Fault::recompute_skips_clean, "recompute_skips_clean"},
          {Fault::loads_swap_buffers, "loads_swap_buffers"}};
}

/// Zeroed memory of a tile, aligned alike everywhere: Eigen's order of summation depends on alignment.
class TileBuffer {
 public:
  explicit TileBuffer(uint64_t bytes);
  [[nodiscard]] std::byte* data() const { return data_.get(); }
  void clear();

 private:
  struct Free {
    void operator()(std::byte* memory) const { ::operator delete(memory, kAlignment); }
  };
  static constexpr std::align_val_t kAlignment{64};
  uint64_t bytes_;
  std::unique_ptr<std::byte, Free> data_;
};

/// The product of tile `tile` of a layer, padding left out.
aie::TileProduct product_of(const abi::MetadataEntry& layer, uint64_t tile, const Tile& geometry);

class OnChip {
 public:
  OnChip(const TileProperties& properties, const aie::Arithmetic& arithmetic, Fault fault);

  /// Where the transfer of a matrix in this phase finds or leaves its bytes.
  std::byte* transfer_data(const Phase& phase, Matrix matrix);
  /// What the compute engine does, and what storing, persisting and cleaning leave: nothing.
  void phase_ended(const Phase& phase);
  /// Empties both accumulators: the job whose sums are on chip is given up.
  void drop();

 private:
  std::byte* output_data(const Phase& phase);

  Tile tile_;
  const aie::Arithmetic& arithmetic_;
  Fault fault_;
  std::array<TileBuffer, 2> a_, b_, accumulators_;
  TileBuffer drain_;
};

}  // namespace vesper::accelerator
