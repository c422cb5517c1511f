/// Finds loops without end at one instant of simulated time: processes that wake each other in delta cycles
/// for ever.
///
/// The kernel tells it of every delta cycle, as it does trace files; that costs a virtual call and a
/// comparison.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace vesper::builder {

/// Delta cycles at one instant that no model needs: built-in ones take some tens.
constexpr uint64_t kMostDeltas = 1'000'000;

class DeltaWatch {
 public:
  explicit DeltaWatch(uint64_t most = kMostDeltas);
  ~DeltaWatch();
  DeltaWatch(const DeltaWatch&) = delete;
  DeltaWatch& operator=(const DeltaWatch&) = delete;

  /// The simulation was paused because an instant has lasted for too many delta cycles.
  [[nodiscard]] bool struck() const;
  /// Names of the processes that run in the next delta cycles, sorted. To be called when it has struck.
  [[nodiscard]] std::set<std::string> runners() const;

 private:
  class Counter;
  Counter* counter_;  ///< the kernel's from the time it is registered: SystemC never lets go of it
};

}  // namespace vesper::builder
