/// The bursts a controller holds, found by number and by address. Storage is made once.
///
/// At most one write and one leading read of an address are held: later writes of the address join the write,
/// later reads join the read or are answered from the write, as controllers with a store buffer do.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/ddr/bank_queues.h"

namespace vesper::ddr {

constexpr BurstIndex kNoBurst = UINT16_MAX;

struct Burst {
  uint64_t block = 0;  ///< address / burst size
  uint32_t row = 0;
  uint32_t request = 0;  ///< index of its request
  uint8_t bank = 0;
  uint8_t task = 0;
  uint8_t port = 0;
  bool write = false;
  bool forwarded = false;        ///< a read whose data are those of a held write; cannot be found
  BurstIndex joined = kNoBurst;  ///< next read of the same address that this one answers as well
  BurstIndex next_in_hash = kNoBurst;
};

class BurstTable {
 public:
  [[nodiscard]] size_t capacity() const { return bursts_.size(); }

  explicit BurstTable(uint32_t capacity) : bursts_(capacity) {
    heads_.fill(kNoBurst);
    for (uint32_t i = 0; i < capacity; ++i) {
      bursts_[i].next_in_hash = i + 1 < capacity ? static_cast<BurstIndex>(i + 1) : kNoBurst;
    }
  }

  [[nodiscard]] const Burst& operator[](BurstIndex index) const { return bursts_[index]; }
  [[nodiscard]] bool has_room() const { return free_ != kNoBurst; }
  [[nodiscard]] uint32_t writes() const { return writes_; }

  /// The held burst of `block` in this direction, or kNoBurst.
  [[nodiscard]] BurstIndex find(uint64_t block, bool write) const {
    for (BurstIndex i = heads_[hash(block)]; i != kNoBurst; i = bursts_[i].next_in_hash) {
      if (bursts_[i].block == block && bursts_[i].write == write) return i;
    }
    return kNoBurst;
  }

  /// A new burst that can be found.
  BurstIndex add(const Burst& burst) {
    const BurstIndex index = take_free(burst);
    BurstIndex& head = heads_[hash(burst.block)];
    bursts_[index].next_in_hash = head;
    head = index;
    writes_ += burst.write ? 1 : 0;
    return index;
  }

  /// A new burst that cannot be found.
  BurstIndex add_hidden(const Burst& burst) { return take_free(burst); }

  /// A read that the read `leader` of the same address answers as well.
  void join(BurstIndex leader, const Burst& burst) {
    const BurstIndex index = take_free(burst);
    bursts_[index].joined = bursts_[leader].joined;
    bursts_[leader].joined = index;
  }

  /// The burst can no longer be found, but stays.
  void hide(BurstIndex index) {
    BurstIndex* link = &heads_[hash(bursts_[index].block)];
    while (*link != index) link = &bursts_[*link].next_in_hash;
    *link = bursts_[index].next_in_hash;
    writes_ -= bursts_[index].write ? 1 : 0;
  }
  /// Its place is free; returns the read that joined it, if any.
  BurstIndex give_back(BurstIndex index) {
    bursts_[index].next_in_hash = free_;
    free_ = index;
    return bursts_[index].joined;
  }
  void remove(BurstIndex index) {
    hide(index);
    give_back(index);
  }

 private:
  static constexpr uint32_t kHashBits = 10;
  static uint32_t hash(uint64_t block) {
    return static_cast<uint32_t>(block * 0x9E3779B97F4A7C15ULL >> (64 - kHashBits));  // Fibonacci hashing
  }
  BurstIndex take_free(const Burst& burst) {
    const BurstIndex index = free_;
    free_ = bursts_[index].next_in_hash;
    bursts_[index] = burst;
    return index;
  }

  std::vector<Burst> bursts_;
  std::array<BurstIndex, 1U << kHashBits> heads_{};
  BurstIndex free_ = 0;
  uint32_t writes_ = 0;
};

}  // namespace vesper::ddr
