/// A queue of bursts a bank, in order of age, that knows which of its entries hit the open row.
///
/// All that a scheduler asks of a bank is a few bit operations on two words: the entries that hit and the
/// entries that are writes, bit 0 the oldest. Nothing is allocated.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "models/ddr/part.h"

namespace vesper::ddr {

/// Index of a burst in the controller's table of bursts.
using BurstIndex = uint16_t;

class BankQueues {
 public:
  static constexpr uint32_t kMaxDepth = 32;

  struct Entry {
    BurstIndex burst = 0;
    uint32_t row = 0;
    uint32_t age = 0;  ///< order of arrival over all banks
  };

  explicit BankQueues(uint32_t depth) : depth_(depth) {}

  [[nodiscard]] uint64_t waiting() const { return waiting_; }  ///< banks with an entry
  [[nodiscard]] uint64_t full() const { return full_; }        ///< banks without room
  [[nodiscard]] bool empty() const { return waiting_ == 0; }
  [[nodiscard]] uint32_t count() const { return count_; }

  [[nodiscard]] const Entry& entry(uint32_t bank, uint32_t position) const {
    return queues_[bank].entries[position];
  }
  [[nodiscard]] const Entry& oldest(uint32_t bank) const { return queues_[bank].entries[0]; }
  [[nodiscard]] uint32_t read_hits(uint32_t bank) const { return queues_[bank].hits & ~queues_[bank].writes; }
  [[nodiscard]] uint32_t write_hits(uint32_t bank) const { return queues_[bank].hits & queues_[bank].writes; }
  [[nodiscard]] uint32_t hits(uint32_t bank) const { return queues_[bank].hits; }
  [[nodiscard]] bool oldest_misses(uint32_t bank) const {
    return queues_[bank].size != 0 && (queues_[bank].hits & 1) == 0;
  }
  [[nodiscard]] uint32_t size(uint32_t bank) const { return queues_[bank].size; }

  void push(uint32_t bank, BurstIndex burst, uint32_t row, bool write, uint32_t open_row) {
    Queue& queue = queues_[bank];
    const uint32_t bit = 1U << queue.size;
    queue.entries[queue.size++] = {burst, row, age_++};
    if (write) queue.writes |= bit;
    if (row == open_row) queue.hits |= bit;
    waiting_ |= uint64_t{1} << bank;
    if (queue.size == depth_) full_ |= uint64_t{1} << bank;
    ++count_;
  }

  /// Takes an entry out; returns its burst.
  BurstIndex take(uint32_t bank, uint32_t position) {
    Queue& queue = queues_[bank];
    const BurstIndex burst = queue.entries[position].burst;
    --queue.size;
    for (uint32_t i = position; i < queue.size; ++i) queue.entries[i] = queue.entries[i + 1];
    const uint32_t younger = ~0U << position;
    queue.hits = (queue.hits & ~younger) | (queue.hits >> 1 & younger);
    queue.writes = (queue.writes & ~younger) | (queue.writes >> 1 & younger);
    if (queue.size == 0) waiting_ &= ~(uint64_t{1} << bank);
    full_ &= ~(uint64_t{1} << bank);
    --count_;
    return burst;
  }

  /// The bank's open row changed (Device::kClosed: none).
  void row_changed(uint32_t bank, uint32_t open_row) {
    Queue& queue = queues_[bank];
    queue.hits = 0;
    for (uint32_t i = 0; i < queue.size; ++i)
      queue.hits |= static_cast<uint32_t>(queue.entries[i].row == open_row) << i;
  }

 private:
  struct Queue {
    uint32_t size = 0;
    uint32_t hits = 0;
    uint32_t writes = 0;
    std::array<Entry, kMaxDepth> entries;
  };

  uint32_t depth_;
  uint32_t count_ = 0;
  uint32_t age_ = 0;
  uint64_t waiting_ = 0;
  uint64_t full_ = 0;
  std::array<Queue, kMaxBanks> queues_;
};

/// The set of one position.
constexpr uint32_t lowest(uint32_t set) { return static_cast<uint32_t>(std::countr_zero(set)); }
constexpr uint32_t lowest(uint64_t set) { return static_cast<uint32_t>(std::countr_zero(set)); }

}  // namespace vesper::ddr
