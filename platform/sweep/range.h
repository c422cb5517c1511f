/// Evenly spaced quantities, exact in decimals: `{from: 0.5, to: 1.0, step: 0.025}`,
/// `{from: 10 ms, to: 50 ms, step: 5 ms}`, `{count: 100}` (0 .. 99).
#pragma once

#include <cstdint>
#include <string>

#include "platform/property/node.h"

namespace vesper::sweep {

/// Whether a step has to be written, or is one of the last digit written (`from: 0.50` steps by 0.01).
enum class Step : uint8_t { written, of_last_digit };

class Range {
 public:
  /// Reads a map as above; `to` belongs to the range if steps reach it. Throws InputError when a key is
  /// unknown or missing, a value is no number, units differ, the step is not above 0 or `to` lies below
  /// `from`. `path` names the range in errors.
  static Range read(const Node& node, const std::string& path, Step step);

  [[nodiscard]] uint64_t size() const { return size_; }
  /// Written with the decimals it needs and its unit.
  [[nodiscard]] std::string at(uint64_t i) const;

 private:
  int64_t first_ = 0;  // in units of 10^-decimals
  int64_t step_ = 1;
  unsigned decimals_ = 0;
  std::string unit_;
  uint64_t size_ = 0;
};

}  // namespace vesper::sweep
