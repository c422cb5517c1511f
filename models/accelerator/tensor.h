/// Where the elements of a matrix lie in memory, padded to whole tiles. SystemC-free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "models/accelerator/tile_geometry.h"

namespace vesper::accelerator {

/// row_major: a matrix's rows lie one after the other; tiled: each tile's rows do, tile after tile.
enum class Layout : uint8_t { row_major, tiled };
inline EnumNames<Layout> enum_names(Layout) {
  return {{Layout::row_major, "row_major"}, {Layout::tiled, "tiled"}};
}

enum class Matrix : uint8_t { a, b, c };

struct Tensor {
  Matrix matrix = Matrix::a;
  uint64_t base = 0;
  uint32_t rows = 0, columns = 0;            ///< elements, without padding
  uint32_t tile_rows = 0, tile_columns = 0;  ///< elements
  uint32_t element_bytes = 0;
  Layout layout = Layout::row_major;

  [[nodiscard]] uint64_t address(uint32_t row, uint32_t column) const;
  /// Elements of a row that lie without a gap from `column` on.
  [[nodiscard]] uint32_t run(uint32_t column) const;
  /// Bytes with padding.
  [[nodiscard]] uint64_t bytes() const;
};

/// A, B and C of a layer.
Tensor tensor_of(const abi::MetadataEntry& layer, Matrix matrix, const TileProperties& properties,
                 Layout layout);

/// Memory as the tensors' owner sees it: in no time.
class TensorMemory {
 public:
  TensorMemory() = default;
  TensorMemory(const TensorMemory&) = delete;
  TensorMemory& operator=(const TensorMemory&) = delete;
  virtual ~TensorMemory() = default;
  /// Moves bytes of a matrix from or to `data`; false where there is no such memory.
  virtual bool move(Matrix matrix, bool write, uint64_t address, std::byte* data, uint64_t bytes) = 0;
};

/// Moves a row of a tensor, without padding. Throws core::SimulationError where there is no memory.
void move_row(TensorMemory& memory, const Tensor& tensor, bool write, uint32_t row, std::byte* elements);

}  // namespace vesper::accelerator
