/// Integer time of offline analysis, in cycles of the accelerator's clock. Sums are taken in 128 bits and
/// come back to 64 by `narrow`: what does not fit is an error, never a wrong number.
#pragma once

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace vesper::offline {

using Cycles = int64_t;
using Wide = __int128;
constexpr Cycles kMostCycles = std::numeric_limits<Cycles>::max();

/// An analysis that cannot be made of this input; the message says why.
class AnalysisError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `what` names the quantity in the error.
inline Cycles narrow(Wide value, const char* what) {
  if (value > kMostCycles || value < std::numeric_limits<Cycles>::min()) {
    throw AnalysisError(std::string(what) + " overflows 64 bits");
  }
  return static_cast<Cycles>(value);
}

}  // namespace vesper::offline
