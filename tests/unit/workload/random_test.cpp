#include "platform/property/random.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>

namespace vesper::workload {
namespace {

TEST(SplitMix64Test, GivesThePublishedSequence) {
  // First outputs of the reference implementation (Vigna, prng.di.unimi.it/splitmix64.c) for seed 1234567.
  SplitMix64 random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
  EXPECT_EQ(random.next(), 9817491932198370423U);
}

TEST(SplitMix64Test, UpToCoversItsRangeEvenly) {
  SplitMix64 random(7);
  std::array<int, 5> counts{};
  for (int i = 0; i < 50'000; ++i) {
    uint64_t drawn = random.up_to(4);
    ASSERT_LE(drawn, 4U);
    ++counts[drawn];
  }
  for (int count : counts) EXPECT_NEAR(count, 10'000, 400);  // 4.5 standard deviations
}

TEST(SplitMix64Test, UpToZeroAndUpToEverything) {
  SplitMix64 random(7);
  EXPECT_EQ(random.up_to(0), 0U);
  SplitMix64 a(9);
  SplitMix64 b(9);
  EXPECT_EQ(a.up_to(~0ULL), b.next());
}

TEST(NegativeLogTest, AgreesWithTheMathematicalLogarithm) {
  SplitMix64 random(3);
  for (int i = 0; i < 10'000; ++i) {
    uint64_t x = random.next() >> (i % 60);
    if (x == 0) continue;
    long double expected = 64 * std::log(2.0L) - std::log(static_cast<long double>(x));
    long double actual = static_cast<long double>(negative_log_q48(x)) / static_cast<long double>(1ULL << 48);
    ASSERT_NEAR(static_cast<double>(actual - expected), 0, 0x1p-46) << x;
  }
}

TEST(ExponentialTest, HasItsMeanAndItsTail) {
  SplitMix64 random(11);
  constexpr uint64_t kMean = 1'000'000'000;
  constexpr int kDraws = 200'000;
  double sum = 0;
  int beyond_three_means = 0;
  for (int i = 0; i < kDraws; ++i) {
    uint64_t drawn = random.exponential(kMean);
    sum += static_cast<double>(drawn);
    beyond_three_means += drawn > 3 * kMean ? 1 : 0;
  }
  EXPECT_NEAR(sum / kDraws / kMean, 1.0, 0.01);                              // 4.5 standard deviations
  EXPECT_NEAR(beyond_three_means / double{kDraws}, std::exp(-3.0), 0.0022);  // 4.5 standard deviations
}

TEST(ExponentialTest, IsTheSameOnEveryMachine) {
  SplitMix64 random(1);
  std::array<uint64_t, 4> drawn{};
  for (uint64_t& value : drawn) value = random.exponential(1'000'000'000);
  EXPECT_THAT(drawn, ::testing::ElementsAre(568169510U, 293322272U, 29425975U, 811121996U));
}

TEST(StreamSeedTest, StreamsDiffer) {
  EXPECT_NE(stream_seed(1, 0), stream_seed(1, 1));
  EXPECT_NE(stream_seed(1, 0), stream_seed(2, 0));
  EXPECT_EQ(stream_seed(5, 3), stream_seed(5, 3));
}

}  // namespace
}  // namespace vesper::workload
