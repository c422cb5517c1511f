#include "schedulers/weaving/schedule.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <ostream>
#include <random>
#include <vector>

#include "schedulers/offline/npu_timeline.h"

namespace vesper::weaving {
namespace {

void append(Schedule& schedule, const Layer& layer) { schedule.append(layer, schedule.place(layer)); }

// {compute, fetch}
TEST(Schedule, KeepsTheStateOfFigure8) {
  Schedule schedule(100);
  append(schedule, {100, 60});
  EXPECT_EQ(schedule.fetched(), 60U);
  EXPECT_EQ(schedule.computed(), 160U);
  EXPECT_EQ(schedule.distance(), 100U);
  EXPECT_EQ(schedule.room(), 40U);
  Placed placed = schedule.place({10, 70});
  EXPECT_EQ(placed.fetched, 190U);
  EXPECT_EQ(placed.computed, 200U);
}

TEST(Schedule, WhatIsLeftMayEqualWhatIsFreed) {
  Schedule schedule(100);
  append(schedule, {50, 60});                        // frees 60 at 110
  append(schedule, {200, 40});                       // frees 40 at 310
  EXPECT_EQ(schedule.place({1, 60}).fetched, 170U);  // not 310
  EXPECT_EQ(schedule.place({1, 61}).fetched, 311U);
}

TEST(Schedule, CountsWhatCanBeFetchedBehindALayer) {
  Schedule schedule(100);
  append(schedule, {100, 20});  // computes 20 .. 120
  append(schedule, {100, 30});  // fetched at 50, computes 120 .. 220
  Layer layer{10, 10};          // fetched at 60
  // 40 at once, 20 when the first one ends at 120, and nothing more before 220.
  EXPECT_EQ(schedule.fetchable_behind(layer, schedule.place(layer)), 60U);
  Layer large{10, 90};  // 50 at once, 20 at 120 .. 140, the rest from 220 on
  EXPECT_EQ(schedule.fetchable_behind(large, schedule.place(large)), 0U);
}

struct Mix {
  const char* name;
  uint64_t compute, fetch;  // at most
};
void PrintTo(const Mix& mix, std::ostream* out) { *out << mix.name; }

class RandomSchedule : public ::testing::TestWithParam<Mix> {
 protected:
  Layer draw() {
    auto upto = [this](uint64_t most) { return random_() % (most + 1); };
    bool none = random_() % 8 == 0;
    return {upto(GetParam().compute), none ? 0 : upto(GetParam().fetch)};
  }
  std::mt19937_64 random_{1};
};

TEST_P(RandomSchedule, IsWhatTheNpuDoes) {
  constexpr Ticks kBuffer = 1000;
  Schedule schedule(kBuffer);
  std::vector<Layer> layers;
  std::vector<Placed> estimates;
  for (int i = 0; i < 20'000; ++i) {
    layers.push_back(draw());
    append(schedule, layers.back());
    estimates.push_back({schedule.fetched(), schedule.computed()});
  }
  std::vector<offline::LayerTimes> times = offline::npu_timeline(kBuffer, layers);
  for (size_t i = 0; i < layers.size(); ++i) {
    ASSERT_EQ(times[i].fetch_end, estimates[i].fetched) << i;
    ASSERT_EQ(times[i].compute_end, estimates[i].computed) << i;
  }
}

/// Fetches one tick after the other behind a layer, on the reference: those that end by the time its
/// computation could start.
Ticks fetched_behind(Ticks buffer, std::vector<Layer> layers, const Layer& layer, Ticks until) {
  layers.push_back(layer);
  size_t behind = layers.size();
  layers.insert(layers.end(), buffer, Layer{0, 1});
  std::vector<offline::LayerTimes> times = offline::npu_timeline(buffer, layers, ~0U);
  return static_cast<Ticks>(std::count_if(times.begin() + static_cast<int64_t>(behind), times.end(),
                                          [&](const auto& t) { return t.fetch_end <= until; }));
}

TEST_P(RandomSchedule, CountsWhatTheNpuCouldFetchBehindALayer) {
  constexpr Ticks kBuffer = 300;
  Schedule schedule(kBuffer);
  std::vector<Layer> layers;
  int counted = 0;
  for (int i = 0; i < 300; ++i) {
    layers.push_back(draw());
    layers.back().fetch = std::min(layers.back().fetch, kBuffer);
    append(schedule, layers.back());
    Layer next = draw();
    next.fetch = std::min(next.fetch, kBuffer);
    Placed placed = schedule.place(next);
    if (placed.fetched >= schedule.computed()) {
      EXPECT_EQ(schedule.fetchable_behind(next, placed), 0U);
      continue;
    }
    ASSERT_EQ(schedule.fetchable_behind(next, placed),
              fetched_behind(kBuffer, layers, next, schedule.computed()))
        << i;
    ++counted;
  }
  EXPECT_GT(counted, 20);
}

INSTANTIATE_TEST_SUITE_P(Mixes, RandomSchedule,
                         ::testing::Values(Mix{"ComputeBound", 400, 100}, Mix{"MemoryBound", 50, 400},
                                           Mix{"Balanced", 200, 200}, Mix{"LargeLayers", 1000, 1000},
                                           Mix{"ManySmall", 40, 1}),
                         [](const auto& mix) { return std::string(mix.param.name); });

}  // namespace
}  // namespace vesper::weaving
