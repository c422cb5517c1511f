// Where a run ends early.
#include "platform/observe/run_limits.h"

#include <gtest/gtest.h>

namespace vesper::observe {
namespace {

class RunLimitsTest : public ::testing::Test {
 protected:
  RunLimits limits(bool at_first_miss, std::optional<uint64_t> most_regions) {
    return {at_first_miss, most_regions, [this] { ++stops_; }};
  }
  int stops_ = 0;
};

TEST_F(RunLimitsTest, AnEventAfterTheDeadlineOfAnUnfinishedJobFindsTheMiss) {
  RunLimits run = limits(true, std::nullopt);
  run.job_released({{0, 0}, 0, 100});
  run.job_released({{1, 0}, 0, 50});
  run.job_completed({1, 0}, 50);
  run.instruction_issued({{0, 0}, 0, false, false, {}, 100, 0});
  EXPECT_EQ(stops_, 0) << "in time is no miss";
  run.region_ended({{0, 0}, 0, false, 101, 101, 0});
  EXPECT_EQ(stops_, 1);
  EXPECT_EQ(run.reason(), StopReason::first_miss);
  run.job_completed({0, 0}, 120);
  EXPECT_EQ(stops_, 1) << "told once";
}

TEST_F(RunLimitsTest, ALateCompletionIsAMiss) {
  RunLimits run = limits(true, std::nullopt);
  run.job_released({{0, 0}, 0, 100});
  run.job_completed({0, 0}, 101);
  EXPECT_EQ(run.reason(), StopReason::first_miss);
}

TEST_F(RunLimitsTest, AFailedJobIsAMiss) {
  RunLimits run = limits(true, std::nullopt);
  run.job_released({{0, 0}, 0, 100});
  run.job_failed({0, 0}, 10);
  EXPECT_EQ(run.reason(), StopReason::first_miss);
}

TEST_F(RunLimitsTest, MissesGoOnWhereTheyAreNoLimit) {
  RunLimits run = limits(false, 3);
  run.job_released({{0, 0}, 0, 100});
  run.job_completed({0, 0}, 101);
  for (int region = 0; region < 2; ++region) run.instruction_issued({{0, 1}, 0, false, false, {}, 200, 0});
  EXPECT_EQ(run.reason(), StopReason::none);
  run.instruction_issued({{0, 1}, 0, false, false, {}, 200, 0});
  EXPECT_EQ(run.reason(), StopReason::regions);
  EXPECT_EQ(stops_, 1);
}

TEST_F(RunLimitsTest, ARunEndsWithTheLastOfItsRequestsServedOrGivenUp) {
  RunLimits run(
      false, std::nullopt, [this] { ++stops_; }, ExpectedJobs{1, 3});
  EXPECT_EQ(run.topics(), bit(Topic::job));
  run.job_completed({1, 0}, 10);
  run.job_completed({0, 0}, 11);  // of a task that serves none
  run.job_failed({2, 0}, 12);
  EXPECT_EQ(stops_, 0);
  EXPECT_EQ(run.served(), 2U);
  run.job_completed({2, 1}, 13);
  EXPECT_EQ(stops_, 1);
  EXPECT_EQ(run.reason(), StopReason::served);
}

}  // namespace
}  // namespace vesper::observe
