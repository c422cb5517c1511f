#include "models/accelerator/tile_transfer.h"

namespace vesper::accelerator {

TileTransfer transfer_of(const Phase& phase, Matrix matrix, const TileProperties& properties, Layout layout,
                         uint64_t offset) {
  const abi::MetadataEntry& entry = *phase.entry;
  const Tile& t = properties.tile;
  const bool write = matrix == Matrix::c && phase.swap != Swap::resume;
  if (matrix == Matrix::c && phase.swap != Swap::none) {
    const uint64_t bytes = tile_bytes(properties).partial;
    return {entry.partial + offset, static_cast<uint32_t>(bytes), 1, bytes, write};
  }
  const TileWalk walk(entry.m, entry.k, entry.n, t);
  const TileWalk::Position at =
      walk.position(matrix == Matrix::c ? phase.output_tile * walk.k_tiles() : phase.load_tile);
  struct Place {
    uint64_t base;
    uint32_t row, column;              // of the tile, in tiles
    uint32_t tile_rows, tile_columns;  // elements
    uint32_t columns;                  // of the matrix, in tiles
  };
  const uint32_t k_tiles = walk.k_tiles();
  const uint32_t n_tiles = walk.n_tiles();
  const Place places[] = {{entry.a + offset, at.m, at.k, t.m, t.k, k_tiles},
                          {entry.b, at.k, at.n, t.k, t.n, n_tiles},
                          {entry.c + offset, at.m, at.n, t.m, t.n, n_tiles}};
  const Place& place = places[static_cast<size_t>(matrix)];
  const uint64_t row_bytes = uint64_t{place.tile_columns} * properties.element_bytes;
  const uint64_t tile_size = row_bytes * place.tile_rows;
  if (layout == Layout::tiled) {
    const uint64_t index = uint64_t{place.row} * place.columns + place.column;
    return {place.base + index * tile_size, static_cast<uint32_t>(tile_size), 1, tile_size, write};
  }
  const uint64_t stride = row_bytes * place.columns;
  const uint64_t first =
      place.base + uint64_t{place.row} * place.tile_rows * stride + place.column * row_bytes;
  return {first, static_cast<uint32_t>(row_bytes), place.tile_rows, stride, write};
}

}  // namespace vesper::accelerator
