#include "platform/observe/samples.h"

#include <algorithm>

namespace vesper::observe {

void Samples::compact() {
  std::ranges::sort(recent_);
  std::vector<Run> merged;
  auto append = [&](Time value, uint64_t count) {
    if (!merged.empty() && merged.back().value == value) {
      merged.back().count += count;
    } else {
      merged.push_back({value, count});
    }
  };
  auto run = runs_.begin();
  for (Time value : recent_) {
    for (; run != runs_.end() && run->value <= value; ++run) append(run->value, run->count);
    append(value, 1);
  }
  for (; run != runs_.end(); ++run) append(run->value, run->count);
  compacted_ += recent_.size();
  recent_.clear();
  runs_ = std::move(merged);
  limit_ = std::max(kCompactAt, runs_.size());
}

std::optional<Distribution> Samples::distribution() {
  if (count() == 0) return std::nullopt;
  compact();
  auto mean = static_cast<Time>((sum_ + compacted_ / 2) / compacted_);
  return Distribution{mean, percentile(50), percentile(95), percentile(99), runs_.back().value};
}

Time Samples::percentile(unsigned percent) const {
  uint64_t rank = (compacted_ * percent + 99) / 100;
  uint64_t passed = 0;
  auto found = std::ranges::find_if(runs_, [&](const Run& run) { return (passed += run.count) >= rank; });
  return found->value;
}

}  // namespace vesper::observe
