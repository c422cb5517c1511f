#include "models/cpu/instruction_clock.h"

#include <gtest/gtest.h>

namespace vesper::cpu {
namespace {

TEST(InstructionClock, CountsWholeCyclesWithoutDrift) {
  InstructionClock clock(MHz(1400), ratio(1));
  clock.resume(0, 0);
  EXPECT_EQ(clock.time(0), 0U);
  EXPECT_EQ(clock.time(7), 5000U);
  EXPECT_EQ(clock.time(1'400'000'000), 1'000'000'000'000U);
  EXPECT_EQ(clock.time(1), 715U);  // 714.28 ps, at the first whole picosecond not before it
}

TEST(InstructionClock, ResumesAtTheNextEdge) {
  InstructionClock clock(MHz(1000), ratio(2));
  clock.resume(1500, 10);
  EXPECT_EQ(clock.time(10), 2000U);
  EXPECT_EQ(clock.time(13), 8000U);
}

TEST(InstructionClock, KeepsFractionsOfCyclesAcrossStalls) {
  InstructionClock clock(MHz(1000), {750'000});
  clock.resume(0, 0);
  EXPECT_EQ(clock.time(1), 0U);
  EXPECT_EQ(clock.time(2), 1000U);
  clock.resume(clock.time(1), 1);
  EXPECT_EQ(clock.time(2), 1000U);
  EXPECT_EQ(clock.time(5), 3000U);
}

TEST(InstructionClock, FindsTheInstructionThatReachesATime) {
  InstructionClock clock(MHz(1400), {1'300'000});
  clock.resume(12'345, 100);
  for (uint64_t ps : {0ULL, 12'345ULL, 13'000ULL, 100'000ULL, 999'999'999ULL}) {
    uint64_t n = clock.instructions_until(ps, 100);
    EXPECT_GE(clock.time(100 + n), ps);
    if (n > 0) {
      EXPECT_LT(clock.time(100 + n - 1), ps);
    }
  }
}

TEST(InstructionClock, StandsStillWhenInfinitelyFast) {
  InstructionClock clock(MHz(1400), ratio(0));
  clock.resume(777, 0);
  EXPECT_EQ(clock.time(1'000'000), 777U);
}

}  // namespace
}  // namespace vesper::cpu
