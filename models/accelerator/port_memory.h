/// Tensors in the memory behind an accelerator's ports, moved through the back door in no time.
#pragma once

#include <array>

#include "models/accelerator/tensor.h"
#include "models/dma/dma_engine.h"

namespace vesper::accelerator {

class PortMemory final : public TensorMemory {
 public:
  /// The ports of A, B and C; they outlive this.
  explicit PortMemory(std::array<dma::DmaEngine*, 3> ports) : ports_(ports) {}
  bool move(Matrix matrix, bool write, uint64_t address, std::byte* data, uint64_t bytes) override;

 private:
  std::array<dma::DmaEngine*, 3> ports_;
};

}  // namespace vesper::accelerator
