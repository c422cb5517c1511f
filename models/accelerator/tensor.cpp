#include "models/accelerator/tensor.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/sim_error.h"
#include "platform/property/integer.h"

namespace vesper::accelerator {
uint64_t Tensor::address(uint32_t row, uint32_t column) const {
  uint64_t tiles_in_row = ceil_div<uint64_t>(columns, tile_columns);
  uint64_t index = 0;
  if (layout == Layout::row_major) {
    index = row * tiles_in_row * tile_columns + column;
  } else {
    uint64_t tile = row / tile_rows * tiles_in_row + column / tile_columns;
    index = (tile * tile_rows + row % tile_rows) * tile_columns + column % tile_columns;
  }
  return base + index * element_bytes;
}

uint32_t Tensor::run(uint32_t column) const {
  uint32_t left = columns - column;
  return layout == Layout::row_major ? left : std::min(left, tile_columns - column % tile_columns);
}

uint64_t Tensor::bytes() const {
  return ceil_div<uint64_t>(rows, tile_rows) * tile_rows * ceil_div<uint64_t>(columns, tile_columns) *
         tile_columns * element_bytes;
}

Tensor tensor_of(const abi::MetadataEntry& layer, Matrix matrix, const TileProperties& properties,
                 Layout layout) {
  const Tile& tile = properties.tile;
  const Tensor all[] = {
      {Matrix::a, layer.a, layer.m, layer.k, tile.m, tile.k, properties.element_bytes, layout},
      {Matrix::b, layer.b, layer.k, layer.n, tile.k, tile.n, properties.element_bytes, layout},
      {Matrix::c, layer.c, layer.m, layer.n, tile.m, tile.n, properties.element_bytes, layout}};
  return all[static_cast<size_t>(matrix)];
}

void move_row(TensorMemory& memory, const Tensor& tensor, bool write, uint32_t row, std::byte* elements) {
  for (uint32_t column = 0; column < tensor.columns;) {
    uint32_t run = tensor.run(column);
    uint64_t at = tensor.address(row, column);
    uint64_t bytes = uint64_t{run} * tensor.element_bytes;
    std::byte* data = elements + uint64_t{column} * tensor.element_bytes;
    if (!memory.move(tensor.matrix, write, at, data, bytes)) {
      throw core::SimulationError(
          fmt::format("there is no memory at {:#x} for {} bytes of a tensor", at, bytes));
    }
    column += run;
  }
}

}  // namespace vesper::accelerator
