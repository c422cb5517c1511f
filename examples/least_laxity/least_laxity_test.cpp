#include "tests/unit/policy/policy_fixture.h"

namespace vesper::policy {
namespace {

constexpr Time kUs = 1'000'000;

/// Two tasks of 4 regions: of 400 us, and of 40 us.
std::vector<TaskParameters> tasks() {
  return {{.regions = 4, .isolated_estimate = 400 * kUs}, {.regions = 4, .isolated_estimate = 40 * kUs}};
}

uint16_t task_that_runs(Scheduler& scheduler, Time now) {
  Instruction instruction;
  EXPECT_TRUE(scheduler->next(now, instruction));
  return instruction.task;
}

TEST(LeastLaxity, ALongJobWithALaterDeadlineMayBeTheMoreUrgent) {
  Scheduler scheduler("least_laxity", tasks());
  scheduler->release(0, 0, 0, 500 * kUs);  // laxity 100 us
  scheduler->release(1, 0, 0, 200 * kUs);  // laxity 160 us, the earlier deadline
  EXPECT_EQ(task_that_runs(scheduler, 0), 0);
}

TEST(LeastLaxity, AJobThatWaitsLosesLaxityUntilItIsItsTurn) {
  Scheduler scheduler("least_laxity", tasks());
  scheduler->release(0, 0, 0, 500 * kUs);
  scheduler->release(1, 0, 0, 200 * kUs);
  EXPECT_EQ(task_that_runs(scheduler, 0), 0);
  scheduler->region_done({.at = 100 * kUs});  // laxities 100 and 60 us
  EXPECT_EQ(task_that_runs(scheduler, 100 * kUs), 1);
}

TEST(LeastLaxity, HysteresisKeepsTheJobThatRuns) {
  Scheduler scheduler("least_laxity", tasks(), {{"hysteresis", 41}});
  scheduler->release(0, 0, 0, 500 * kUs);
  scheduler->release(1, 0, 0, 200 * kUs);
  EXPECT_EQ(task_that_runs(scheduler, 0), 0);
  scheduler->region_done({.at = 100 * kUs});
  EXPECT_EQ(task_that_runs(scheduler, 100 * kUs), 0);
}

}  // namespace
}  // namespace vesper::policy
