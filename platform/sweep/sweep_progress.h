/// The line that tells how far a sweep is, on a terminal; silent elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace vesper::sweep {

class SweepProgress {
 public:
  using Clock = std::function<double()>;  ///< seconds
  using Print = std::function<void(const std::string&)>;

  /// On standard error, if that is a terminal. `before`: points an earlier start has done.
  SweepProgress(uint64_t points, uint64_t before);
  SweepProgress(uint64_t points, uint64_t before, Clock clock, Print print);

  /// So many points are done, those of earlier starts included.
  void update(uint64_t done);
  /// Wipes the line.
  void finish();

 private:
  [[nodiscard]] std::string line(uint64_t done, double elapsed) const;

  uint64_t points_;
  uint64_t before_;
  Clock clock_;
  Print print_;
  double start_;
  double shown_;
  bool visible_ = false;
};

}  // namespace vesper::sweep
