/// The line that tells how far a run is, on a terminal; silent elsewhere.
///
/// Shows simulated time, its rate and the time left at most ten times a second. Wall-clock time is read here
/// and in PerformanceMeter only.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "platform/observe/observer.h"

namespace vesper::observe {

class Progress {
 public:
  using Seconds = std::chrono::duration<double>;
  using Clock = std::function<Seconds()>;
  using Print = std::function<void(const std::string&)>;

  /// On standard error, if that is a terminal. `until` 0: the end is not known.
  explicit Progress(Time until);
  Progress(Time until, Clock clock, Print print);

  /// Simulated time is now `now`.
  void update(Time now);
  /// Wipes the line.
  void finish();
  /// How much to simulate before the next update, so that updates come some tens of milliseconds apart.
  [[nodiscard]] Time slice() const { return slice_; }

 private:
  [[nodiscard]] std::string line(Time now, Seconds elapsed) const;
  void adapt_slice(Seconds since_update);

  Time until_;
  Clock clock_;
  Print print_;  ///< empty: silent
  Seconds start_;
  Seconds updated_;
  Seconds shown_;
  Time slice_;
  bool visible_ = false;
};

}  // namespace vesper::observe
