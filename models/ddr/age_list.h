/// A transaction buffer: bursts in order of age, of which the oldest of a set of banks can be found.
#pragma once

#include <array>
#include <cstring>

#include "models/ddr/bank_queues.h"

namespace vesper::ddr {

class AgeList {
 public:
  static constexpr uint32_t kMaxDepth = 64;
  static constexpr uint32_t kNone = UINT32_MAX;

  [[nodiscard]] uint32_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] BurstIndex burst(uint32_t position) const { return bursts_[position]; }
  [[nodiscard]] uint32_t bank(uint32_t position) const { return banks_[position]; }
  /// Banks with an entry.
  [[nodiscard]] uint64_t wanted() const { return wanted_; }

  void push(BurstIndex burst, uint32_t bank) {
    bursts_[size_] = burst;
    banks_[size_++] = static_cast<uint8_t>(bank);
    wanted_ |= uint64_t{1} << bank;
    ++of_bank_[bank];
  }
  /// The oldest entry at or after `from` of a bank in `banks`, or kNone.
  [[nodiscard]] uint32_t first_of(uint64_t banks, uint32_t from = 0) const {
    if ((wanted_ & banks) == 0) return kNone;
    for (uint32_t i = from; i < size_; ++i) {
      if ((banks >> banks_[i] & 1) != 0) return i;
    }
    return kNone;
  }
  void erase(uint32_t position) {
    const uint32_t bank = banks_[position];
    if (--of_bank_[bank] == 0) wanted_ &= ~(uint64_t{1} << bank);
    --size_;
    std::memmove(&bursts_[position], &bursts_[position + 1], (size_ - position) * sizeof(BurstIndex));
    std::memmove(&banks_[position], &banks_[position + 1], size_ - position);
  }

 private:
  uint32_t size_ = 0;
  uint64_t wanted_ = 0;
  std::array<BurstIndex, kMaxDepth + 1> bursts_{};
  std::array<uint8_t, kMaxDepth + 1> banks_{};
  std::array<uint8_t, kMaxBanks> of_bank_{};
};

}  // namespace vesper::ddr
