#include "schedulers/offline/spatial_map.h"

#include <algorithm>
#include <numeric>

namespace vesper::offline {
namespace {

constexpr uint8_t kNone = 0xFF;

void shuffle(std::vector<uint8_t>& items, Random& random) {
  for (size_t left = items.size(); left > 1; --left)
    std::swap(items[left - 1], items[random.below(static_cast<uint32_t>(left))]);
}

}  // namespace

StageMap canonical(const StageMap& map) {
  std::vector<uint8_t> number(256, kNone);
  uint8_t next = 0;
  StageMap out;
  for (uint8_t accelerator : map) {
    if (number[accelerator] == kNone) number[accelerator] = next++;
    out.push_back(number[accelerator]);
  }
  return out;
}

uint32_t accelerators_of(const StageMap& map) {
  return map.empty() ? 0 : *std::max_element(map.begin(), map.end()) + 1U;
}

StageSet stages_of(const StageMap& map, uint8_t accelerator) {
  StageSet bits = 0;
  for (size_t stage = 0; stage < map.size(); ++stage) {
    if (map[stage] == accelerator) bits |= 1U << stage;
  }
  return bits;
}

std::string text_of(const StageMap& map, const std::vector<std::string>& stages) {
  std::string text;
  for (uint8_t accelerator = 0; accelerator < accelerators_of(map); ++accelerator) {
    if (accelerator > 0) text += " |";
    for (size_t stage = 0; stage < map.size(); ++stage) {
      if (map[stage] == accelerator) text += (text.empty() ? "" : " ") + stages[stage];
    }
  }
  return text;
}

uint32_t Random::below(uint32_t n) {
  // The largest multiple of n; what lies above would favour small numbers.
  uint64_t whole = UINT64_MAX - UINT64_MAX % n;
  uint64_t drawn = bits_();
  while (drawn >= whole) drawn = bits_();
  return static_cast<uint32_t>(drawn % n);
}

MapSpace::MapSpace(std::vector<bool> recurring, uint32_t least, uint32_t most)
    : recurring_(std::move(recurring)), least_(least), most_(most) {
  if (std::ranges::find(recurring_, true) == recurring_.end()) recurring_.assign(recurring_.size(), true);
  for (size_t stage = 0; stage < recurring_.size(); ++stage) {
    if (recurring_[stage]) recurring_stages_.push_back(static_cast<uint8_t>(stage));
  }
  most_ = std::min(most_, MapSpace::recurring());
}

uint32_t MapSpace::counted(const StageMap& map) const {
  uint32_t used = 0;
  for (uint8_t stage : recurring_stages_) used |= 1U << map[stage];
  return static_cast<uint32_t>(__builtin_popcount(used));
}

bool MapSpace::has(const StageMap& map) const {
  uint32_t count = counted(map);
  return count >= least_ && count <= most_;
}

StageMap MapSpace::draw(Random& random) const {
  StageMap map(recurring_.size(), kNone);
  uint32_t count = least_ + random.below(most_ - least_ + 1);
  std::vector<uint8_t> stages = recurring_stages_;
  shuffle(stages, random);
  for (uint32_t i = 0; i < stages.size(); ++i)
    map[stages[i]] = static_cast<uint8_t>(i < count ? i : random.below(count));
  uint32_t used = count;
  for (uint8_t& accelerator : map) {
    if (accelerator != kNone) continue;
    accelerator = static_cast<uint8_t>(random.below(used + 1));
    used = std::max<uint32_t>(used, accelerator + 1U);
  }
  return canonical(map);
}

StageMap crossover(const StageMap& head, const StageMap& tail, size_t cut) {
  StageMap child(head.begin(), head.begin() + static_cast<ptrdiff_t>(cut));
  child.insert(child.end(), tail.begin() + static_cast<ptrdiff_t>(cut), tail.end());
  return canonical(child);
}

StageMap mutated(const StageMap& map, Random& random) {
  if (accelerators_of(map) < 2) return map;
  auto stages = static_cast<uint32_t>(map.size());
  StageMap out = map;
  uint32_t one = 0, other = 0;
  do {
    one = random.below(stages);
    other = random.below(stages);
  } while (map[one] == map[other]);
  std::swap(out[one], out[other]);
  return canonical(out);
}

}  // namespace vesper::offline
