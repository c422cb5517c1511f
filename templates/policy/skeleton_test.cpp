#include "tests/unit/policy/policy_fixture.h"

namespace vesper::policy {
namespace {

constexpr uint16_t kLong = 0;   // task of 5 regions
constexpr uint16_t kShort = 1;  // task of 2 regions

std::vector<TaskParameters> tasks() { return {{.regions = 5}, {.regions = 2}}; }

uint16_t task_that_runs(Scheduler& scheduler, Time now) {
  Instruction instruction;
  EXPECT_TRUE(scheduler->next(now, instruction));
  return instruction.task;
}

TEST(SkeletonPolicy, PreemptsForAJobWithFewerRegionsLeft) {
  Scheduler scheduler("skeleton", tasks());
  scheduler->release(kLong, 0, 0, 1000);
  EXPECT_EQ(task_that_runs(scheduler, 0), kLong);
  scheduler->release(kShort, 0, 10, 1000);
  scheduler->region_done({.at = 20});
  EXPECT_EQ(task_that_runs(scheduler, 20), kShort);
}

TEST(SkeletonPolicy, WithoutPreemptionAJobThatHasBegunGoesOn) {
  Scheduler scheduler("skeleton", tasks(), {{"preempts", 0}});
  scheduler->release(kLong, 0, 0, 1000);
  EXPECT_EQ(task_that_runs(scheduler, 0), kLong);
  scheduler->release(kShort, 0, 10, 1000);
  scheduler->region_done({.at = 20});
  EXPECT_EQ(task_that_runs(scheduler, 20), kLong);
}

TEST(SkeletonPolicy, AnEmptyQueueHasNothingToRun) {
  Scheduler scheduler("skeleton", tasks());
  Instruction instruction;
  EXPECT_FALSE(scheduler->next(0, instruction));
}

}  // namespace
}  // namespace vesper::policy
