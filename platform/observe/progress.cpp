#include "platform/observe/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "platform/observe/format.h"

namespace vesper::observe {
namespace {

using Seconds = Progress::Seconds;

constexpr Seconds kBetweenLines{0.1};
constexpr Seconds kShortestSlice{0.02};
constexpr Seconds kLongestSlice{0.05};
constexpr Time kFirstSlice = 1'000'000'000;  // 1 ms
constexpr Time kLeastSlice = 1'000'000;      // 1 us
constexpr char kWipe[] = "\r\x1b[K";

Seconds wall_clock() { return std::chrono::steady_clock::now().time_since_epoch(); }

Progress::Print terminal() {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [](const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
  };
}

Time picoseconds(double seconds) {
  return static_cast<Time>(seconds * static_cast<double>(kPicosecondsPerSecond));
}

}  // namespace

Progress::Progress(Time until) : Progress(until, wall_clock, terminal()) {}

Progress::Progress(Time until, Clock clock, Print print)
    : until_(until),
      clock_(std::move(clock)),
      print_(std::move(print)),
      start_(clock_()),
      updated_(start_),
      shown_(start_),
      slice_(kFirstSlice) {}

void Progress::update(Time now) {
  Seconds wall = clock_();
  adapt_slice(wall - updated_);
  updated_ = wall;
  if (!print_ || wall - shown_ < kBetweenLines) return;
  shown_ = wall;
  visible_ = true;
  print_(kWipe + line(now, wall - start_));
}

void Progress::adapt_slice(Seconds since_update) {
  if (since_update < kShortestSlice) {
    slice_ = std::min(slice_ * 2, kPicosecondsPerSecond);
  } else if (since_update > kLongestSlice) {
    slice_ = std::max(slice_ / 2, kLeastSlice);
  }
}

std::string Progress::line(Time now, Seconds elapsed) const {
  double rate = static_cast<double>(now) / elapsed.count();  // simulated picoseconds a second
  std::string speed = readable_time(static_cast<Time>(rate)) + " simulated a second";
  if (until_ == 0) return fmt::format("{}, {}", readable_time(now), speed);
  std::string text = fmt::format("{:3} %  {} of {}, {}", now * 100 / until_, readable_time(now),
                                 readable_time(until_), speed);
  if (rate <= 0) return text;
  double left = static_cast<double>(until_ - std::min(now, until_)) / rate;
  return text + ", " + readable_time(picoseconds(left)) + " left";
}

void Progress::finish() {
  if (visible_) print_(kWipe);
  visible_ = false;
}

}  // namespace vesper::observe
