#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "platform/property/random.h"
#include "schedulers/offline/cycles.h"
#include "schedulers/offline/periods.h"
#include "schedulers/offline/uunifast.h"

namespace vesper::offline {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

std::vector<double> utilisations(size_t count, double total, uint64_t seed) {
  SplitMix64 random(seed);
  return uunifast(count, total, [&] { return random.next(); });
}

TEST(UUniFast, RootsAreThoseOfPow) {
  SplitMix64 random(1);
  for (unsigned k = 1; k <= 14; ++k) {
    for (int n = 0; n < 200; ++n) {
      uint64_t x = random.next();
      double root = std::ldexp(static_cast<double>(root_of_fraction(x, k)), -63);
      EXPECT_NEAR(root, std::pow(std::ldexp(static_cast<double>(x), -64), 1.0 / k), 1e-14);
    }
  }
  EXPECT_EQ(root_of_fraction(12'345, 1), 12'345U / 2);
}

TEST(UUniFast, SumsToTheTotalAndIsReproducible) {
  for (size_t count : {1, 2, 5, 15}) {
    for (double total : {0.5, 0.95, 1.0, 3.0}) {
      std::vector<double> shares = utilisations(count, total, 42);
      EXPECT_EQ(shares.size(), count);
      EXPECT_THAT(std::accumulate(shares.begin(), shares.end(), 0.0), DoubleNear(total, 1e-12));
      for (double share : shares) EXPECT_GE(share, 0);
      EXPECT_EQ(shares, utilisations(count, total, 42));
    }
  }
  EXPECT_NE(utilisations(3, 1, 1), utilisations(3, 1, 2));
}

// Uniform over the simplex: each share is beta distributed, P(u > x) = (1 - x)^(n-1).
TEST(UUniFast, IsUniform) {
  constexpr int kDraws = 20'000;
  SplitMix64 random(3);
  for (size_t n : {2, 4}) {
    std::vector<int> above(n, 0);
    for (int i = 0; i < kDraws; ++i) {
      std::vector<double> shares = uunifast(n, 1, [&] { return random.next(); });
      for (size_t k = 0; k < n; ++k) above[k] += shares[k] > 0.3 ? 1 : 0;
    }
    double expected = std::pow(0.7, static_cast<double>(n - 1));
    double deviation = std::sqrt(expected * (1 - expected) / kDraws);
    for (int count : above) EXPECT_NEAR(static_cast<double>(count) / kDraws, expected, 5 * deviation);
  }
}

TEST(UUniFast, RefusesNonsense) {
  EXPECT_THROW(utilisations(0, 1, 1), AnalysisError);
  EXPECT_THROW(utilisations(2, 0, 1), AnalysisError);
  EXPECT_THROW(utilisations(2, -1, 1), AnalysisError);
  EXPECT_THROW(utilisations(2, std::nan(""), 1), AnalysisError);
}

TEST(Periods, ExactAndRounded) {
  const std::vector<Cycles> execution{1'000, 3'000};
  EXPECT_THAT(find_period_method("exact")->make(execution, std::vector<double>{0.5, 0.7}, {}),
              ElementsAre(2'000, 4'286));
  EXPECT_THAT(find_period_method("rounded")->make(execution, std::vector<double>{0.5, 0.01}, {}),
              ElementsAre(230'000, 460'000));
  EXPECT_EQ(find_period_method("none"), nullptr);
}

TEST(Periods, PublishedShrinksTheFirstUntilTheUtilisationIsMet) {
  // 2 000 000 and 3 000 000 round up to 2 070 000 and 3 220 000: the first shrinks by 1000 until
  // 1000000/p + 1500000/3220000 >= 1, so to 1 872 000.
  const std::vector<Cycles> execution{1'000'000, 1'500'000};
  const std::vector<double> halves{0.5, 0.5};
  EXPECT_THAT(find_period_method("published")->make(execution, halves, {.search = 0}),
              ElementsAre(1'872'000, 3'220'000));
  // Of 1 872 000 .. 1 840 000, 4/7 of the second period has the least hyperperiod.
  EXPECT_THAT(find_period_method("published")->make(execution, halves, {.search = 32}),
              ElementsAre(1'840'000, 3'220'000));
}

TEST(Periods, RefusesNonsense) {
  auto make = [](std::vector<Cycles> execution, std::vector<double> shares, PeriodRounding rounding) {
    return find_period_method("published")->make(execution, shares, rounding);
  };
  EXPECT_THROW(make({1'000}, {0}, {}), AnalysisError);
  EXPECT_THROW(make({0}, {0.5}, {}), AnalysisError);
  EXPECT_THROW(make({1'000, 1'000}, {0.5}, {}), AnalysisError);
  EXPECT_THROW(make({1'000}, {0.5}, {.base = 0}), AnalysisError);
  EXPECT_THROW(make({1'000}, {0.5}, {.step = 0}), AnalysisError);
  EXPECT_THROW(make({kMostCycles}, {0.5}, {}), AnalysisError) << "overflows";
  EXPECT_THROW(make({1'000}, {1e-300}, {}), AnalysisError) << "overflows";
}

}  // namespace
}  // namespace vesper::offline
