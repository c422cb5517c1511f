#include "platform/sweep/sweep_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>

namespace vesper::sweep {
namespace {

constexpr double kBetweenLines = 0.2;
constexpr char kWipe[] = "\r\x1b[K";

double wall_clock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

SweepProgress::Print terminal() {
  if (isatty(STDERR_FILENO) == 0) return {};
  return [](const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
  };
}

std::string time_left(double seconds) {
  auto whole = static_cast<uint64_t>(std::ceil(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole % 3600 / 60);
}

}  // namespace

SweepProgress::SweepProgress(uint64_t points, uint64_t before)
    : SweepProgress(points, before, wall_clock, terminal()) {}

SweepProgress::SweepProgress(uint64_t points, uint64_t before, Clock clock, Print print)
    : points_(points),
      before_(before),
      clock_(std::move(clock)),
      print_(std::move(print)),
      start_(clock_()),
      shown_(start_) {}

void SweepProgress::update(uint64_t done) {
  if (!print_) return;
  double now = clock_();
  if (now - shown_ < kBetweenLines) return;
  shown_ = now;
  visible_ = true;
  print_(kWipe + line(done, now - start_));
}

std::string SweepProgress::line(uint64_t done, double elapsed) const {
  std::string text = fmt::format("{:3} %  {} of {} points", done * 100 / points_, done, points_);
  double rate = static_cast<double>(done - before_) / elapsed;
  if (rate <= 0) return text;
  return text + fmt::format(", {:.3g} a second, {} left", rate,
                            time_left(static_cast<double>(points_ - done) / rate));
}

void SweepProgress::finish() {
  if (visible_) print_(kWipe);
  visible_ = false;
}

}  // namespace vesper::sweep
