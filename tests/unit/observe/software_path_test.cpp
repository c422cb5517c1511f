#include "platform/observe/software_path.h"

#include "fixture.h"

namespace vesper::observe {
namespace {

constexpr uint32_t kRelease = 40;
constexpr uint32_t kFeedback = 41;

class SoftwarePathTest : public ::testing::Test {
 protected:
  std::vector<Time> stages(Time trigger, Time instruction, std::optional<uint32_t> line = kFeedback) const {
    SoftwareStages s = path_.stages(trigger, instruction, line);
    return {s.interrupt_asserted, s.vector_entered, s.policy_entered, s.policy_left};
  }
  void asserted(Time at, uint32_t line = kFeedback) { path_.mark(Mark::interrupt_asserted, line, at); }
  void taken(Time vector, Time acknowledged, uint32_t line = kFeedback) {
    path_.mark(Mark::vector_entered, 0, vector);
    path_.mark(Mark::interrupt_acknowledged, line, acknowledged);
  }
  void policy(Time entered, Time left) {
    path_.mark(Mark::policy_entered, 0, entered);
    path_.mark(Mark::policy_left, 0, left);
  }

  SoftwarePath path_;
};

using ::testing::ElementsAre;

TEST_F(SoftwarePathTest, IdleCpu) {
  asserted(104);
  taken(120, 130);
  policy(150, 170);
  EXPECT_THAT(stages(100, 190), ElementsAre(104, 120, 150, 170));
}

TEST_F(SoftwarePathTest, PolicySpansAllItsCallsForTheDecision) {
  asserted(104);
  taken(120, 130);
  policy(140, 145);
  policy(150, 170);
  EXPECT_THAT(stages(100, 190), ElementsAre(104, 120, 140, 170));
}

TEST_F(SoftwarePathTest, FeedbackDuringTheHandlerOfARelease) {
  asserted(80, kRelease);
  taken(90, 95, kRelease);
  asserted(104);
  policy(98, 110);
  taken(125, 130);
  policy(140, 160);
  EXPECT_THAT(stages(100, 190), ElementsAre(104, 125, 140, 160));
}

TEST_F(SoftwarePathTest, FeedbackAcknowledgedInAVectorEnteredBefore) {
  asserted(80, kRelease);
  path_.mark(Mark::vector_entered, 0, 90);
  asserted(104);
  path_.mark(Mark::interrupt_acknowledged, kFeedback, 106);
  policy(140, 160);
  EXPECT_THAT(stages(100, 190), ElementsAre(104, 104, 140, 160));
}

TEST_F(SoftwarePathTest, FeedbackSeenWithoutItsInterrupt) {
  asserted(104);
  policy(140, 160);
  EXPECT_THAT(stages(100, 190), ElementsAre(104, 104, 140, 160));
}

TEST_F(SoftwarePathTest, TriggerInsideThePolicy) {
  policy(90, 120);
  asserted(104);
  EXPECT_THAT(stages(100, 130), ElementsAre(104, 104, 104, 120));
}

TEST_F(SoftwarePathTest, InstructionFromInsideThePolicy) {
  asserted(104);
  taken(110, 115);
  path_.mark(Mark::policy_entered, 0, 120);
  EXPECT_THAT(stages(100, 190), ElementsAre(104, 110, 120, 190));
}

TEST_F(SoftwarePathTest, LineHighAlready) {
  asserted(50);
  taken(110, 115);
  policy(120, 130);
  EXPECT_THAT(stages(100, 190), ElementsAre(100, 110, 120, 130));
}

TEST_F(SoftwarePathTest, NoMarksAtAll) { EXPECT_THAT(stages(100, 190), ElementsAre(100, 100, 100, 100)); }

TEST_F(SoftwarePathTest, MarksAfterTheInstructionBelongToTheNext) {
  policy(195, 197);
  asserted(192);
  EXPECT_THAT(stages(100, 190), ElementsAre(100, 100, 100, 100));
}

TEST_F(SoftwarePathTest, CpuAheadOfTheInterruptController) {
  policy(140, 145);
  path_.mark(Mark::vector_entered, 0, 120);
  asserted(104);
  path_.mark(Mark::interrupt_acknowledged, kFeedback, 130);
  policy(150, 170);
  EXPECT_THAT(stages(100, 190), ElementsAre(104, 120, 140, 170));
}

/// Whatever the marks, times stay within the decision and never fall.
TEST_F(SoftwarePathTest, AnyMarksGivePartsThatAreNotNegative) {
  uint64_t state = 12345;
  auto random = [&](uint64_t n) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33) % n;
  };
  for (int round = 0; round < 20'000; ++round) {
    SoftwarePath path;
    Time at = 0;
    for (uint64_t i = random(12); i > 0; --i) {
      at += random(20);
      path.mark(static_cast<Mark>(random(5)), kRelease + static_cast<uint32_t>(random(2)), at);
    }
    Time trigger = random(100);
    Time instruction = trigger + random(100);
    SoftwareStages s = path.stages(trigger, instruction, kFeedback);
    const Time points[] = {trigger,          s.interrupt_asserted, s.vector_entered,
                           s.policy_entered, s.policy_left,        instruction};
    ASSERT_TRUE(std::ranges::is_sorted(points)) << "round " << round;
  }
}

}  // namespace
}  // namespace vesper::observe
