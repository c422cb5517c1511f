/// Which bytes of memory a phase's transfers move. SystemC-free.
///
/// Models      a tile of A, B or C, padded, in either layout; of a partial output tile all accumulators, in
///             one piece at the layer's own place for it.
#pragma once

#include "models/accelerator/phase.h"
#include "models/accelerator/tensor.h"

namespace vesper::accelerator {

/// `rows` rows of `row_bytes`, `stride` bytes from one to the next.
struct TileTransfer {
  uint64_t address = 0;
  uint32_t row_bytes = 0;
  uint32_t rows = 0;
  uint64_t stride = 0;
  bool write = false;
};

/// The transfer of a matrix in a phase that moves it, for a job whose tensors other than weights lie `offset`
/// bytes behind where the layer says.
TileTransfer transfer_of(const Phase& phase, Matrix matrix, const TileProperties& properties, Layout layout,
                         uint64_t offset);

}  // namespace vesper::accelerator
