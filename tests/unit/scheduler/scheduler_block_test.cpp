#include "models/core/sim_error.h"
#include "tests/unit/scheduler/scheduler_bench.h"

namespace vesper::scheduler {
namespace {

using test::RecordingObserver;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SchedulerBlockTest : public test::SchedulerBench {
 protected:
  SchedulerBlockTest() : SchedulerBench({"scheduler.state"}) {}

  [[nodiscard]] static Issued at(core::Cycles cycle, uint32_t task, uint32_t job, uint32_t region,
                                 bool preempt = false, bool resume = false) {
    return {cycle, task, job, region, preempt, resume};
  }
};

// One task: the loop's channels are feedback, FIFO 0, issue; edge n of an idle loop checks channel n mod 3.

TEST_F(SchedulerBlockTest, AReleaseIsSeenWhenItsFifoIsChecked) {
  make({2});
  release_at(10, 0, ms(1).ps);  // 10 mod 3 = 1: seen at once; 3 cycles to the heap, 3 to the instruction
  run_until(edge(100));
  EXPECT_THAT(issued, ElementsAre(at(16, 0, 0, 0)));
}

TEST_F(SchedulerBlockTest, AReleaseThatMissedItsTurnWaitsForTheNext) {
  make({2});
  release_at(11, 0, ms(1).ps);  // FIFO 0 is checked again at 13
  run_until(edge(100));
  EXPECT_THAT(issued, ElementsAre(at(19, 0, 0, 0)));
}

TEST_F(SchedulerBlockTest, BetweenEdgesIsTheNextEdge) {
  make({2});
  agenda.at(edge(10) - 1, [this] { release_now(0, ms(1).ps); });
  run_until(edge(100));
  EXPECT_THAT(issued, ElementsAre(at(16, 0, 0, 0)));
}

TEST_F(SchedulerBlockTest, TheLastRegionLeavesTheHeapBeforeItIsIssued) {
  make({1});
  release_at(10, 0, ms(1).ps);
  run_until(edge(100));
  EXPECT_THAT(issued, ElementsAre(at(17, 0, 0, 0)));
  EXPECT_EQ(counter(SchedulerBlock::kWorstIssue), 4U);
  EXPECT_EQ(cpu.read32(0x0C), 0U);
}

TEST_F(SchedulerBlockTest, TheJobStaysInTheHeapUntilItsLastRegion) {
  make({2});
  release_at(10, 0, ms(1).ps);
  run_until(edge(100));
  EXPECT_EQ(cpu.read32(0x0C), 1U);
  EXPECT_EQ(cpu.read32(0x08), SchedulerBlock::kRegionRuns);
}

TEST_F(SchedulerBlockTest, FromFeedbackToInstructionItChecksEveryFifo) {
  make({9, 1, 1, 1});
  run_time = [](const Issued&) { return 60; };
  release_at(1, 0, ms(1).ps);  // FIFO 0 at 1, ready at 4, issue at 7, instruction at 10
  run_until(edge(100));
  // The loop of 6 checks the feedback at 10, 16, ... 70: 2 for it, 4 empty FIFOs, 3 for the issue.
  EXPECT_THAT(issued, ElementsAre(at(10, 0, 0, 0), at(79, 0, 0, 1)));
  EXPECT_EQ(counter(SchedulerBlock::kWorstFeedbackToInstruction), 7U);
}

TEST_F(SchedulerBlockTest, AReleaseJustBeforeItsTurnAfterAFeedbackIsConsidered) {
  make({9, 1});
  release_at(1, 0, ms(2).ps);  // instruction at 8
  run_time = [](const Issued&) { return 40; };
  release_at(51, 1, ms(1).ps);  // feedback 48..50, FIFO 0 at 50, FIFO 1 at 51
  run_until(edge(80));
  // Moves up one level: 7 cycles; the issue at 58 dequeues, nothing is left to sift.
  EXPECT_THAT(issued, ElementsAre(at(8, 0, 0, 0), at(62, 1, 0, 0, true, false)));
}

TEST_F(SchedulerBlockTest, AReleaseJustAfterItsTurnIsNot) {
  make({9, 1});
  release_at(1, 0, ms(2).ps);
  run_time = [](const Issued&) { return 40; };
  release_at(52, 1, ms(1).ps);  // FIFO 1 was empty at 51, the issue begins at 52
  run_until(edge(80));
  EXPECT_THAT(issued, ElementsAre(at(8, 0, 0, 0), at(55, 0, 0, 1)));
}

TEST_F(SchedulerBlockTest, PreemptsAndResumes) {
  make({3, 1});
  release_at(1, 0, ms(2).ps);
  release_at(30, 1, ms(1).ps);
  run_time = [](const Issued&) { return 40; };
  run_until(edge(400));
  ASSERT_THAT(issued, SizeIs(4));
  EXPECT_EQ(issued[1], at(issued[1].cycle, 1, 0, 0, true, false));
  EXPECT_EQ(issued[2], at(issued[2].cycle, 0, 0, 1, false, true));
  EXPECT_EQ(issued[3], at(issued[3].cycle, 0, 0, 2, false, false));
  EXPECT_EQ(counter(SchedulerBlock::kPreemptions), 1U);
  EXPECT_EQ(counter(SchedulerBlock::kDecisions), 4U);
  EXPECT_EQ(counter(SchedulerBlock::kFeedbacks), 4U);
  EXPECT_EQ(counter(SchedulerBlock::kReleases), 2U);
  auto words = accelerator.accesses[1].as<abi::InstructionWords>();
  EXPECT_EQ(words.task >> 8 & 0xFF, 0U);
  EXPECT_EQ(words.last_region, 0U);
}

TEST_F(SchedulerBlockTest, ReleasesAreHandledWhileTheAcceleratorWorks) {
  make({1, 1, 1});
  release_at(1, 0, ms(1).ps);
  release_at(40, 1, ms(2).ps);
  release_at(40, 2, ms(3).ps);
  run_until(edge(100));
  EXPECT_THAT(issued, SizeIs(1));
  EXPECT_EQ(cpu.read32(0x0C), 2U);
  EXPECT_EQ(releases.waiting(1) + releases.waiting(2), 0U);
}

TEST_F(SchedulerBlockTest, AJobLeavesItsFifoOneEdgeAfterItsTurnStarts) {
  make({1});
  release_at(10, 0, ms(1).ps);
  run_until(edge(100));
  ASSERT_THAT(releases.taken, SizeIs(1));
  EXPECT_EQ(releases.taken[0].first, edge(11));
}

TEST_F(SchedulerBlockTest, WithoutRoomJobsWaitInTheirFifo) {
  make({1, 1}, {}, "edf", 1);
  release_at(1, 0, ms(1).ps);
  release_at(20, 0, ms(3).ps);
  release_at(30, 1, ms(2).ps);
  run_until(edge(100));
  EXPECT_EQ(cpu.read32(0x0C), 1U);
  EXPECT_EQ(releases.waiting(1), 1U);
  EXPECT_EQ(give_feedback(), tlm::TLM_OK_RESPONSE);
  run_until(edge(200));
  ASSERT_THAT(issued, SizeIs(2));
  EXPECT_EQ(issued[1].job, 1U);
  EXPECT_EQ(cpu.read32(0x0C), 1U);
  EXPECT_EQ(releases.waiting(1), 0U);
}

TEST_F(SchedulerBlockTest, DisabledItTakesReleasesButIssuesNothing) {
  make({1});
  agenda.at(0, [this] { cpu.write32(0x00, 0); });
  release_at(10, 0, ms(1).ps);
  // Ready at 13, where the issue's turn comes; so it comes at 13 + 3 n.
  agenda.at(edge(50), [this] {
    EXPECT_EQ(cpu.read32(0x0C), 1U);
    cpu.write32(0x00, SchedulerBlock::kEnable);
  });
  run_until(edge(100));
  EXPECT_THAT(issued, ElementsAre(at(52 + 4, 0, 0, 0)));
}

TEST_F(SchedulerBlockTest, RefusesFeedbackNobodyWaitsFor) {
  make({2});
  agenda.at(edge(5), [this] {
    EXPECT_EQ(feedback_source.write(0, abi::FeedbackWords{}), tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(feedback_source.write(0, uint32_t{0}), tlm::TLM_COMMAND_ERROR_RESPONSE);
  });
  release_at(10, 0, ms(1).ps);
  agenda.at(edge(50), [this] {
    EXPECT_EQ(feedback_source.write(0, abi::FeedbackWords{1, 0, 0, 0}), tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(give_feedback(), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(give_feedback(), tlm::TLM_GENERIC_ERROR_RESPONSE);
  });
  run_until(edge(60));
}

TEST_F(SchedulerBlockTest, ARefusedInstructionEndsTheSimulation) {
  make({1});
  accelerator.respond = [](const test::TargetRecorder::Access&) { return tlm::TLM_ADDRESS_ERROR_RESPONSE; };
  release_at(10, 0, ms(1).ps);
  run_until(edge(100));
  EXPECT_THAT(core::failure_message(), HasSubstr("scheduler: the instruction for task 0 job 0 region 0"));
}

TEST_F(SchedulerBlockTest, AnUnknownPolicyIsAnError) { EXPECT_THROW(make({1}, {}, "earliest"), InputError); }

TEST_F(SchedulerBlockTest, TheWaveNamesEveryTurn) {
  make({1});
  release_at(10, 0, ms(1).ps);
  run_time = [](const Issued&) { return 30; };
  run_until(edge(100));
  using Change = RecordingObserver::Change;
  EXPECT_THAT(observer.changes["scheduler.state"],
              ElementsAre(Change{0, "poll"}, Change{edge(10), "release 0"}, Change{edge(13), "issue"},
                          Change{edge(17), "poll"}, Change{edge(47), "feedback"}, Change{edge(49), "poll"}));
}

class WavesTest : public test::SchedulerBench {
 protected:
  WavesTest() : SchedulerBench({"scheduler.heap", "scheduler.running", "scheduler.occupancy"}) {}
};

TEST_F(WavesTest, ShowHeapAndRunningJob) {
  make({2, 1});
  release_at(1, 0, ms(2).ps);
  release_at(30, 1, ms(1).ps);
  run_time = [](const Issued&) { return 40; };
  run_until(edge(400));
  std::vector<std::string> heap;
  for (const auto& change : observer.changes["scheduler.heap"]) heap.push_back(change.value);
  EXPECT_THAT(heap, ElementsAre("", "0:0", "1:0 0:0", "0:0", ""));
  std::vector<std::string> running;
  for (const auto& change : observer.changes["scheduler.running"]) running.push_back(change.value);
  EXPECT_THAT(running, ElementsAre("-", "0:0", "1:0", "0:0", "-"));
}

class QuietTest : public test::SchedulerBench {};

TEST_F(QuietTest, NothingWakesWhileNothingHappens) {
  make({1, 1, 1});
  release_at(10, 1, ms(1).ps);
  run_until(edge(100));
  EXPECT_THAT(issued, SizeIs(1));
  EXPECT_FALSE(sc_core::sc_pending_activity());
}

TEST_F(QuietTest, ARegionCostsOneWake) {
  make({1000});
  release_at(1, 0, ms(1).ps);
  run_time = [](const Issued&) { return 100; };
  run_until(edge(1000));
  uint64_t before = sc_core::sc_delta_count();
  size_t issued_before = issued.size();
  run_until(edge(50'000));
  size_t regions = issued.size() - issued_before;
  EXPECT_GT(regions, 400U);
  // Two timed events a region, the stub's feedback and the block's instruction, of one delta cycle each.
  EXPECT_NEAR(static_cast<double>(sc_core::sc_delta_count() - before), 2.0 * static_cast<double>(regions), 4);
}

class ZeroTimeTest : public test::SchedulerBench {
 protected:
  static constexpr const char* kNone = "none";
};

TEST_F(ZeroTimeTest, DecidesInTheInstantOfTheRelease) {
  make({1}, {.micro_architecture = kNone});
  agenda.at(12'345, [this] { release_now(0, ms(1).ps); });
  agenda.at(20'000, [this] { EXPECT_THAT(accelerator.times(), ElementsAre(12'345)); });
  accelerator.respond = {};
  run_until(us(1).ps);
}

TEST_F(ZeroTimeTest, SeesEverythingOfAnInstantBeforeItDecides) {
  make({3, 1, 1}, {.micro_architecture = kNone});
  release_at(10, 0, ms(3).ps);
  agenda.at(edge(50), [this] { EXPECT_EQ(give_feedback(), tlm::TLM_OK_RESPONSE); });
  release_at(50, 1, ms(2).ps);
  release_at(50, 2, ms(1).ps);
  run_until(edge(100));
  EXPECT_THAT(issued, ElementsAre(Issued{10, 0, 0, 0}, Issued{50, 2, 0, 0, true, false}));
  EXPECT_EQ(cpu.read32(0x0C), 2U);
}

TEST_F(ZeroTimeTest, TakesEveryJobThatWaits) {
  make({2}, {.micro_architecture = kNone});
  for (int i = 0; i < 3; ++i) release_at(10, 0, ms(3).ps);
  run_until(edge(20));
  EXPECT_EQ(releases.waiting(0), 0U);
  EXPECT_EQ(cpu.read32(0x0C), 3U);
}

/// Two accelerators, each with two of four tasks.
class ShareOfTasksTest : public SchedulerBlockTest {
 protected:
  ShareOfTasksTest() {
    adjust = [](core::Environment& environment) {
      for (size_t i = 0; i < environment.tasks.size(); ++i)
        environment.tasks[i].accelerator = i % 2 == 0 ? "other" : "mine";
    };
  }
};

TEST_F(ShareOfTasksTest, TheLoopPollsTheFifosOfItsAcceleratorsTasksAlone) {
  make({1, 1, 1, 1}, {.accelerator = "mine"});
  EXPECT_EQ(cpu.read32(0x04), 2U);
  release_at(10, 3, ms(1).ps);
  run_until(edge(60));
  const auto of_two = issued;
  ASSERT_EQ(of_two.size(), 1U);
  EXPECT_EQ(of_two[0].task, 3U);
  // As in a block of two tasks whose second one is released: see the loop's costs.
  EXPECT_LE(of_two[0].cycle, 10U + 2 + (2 * 1 + 5) + (3 * 1 + 4));
}

TEST_F(ShareOfTasksTest, WithoutCostsItTakesTheJobThatComesFirst) {
  make({1, 1, 1, 1}, {.micro_architecture = "none", .accelerator = "mine"});
  release_at(10, 3, ms(1).ps);
  release_at(10, 1, ms(2).ps);
  run_time = [](const Issued&) { return 10; };
  run_until(edge(60));
  EXPECT_THAT(issued, ElementsAre(Issued{10, 3, 0, 0}, Issued{20, 1, 0, 0}));
}

}  // namespace
}  // namespace vesper::scheduler
