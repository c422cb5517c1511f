/// The line that tells how far a sweep is, on a terminal; silent elsewhere.
#pragma once

#include <cstdint>
#include <string>

#include "platform/observe/status_line.h"

namespace vesper::sweep {

class SweepProgress {
 public:
  /// `before`: points an earlier start has done.
  SweepProgress(uint64_t points, uint64_t before,
                observe::StatusLine::Terminal terminal = observe::StatusLine::Terminal::standard());

  /// So many points are done, those of earlier starts included.
  void update(uint64_t done);
  /// Wipes the line.
  void finish() { line_.wipe(); }

 private:
  [[nodiscard]] std::string text(uint64_t done, observe::StatusLine::Seconds elapsed) const;

  uint64_t points_;
  uint64_t before_;
  observe::StatusLine line_;
};

}  // namespace vesper::sweep
