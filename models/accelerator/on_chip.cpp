#include "models/accelerator/on_chip.h"

#include <algorithm>
#include <cstring>

namespace vesper::accelerator {

TileBuffer::TileBuffer(uint64_t bytes)
    : bytes_(bytes), data_(static_cast<std::byte*>(::operator new(bytes, kAlignment))) {
  clear();
}

void TileBuffer::clear() { std::memset(data_.get(), 0, bytes_); }

aie::TileProduct product_of(const abi::MetadataEntry& layer, uint64_t tile, const Tile& geometry) {
  TileWalk::Position at = TileWalk(layer.m, layer.k, layer.n, geometry).position(tile);
  return {std::min(geometry.m, layer.m - at.m * geometry.m),
          std::min(geometry.k, layer.k - at.k * geometry.k),
          std::min(geometry.n, layer.n - at.n * geometry.n),
          geometry.k,
          geometry.n,
          geometry.n};
}

OnChip::OnChip(const TileProperties& properties, const aie::Arithmetic& arithmetic, Fault fault)
    : tile_(properties.tile),
      arithmetic_(arithmetic),
      fault_(fault),
      a_{TileBuffer(tile_bytes(properties).a), TileBuffer(tile_bytes(properties).a)},
      b_{TileBuffer(tile_bytes(properties).b), TileBuffer(tile_bytes(properties).b)},
      accumulators_{TileBuffer(tile_bytes(properties).partial), TileBuffer(tile_bytes(properties).partial)},
      drain_(tile_bytes(properties).partial) {}

std::byte* OnChip::transfer_data(const Phase& phase, Matrix matrix) {
  uint64_t half = (phase.load_tile + (fault_ == Fault::loads_swap_buffers ? 1 : 0)) % 2;
  if (matrix == Matrix::a) return a_[half].data();
  if (matrix == Matrix::b) return b_[half].data();
  return output_data(phase);
}

std::byte* OnChip::output_data(const Phase& phase) {
  std::byte* accumulators = accumulators_[phase.output_tile % 2].data();
  size_t elements = size_t{tile_.m} * tile_.n;
  if (phase.swap == Swap::none) {
    arithmetic_.drain(accumulators, drain_.data(), elements, phase.entry->k);
    return drain_.data();
  }
  if (phase.swap == Swap::persist && fault_ == Fault::persist_skips_row) {
    std::memcpy(drain_.data(), accumulators, elements * aie::kAccumulatorBytes);
    std::memset(drain_.data(), 0, size_t{tile_.n} * aie::kAccumulatorBytes);
    return drain_.data();
  }
  return accumulators;
}

void OnChip::phase_ended(const Phase& phase) {
  if (phase.compute) {
    uint64_t tile = phase.compute_tile;
    uint64_t output = tile / TileWalk(phase.entry->m, phase.entry->k, phase.entry->n, tile_).k_tiles();
    arithmetic_.accumulate(a_[tile % 2].data(), b_[tile % 2].data(), accumulators_[output % 2].data(),
                           product_of(*phase.entry, tile, tile_));
  }
  bool cleans = phase.swap == Swap::clean && fault_ != Fault::recompute_skips_clean;
  if (phase.store || phase.swap == Swap::persist || cleans) accumulators_[phase.output_tile % 2].clear();
}

void OnChip::drop() {
  for (TileBuffer& sums : accumulators_) sums.clear();
}

}  // namespace vesper::accelerator
