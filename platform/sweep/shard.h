/// A share of a sweep's points: `i/n` has the points i-1, i-1+n, i-1+2n, ...
#pragma once

#include <cstdint>
#include <string>

namespace vesper::sweep {

struct Shard {
  uint64_t number = 1;
  uint64_t count = 1;

  bool operator==(const Shard&) const = default;
  [[nodiscard]] bool has(uint64_t point) const { return point % count == number - 1; }
  /// How many of so many points are its own.
  [[nodiscard]] uint64_t size(uint64_t points) const { return (points + count - number) / count; }
  [[nodiscard]] std::string text() const { return std::to_string(number) + "/" + std::to_string(count); }
};

/// Reads `i/n`; throws InputError unless 1 <= i <= n <= 100000.
Shard parse_shard(const std::string& text);

}  // namespace vesper::sweep
