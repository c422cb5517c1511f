#include "models/ddr/storage.h"

#include <sys/mman.h>

#include <cstring>
#include <stdexcept>

namespace vesper::ddr {

Storage::~Storage() {
  if (base_ != nullptr) munmap(base_, size_);
}

uint8_t* Storage::base() {
  if (base_ == nullptr) {
    void* mapped =
        mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::runtime_error("no address space for the DRAM's contents");
    base_ = static_cast<uint8_t*>(mapped);
  }
  return base_;
}

void Storage::read(uint64_t address, uint8_t* to, uint64_t bytes) {
  std::memcpy(to, base() + address, bytes);
}
void Storage::write(uint64_t address, const uint8_t* from, uint64_t bytes) {
  std::memcpy(base() + address, from, bytes);
}

}  // namespace vesper::ddr
