#include "platform/sweep/sweep_progress.h"

#include <fmt/format.h>

#include <cmath>

namespace vesper::sweep {
namespace {

using Seconds = observe::StatusLine::Seconds;

constexpr Seconds kBetweenLines{0.2};

std::string time_left(double seconds) {
  auto whole = static_cast<uint64_t>(std::ceil(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole % 3600 / 60);
}

}  // namespace

SweepProgress::SweepProgress(uint64_t points, uint64_t before, observe::StatusLine::Terminal terminal)
    : points_(points), before_(before), line_(std::move(terminal), kBetweenLines) {}

void SweepProgress::update(uint64_t done) {
  Seconds now = line_.now();
  if (line_.due(now)) line_.show(now, text(done, now - line_.start()));
}

std::string SweepProgress::text(uint64_t done, Seconds elapsed) const {
  std::string line = fmt::format("{:3} %  {} of {} points", done * 100 / points_, done, points_);
  double rate = static_cast<double>(done - before_) / elapsed.count();
  if (rate <= 0) return line;
  return line + fmt::format(", {:.3g} a second, {} left", rate,
                            time_left(static_cast<double>(points_ - done) / rate));
}

}  // namespace vesper::sweep
