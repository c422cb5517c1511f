#include "platform/observe/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/observe/format.h"

namespace vesper::observe {
namespace {

using Seconds = Progress::Seconds;

constexpr Seconds kBetweenLines{0.1};
constexpr Seconds kShortestSlice{0.02};
constexpr Seconds kLongestSlice{0.05};
constexpr Time kFirstSlice = 1'000'000'000;  // 1 ms
constexpr Time kLeastSlice = 1'000'000;      // 1 us

Time picoseconds(double seconds) {
  return static_cast<Time>(seconds * static_cast<double>(kPicosecondsPerSecond));
}

}  // namespace

Progress::Progress(Time until, StatusLine::Terminal terminal)
    : until_(until),
      line_(std::move(terminal), kBetweenLines),
      updated_(line_.start()),
      slice_(kFirstSlice) {}

void Progress::update(Time now) {
  Seconds wall = line_.now();
  adapt_slice(wall - updated_);
  updated_ = wall;
  if (line_.due(wall)) line_.show(wall, text(now, wall - line_.start()));
}

void Progress::adapt_slice(Seconds since_update) {
  if (since_update < kShortestSlice) {
    slice_ = std::min(slice_ * 2, kPicosecondsPerSecond);
  } else if (since_update > kLongestSlice) {
    slice_ = std::max(slice_ / 2, kLeastSlice);
  }
}

std::string Progress::text(Time now, Seconds elapsed) const {
  double rate = static_cast<double>(now) / elapsed.count();  // simulated picoseconds a second
  std::string speed = readable_time(static_cast<Time>(rate)) + " simulated a second";
  if (until_ == 0) return fmt::format("{}, {}", readable_time(now), speed);
  std::string line = fmt::format("{:3} %  {} of {}, {}", now * 100 / until_, readable_time(now),
                                 readable_time(until_), speed);
  if (rate <= 0) return line;
  double left = static_cast<double>(until_ - std::min(now, until_)) / rate;
  return line + ", " + readable_time(picoseconds(left)) + " left";
}

}  // namespace vesper::observe
