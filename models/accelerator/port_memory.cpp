#include "models/accelerator/port_memory.h"

#include <algorithm>

namespace vesper::accelerator {

bool PortMemory::move(Matrix matrix, bool write, uint64_t address, std::byte* data, uint64_t bytes) {
  dma::DmaEngine& port = *ports_[static_cast<size_t>(matrix)];
  constexpr uint64_t kMost = uint64_t{1} << 30;
  for (uint64_t done = 0; done < bytes; done += kMost) {
    auto part = static_cast<uint32_t>(std::min(kMost, bytes - done));
    if (!port.move_now(write, address + done, reinterpret_cast<unsigned char*>(data + done), part))
      return false;
  }
  return true;
}

}  // namespace vesper::accelerator
