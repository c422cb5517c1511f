/// Events by cycle, for delays of less than `kSlots` cycles: pushing and taking cost a few instructions.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace vesper::noc {

/// Which cycles hold events. A cycle's slot is its number modulo `kSlots`; all marked cycles lie in a window
/// of `kSlots` cycles from the current one.
class TimingWheel {
 public:
  static constexpr uint64_t kSlots = 256;
  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  static size_t slot(uint64_t cycle) { return cycle % kSlots; }
  void mark(uint64_t cycle) { words_[slot(cycle) / 64] |= uint64_t{1} << (cycle % 64); }
  void clear(uint64_t cycle) { words_[slot(cycle) / 64] &= ~(uint64_t{1} << (cycle % 64)); }

  /// The first marked cycle at or after `from`, which must not be before any marked one.
  [[nodiscard]] uint64_t next(uint64_t from) const {
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

 private:
  static constexpr size_t kWords = kSlots / 64;
  std::array<uint64_t, kWords> words_{};
};

}  // namespace vesper::noc
