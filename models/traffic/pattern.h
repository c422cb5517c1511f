/// Which requests a traffic generator makes, and in what order. SystemC-free; one implementation a file.
#pragma once

#include <cstdint>
#include <optional>

namespace vesper::traffic {

struct Access {
  uint64_t address = 0;
  uint32_t bytes = 0;  ///< at most 4 KiB, and not across a 4 KiB boundary
  bool write = false;
  uint64_t earliest = 0;  ///< not to be requested before it, picoseconds
};

class Pattern {
 public:
  Pattern() = default;
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  virtual ~Pattern() = default;
  /// The next request, or none at the end of the pattern.
  virtual std::optional<Access> next() = 0;
};

}  // namespace vesper::traffic
