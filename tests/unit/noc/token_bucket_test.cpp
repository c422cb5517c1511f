#include "models/noc/token_bucket.h"

#include <gtest/gtest.h>

namespace vesper::noc {
namespace {

constexpr uint64_t kClock = 1'000'000'000;

TEST(TokenBucket, LetsABurstPassAtOnceAndThenTheRate) {
  TokenBucket bucket(2'000'000'000, 512, kClock);  // 2 bytes a cycle
  EXPECT_EQ(bucket.ready(256, 100), 100U);
  bucket.take(256, 100);
  EXPECT_EQ(bucket.ready(256, 100), 100U);
  bucket.take(256, 100);
  EXPECT_EQ(bucket.ready(256, 100), 228U);
  EXPECT_EQ(bucket.ready(256, 200), 228U);
}

TEST(TokenBucket, SustainsExactlyTheRateOverALongTime) {
  TokenBucket bucket(3'000'000'000, 512, kClock);
  uint64_t cycle = 0, bytes = 0;
  while (cycle < 1'000'000) {
    cycle = bucket.ready(256, cycle);
    bucket.take(256, cycle);
    bytes += 256;
  }
  EXPECT_NEAR(static_cast<double>(bytes) / static_cast<double>(cycle), 3.0, 0.002);
}

TEST(TokenBucket, DoesNotSaveMoreThanTheBurst) {
  TokenBucket bucket(1'000'000'000, 256, kClock);
  bucket.take(256, 0);
  EXPECT_EQ(bucket.ready(256, 1'000'000'000'000), 1'000'000'000'000U);
  bucket.take(256, 1'000'000'000'000);
  EXPECT_EQ(bucket.ready(256, 1'000'000'000'000), 1'000'000'000'256U);
}

TEST(TokenBucket, RateZeroDoesNotRegulate) {
  TokenBucket bucket(0, 0, kClock);
  bucket.take(4096, 0);
  EXPECT_EQ(bucket.ready(4096, 7), 7U);
}

}  // namespace
}  // namespace vesper::noc
