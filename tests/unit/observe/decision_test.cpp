#include "fixture.h"
#include "platform/observe/decision_log.h"

namespace vesper::observe {
namespace {

class DecisionTrackerTest : public ::testing::Test {
 protected:
  void release(Time at, uint32_t job = 0) { tracker_.job_released({{kCamera, job}, at, at + ms(1), false}); }
  void region_ends(Time end, Time feedback, bool last) {
    tracker_.region_ended({{kCamera, 0}, 0, last, end, feedback, 0});
  }
  std::string decide(Time at) {
    auto trigger = tracker_.instruction_issued({{kCamera, 0}, 0, false, false, {}, at, 0});
    return trigger ? fmt::format("{} {}", name_of(trigger->cause), trigger->at) : "none";
  }

  DecisionTracker tracker_{1};
};

TEST_F(DecisionTrackerTest, FirstReleaseEndsTheFirstIdlePhase) {
  release(10);
  release(12, 1);
  EXPECT_EQ(decide(15), "release 10");
}

TEST_F(DecisionTrackerTest, FeedbackWhenTheJobGoesOn) {
  release(10);
  decide(15);
  region_ends(50, 52, false);
  EXPECT_EQ(decide(60), "feedback 52");
}

TEST_F(DecisionTrackerTest, FeedbackWhenAnotherJobWaits) {
  release(10);
  decide(15);
  release(20, 1);
  region_ends(50, 52, true);
  EXPECT_EQ(decide(60), "feedback 52");
}

TEST_F(DecisionTrackerTest, ReleaseAfterTheLastFeedback) {
  release(10);
  decide(15);
  region_ends(50, 52, true);
  release(70, 1);
  release(71, 2);
  EXPECT_EQ(decide(75), "release 70");
}

TEST_F(DecisionTrackerTest, ReleaseBetweenTheEndOfARegionAndItsFeedback) {
  release(10);
  decide(15);
  region_ends(50, 52, true);
  release(51, 1);
  EXPECT_EQ(decide(60), "feedback 52");
}

TEST_F(DecisionTrackerTest, AnInstructionAheadOfNeedHasNoTrigger) {
  release(10);
  decide(15);
  EXPECT_EQ(decide(20), "none");
}

TEST(DecisionTrackerOfTwoTest, ASecondAcceleratorWithNothingToDoWaitsForTheNextRelease) {
  DecisionTracker tracker(2);
  tracker.job_released({{kCamera, 0}, 10, 100, false});
  tracker.instruction_issued({{kCamera, 0}, 0, false, false, {}, 12, 0});
  tracker.job_released({{kLidar, 0}, 40, 100, false});
  EXPECT_EQ(tracker.instruction_issued({{kLidar, 0}, 0, false, false, {}, 43, 1})->at, 40);
}

TEST_F(DecisionTrackerTest, InstructionsAheadOfNeedHaveNoTrigger) {
  release(0);
  release(0, 1);
  EXPECT_EQ(decide(3), "release 0");
  EXPECT_EQ(decide(4), "none");
  EXPECT_EQ(decide(5), "none");
  region_ends(10, 10, false);
  EXPECT_EQ(decide(11), "none");
  region_ends(20, 20, false);
  region_ends(30, 30, false);
  region_ends(40, 41, true);  // nothing is under way any more, and a job is left
  EXPECT_EQ(decide(45), "feedback 41");
}

TEST(DecisionTrackerOfADesignTest, AVisitCountsForTheAcceleratorOfItsStageAlone) {
  DecisionTracker tracker(two_stages());
  tracker.job_released({{kVision, 0}, 5, 100, false});  // has no instructions of its own
  tracker.job_released({{kQkv, 0}, 10, 100, false});
  tracker.job_released({{kMlp, 0}, 20, 100, false});
  EXPECT_EQ(tracker.instruction_issued({{kQkv, 0}, 0, false, false, {}, 30, kOnQkv})->at, 10);
  EXPECT_EQ(tracker.instruction_issued({{kMlp, 0}, 0, false, false, {}, 31, kOnMlp})->at, 20);
  // The mlp accelerator ends with nothing left for it, though a visit waits for the other one.
  tracker.job_released({{kQkv, 1}, 40, 100, false});
  tracker.region_ended({{kMlp, 0}, 0, true, 50, 52, kOnMlp});
  tracker.job_released({{kMlp, 1}, 60, 100, false});
  const auto trigger = tracker.instruction_issued({{kMlp, 1}, 0, false, false, {}, 63, kOnMlp});
  EXPECT_EQ(trigger->at, 60);
  EXPECT_EQ(trigger->cause, Cause::release);
}

constexpr const char* kHeader =
    "decision,accelerator,task,job,region,preempt,resume,previous_task,previous_job,cause,"
    "trigger_s,interrupt_asserted_s,vector_entered_s,policy_entered_s,policy_left_s,instruction_s,"
    "trigger_to_interrupt_s,interrupt_to_vector_s,vector_to_policy_s,policy_s,policy_to_instruction_s,total_"
    "s\n";

void run_preemption(DecisionLog& log) {
  log.job_released({{kCamera, 3}, us(10), us(900), false});
  log.mark(Mark::interrupt_asserted, 40, us(11));
  log.mark(Mark::vector_entered, 0, us(12));
  log.mark(Mark::interrupt_acknowledged, 40, us(13));
  log.mark(Mark::policy_entered, 0, us(15));
  log.mark(Mark::policy_left, 0, us(18));
  log.instruction_issued({{kCamera, 3}, 0, false, false, {}, us(20), 0});
  log.job_released({{kLidar, 7}, us(50), us(90), false});
  log.mark(Mark::interrupt_asserted, 40, us(51));
  log.mark(Mark::vector_entered, 0, us(52));
  log.mark(Mark::interrupt_acknowledged, 40, us(53));
  log.mark(Mark::policy_entered, 0, us(54));
  log.mark(Mark::policy_left, 0, us(55));
  log.region_ended({{kCamera, 3}, 0, false, us(70), us(71), 0});
  log.mark(Mark::interrupt_asserted, 41, ns(71'004));
  log.mark(Mark::vector_entered, 0, us(72));
  log.mark(Mark::interrupt_acknowledged, 41, us(73));
  log.mark(Mark::policy_entered, 0, us(74));
  log.mark(Mark::policy_left, 0, us(75));
  log.instruction_issued({{kLidar, 7}, 0, true, false, {kCamera, 3}, us(76), 0});
  log.instruction_issued({{kLidar, 7}, 1, false, false, {}, us(77), 0});
}

TEST(DecisionLogTest, OnADesignEachAcceleratorHasInterruptsOfItsOwn) {
  Folder here;
  DecisionLog log(here / "decisions.csv", two_stages("software"));
  log.job_released({{kMlp, 0}, us(10), us(900), false});
  log.mark(Mark::interrupt_asserted, 50, us(11));  // the other accelerator's
  log.mark(Mark::vector_entered, 0, us(12));
  log.mark(Mark::interrupt_acknowledged, 50, us(12));
  log.mark(Mark::interrupt_asserted, 60, us(13));
  log.mark(Mark::vector_entered, 0, us(14));
  log.mark(Mark::interrupt_acknowledged, 60, us(14));
  log.instruction_issued({{kMlp, 0}, 0, false, false, {}, us(20), kOnMlp});
  log.close();
  EXPECT_EQ(read(here / "decisions.csv"),
            std::string(kHeader) +
                "0,mlp,vision.mlp,0,0,0,0,,,release,0.00001,0.000013,0.000014,0.000014,0.000014,0.00002,"
                "0.000003,0.000001,0,0,0.000006,0.00001\n");
}

TEST(DecisionLogTest, SoftwareShowsWhereTheTimeWent) {
  Folder here;
  RunInfo run = two_tasks("software");
  run.interrupts = {{.release = 40, .feedback = 41}};
  DecisionLog log(here / "decisions.csv", run);
  run_preemption(log);
  log.close();
  EXPECT_EQ(
      read(here / "decisions.csv"),
      std::string(kHeader) +
          "0,accelerator,camera,3,0,0,0,,,release,0.00001,0.000011,0.000012,0.000015,0.000018,0.00002,"
          "0.000001,0.000001,0.000003,0.000003,0.000002,0.00001\n"
          "1,accelerator,lidar,7,0,1,0,camera,3,feedback,0.000071,0.000071004,0.000072,0.000074,0.000075,"
          "0.000076,0.000000004,0.000000996,0.000002,0.000001,0.000001,0.000005\n"
          "2,accelerator,lidar,7,1,0,0,,,,,,,,,0.000077,,,,,,\n");
}

TEST(DecisionLogTest, HardwareHasNoSoftwareColumns) {
  Folder here;
  DecisionLog log(here / "decisions.csv", two_tasks("hardware"));
  run_preemption(log);
  log.close();
  EXPECT_EQ(read(here / "decisions.csv"),
            std::string(kHeader) +
                "0,accelerator,camera,3,0,0,0,,,release,0.00001,,,,,0.00002,,,,,,0.00001\n"
                "1,accelerator,lidar,7,0,1,0,camera,3,feedback,0.000071,,,,,0.000076,,,,,,0.000005\n"
                "2,accelerator,lidar,7,1,0,0,,,,,,,,,0.000077,,,,,,\n");
}

}  // namespace
}  // namespace vesper::observe
