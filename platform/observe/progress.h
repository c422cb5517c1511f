/// The line that tells how far a run is, on a terminal; silent elsewhere.
///
/// Shows simulated time, its rate and the time left at most ten times a second. Wall-clock time is read here
/// and in PerformanceMeter only.
#pragma once

#include <string>

#include "platform/observe/observer.h"
#include "platform/observe/status_line.h"

namespace vesper::observe {

class Progress {
 public:
  using Seconds = StatusLine::Seconds;

  /// `until` 0: the end is not known.
  explicit Progress(Time until, StatusLine::Terminal terminal = StatusLine::Terminal::standard());

  /// Simulated time is now `now`.
  void update(Time now);
  /// Wipes the line.
  void finish() { line_.wipe(); }
  /// How much to simulate before the next update, so that updates come some tens of milliseconds apart.
  [[nodiscard]] Time slice() const { return slice_; }

 private:
  [[nodiscard]] std::string text(Time now, Seconds elapsed) const;
  void adapt_slice(Seconds since_update);

  Time until_;
  StatusLine line_;
  Seconds updated_;
  Time slice_;
};

}  // namespace vesper::observe
