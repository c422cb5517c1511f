#include "platform/report/statistics.h"

#include <algorithm>
#include <set>

#include "platform/observe/format.h"

namespace vesper::report {

using Json = nlohmann::ordered_json;

namespace {

constexpr size_t kEven = 1000;
constexpr size_t kTail = 200;  // about as many, for a hundred million samples
constexpr double kRatio = 0.93;

std::set<size_t> ranks(size_t count) {
  std::set<size_t> all;
  if (count <= kEven + kTail) {
    for (size_t i = 1; i <= count; ++i) all.insert(i);
    return all;
  }
  for (size_t i = 0; i <= kEven; ++i) all.insert(std::max<size_t>(1, count * i / kEven));
  // From one sample in a hundred to the largest, in equal ratios.
  for (double above = static_cast<double>(count) / 100; above >= 1; above *= kRatio)
    all.insert(count - static_cast<size_t>(above));
  all.insert(count);
  return all;
}

}  // namespace

double seconds(Time time) {
  return static_cast<double>(time) / static_cast<double>(observe::kPicosecondsPerSecond);
}

Json seconds_or_null(const std::optional<Time>& time) { return time ? Json(seconds(*time)) : Json(nullptr); }

Json distribution_json(std::vector<Time>& samples) {
  if (samples.empty()) return nullptr;
  std::ranges::sort(samples);
  unsigned __int128 sum = 0;
  for (Time sample : samples) sum += sample;
  const size_t n = samples.size();
  auto percentile = [&](size_t percent) { return seconds(samples[(n * percent + 99) / 100 - 1]); };
  return {{"count", n},
          {"mean", seconds(static_cast<Time>((sum + n / 2) / n))},
          {"min", seconds(samples.front())},
          {"p50", percentile(50)},
          {"p95", percentile(95)},
          {"p99", percentile(99)},
          {"max", seconds(samples.back())}};
}

Json curve_json(const std::vector<Time>& sorted, Columns& columns) {
  std::vector<double> x, p;
  for (size_t rank : ranks(sorted.size())) {
    x.push_back(seconds(sorted[rank - 1]));
    p.push_back(static_cast<double>(rank) / static_cast<double>(sorted.size()));
  }
  return {{"x", columns.add(x)}, {"p", columns.add(p)}};
}

}  // namespace vesper::report
