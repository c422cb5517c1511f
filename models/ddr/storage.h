/// The bytes behind a memory, if anybody wants them: address space reserved at the first use, pages on touch.
#pragma once

#include <cstdint>

namespace vesper::ddr {

class Storage {
 public:
  explicit Storage(uint64_t bytes) : size_(bytes) {}
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage();

  /// Copies; the range lies within the memory.
  void read(uint64_t address, uint8_t* to, uint64_t bytes);
  void write(uint64_t address, const uint8_t* from, uint64_t bytes);

 private:
  uint8_t* base();

  uint64_t size_;
  uint8_t* base_ = nullptr;
};

}  // namespace vesper::ddr
