/// Events by cycle, for delays of less than `kSlots` cycles: pushing and taking cost a few instructions.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>

namespace vesper::noc {

/// Which cycles hold events. A cycle's slot is its number modulo `kSlots`; all marked cycles lie in a window
/// of `kSlots` cycles from the current one.
class TimingWheel {
 public:
  static constexpr uint64_t kSlots = 256;
  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  static size_t slot(uint64_t cycle) { return cycle % kSlots; }
  void mark(uint64_t cycle) {
    words_[slot(cycle) / 64] |= uint64_t{1} << (cycle % 64);
    next_ = std::min(next_, cycle);
  }
  /// Of the first marked cycle, or of one not marked.
  void clear(uint64_t cycle) {
    words_[slot(cycle) / 64] &= ~(uint64_t{1} << (cycle % 64));
    if (next_ == cycle) next_ = find(cycle);
  }
  /// The first marked cycle, or kNever.
  [[nodiscard]] uint64_t next() const { return next_; }

 private:
  static constexpr size_t kWords = kSlots / 64;

  [[nodiscard]] uint64_t find(uint64_t from) const {
    size_t start = slot(from);
    uint64_t first = words_[start / 64] >> (start % 64);
    if (first != 0) return from + static_cast<uint64_t>(std::countr_zero(first));
    uint64_t base = from - start % 64;
    for (size_t i = 1; i <= kWords; ++i) {
      uint64_t word = words_[(start / 64 + i) % kWords];
      if (word != 0) return base + i * 64 + static_cast<uint64_t>(std::countr_zero(word));
    }
    return kNever;
  }

  std::array<uint64_t, kWords> words_{};
  uint64_t next_ = kNever;
};

}  // namespace vesper::noc
