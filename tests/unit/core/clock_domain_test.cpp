#include "models/core/clock_domain.h"

#include <gtest/gtest.h>

#include <random>

namespace vesper::core {
namespace {

using Wide = unsigned __int128;
constexpr Wide kPsPerSecond = 1'000'000'000'000;

/// The edge by its definition: ceil(n * 10^12 / f).
uint64_t defined_edge(uint64_t hz, Cycles n) {
  return static_cast<uint64_t>((n * kPsPerSecond + hz - 1) / hz);
}

TEST(ClockDomain, EdgesOf230MHz) {
  const ClockDomain clock(MHz(230));
  EXPECT_EQ(clock.edge(0), 0U);
  EXPECT_EQ(clock.edge(1), 4348U);  // 4347.83
  EXPECT_EQ(clock.edge(2), 8696U);  // 8695.65
  EXPECT_EQ(clock.edge(23), 100'000U);
  EXPECT_EQ(clock.edge(230'000'000), 1'000'000'000'000U) << "a second is a second: no drift";
  EXPECT_EQ(clock.edge(230'000'000ULL * 86'400), 86'400'000'000'000'000U);
}

TEST(ClockDomain, WholePeriodsAreMultiples) {
  const ClockDomain clock(MHz(1000));
  EXPECT_EQ(clock.edge(12'345), 12'345'000U);
  EXPECT_EQ(clock.cycle_at_or_after(12'345'000), 12'345U);
  EXPECT_EQ(clock.cycle_at_or_after(12'345'001), 12'346U);
  EXPECT_EQ(clock.edge_at_or_after(12'344'001), 12'345'000U);
  EXPECT_EQ(clock.after(12'344'001, 10), 12'355'000U);
}

TEST(ClockDomain, EdgesAreExactForEveryFrequency) {
  std::mt19937_64 random{1};
  for (int i = 0; i < 100'000; ++i) {
    uint64_t hz = i % 2 == 0 ? 230'000'000 : 1 + random() % 10'000'000'000;
    const ClockDomain clock({hz});
    Cycles n = random() % (1ULL << (1 + random() % 40));
    if (n * kPsPerSecond / hz > (uint64_t{1} << 62)) continue;
    ASSERT_EQ(clock.edge(n), defined_edge(hz, n)) << n << " at " << hz;
  }
}

TEST(ClockDomain, CycleAtOrAfterInvertsEdge) {
  std::mt19937_64 random{2};
  for (int i = 0; i < 100'000; ++i) {
    uint64_t hz = i % 2 == 0 ? 230'000'000 : 1 + random() % 10'000'000'000;
    const ClockDomain clock({hz});
    uint64_t ps = random() % (1ULL << (1 + random() % 60));
    Cycles n = clock.cycle_at_or_after(ps);
    ASSERT_GE(clock.edge(n), ps) << hz;
    if (n > 0) {
      ASSERT_LT(clock.edge(n - 1), ps) << hz;
    }
    ASSERT_EQ(clock.cycle_at_or_after(clock.edge(n)), n) << hz;
    ASSERT_EQ(clock.edge_at_or_after(ps), clock.edge(n));
  }
}

TEST(ClockDomain, EdgesNeverRunBackwardsAndAreDistinct) {
  const ClockDomain clock(MHz(230));
  uint64_t before = 0;
  for (Cycles n = 1; n < 100'000; ++n) {
    uint64_t edge = clock.edge(n);
    ASSERT_TRUE(edge - before == 4347 || edge - before == 4348) << n;
    before = edge;
  }
}

}  // namespace
}  // namespace vesper::core
