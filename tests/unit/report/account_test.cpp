#include "platform/report/account.h"

#include "fixture.h"

namespace vesper::report {
namespace {

using ::testing::ElementsAre;

/// camera 0 runs, lidar 0 waits for it and runs, camera 0 goes on; then lidar 1 waits for camera 0.
class AccountTest : public ::testing::Test {
 protected:
  AccountTest() : run_(two_tasks(us(1000))) {
    run_.jobs = {job(kCamera, 0, us(0), us(400), us(900)), job(kLidar, 0, us(50), us(205), us(200)),
                 job(kLidar, 1, us(250), us(500), us(450))};
    run_.stretches = {stretch(kCamera, 0, us(0), us(100), us(80)),
                      stretch(kLidar, 0, us(105), us(205), us(60), us(10), us(5)),
                      stretch(kCamera, 0, us(210), us(400), us(150), us(20)),
                      stretch(kLidar, 1, us(402), us(500), us(60))};
  }
  Account account(const Job& of) { return Accounting(run_).account(of); }

  RunData run_;
};

TEST_F(AccountTest, EveryPicosecondOfTheResponseTimeIsInOnePart) {
  for (const Job& of : run_.jobs) EXPECT_EQ(account(of).total(), *of.finish - of.release) << of.number;
}

TEST_F(AccountTest, WaitingIsForWhoHeldTheAcceleratorAndTheRestIsIdle) {
  Account lidar = account(run_.jobs[1]);
  EXPECT_THAT(lidar.waited, ElementsAre(us(50), us(0)));
  EXPECT_EQ(lidar.idle, us(5));
  EXPECT_EQ(lidar.swap, us(10));
  EXPECT_EQ(lidar.scheduler, us(5));
  EXPECT_EQ(lidar.compute, us(60));
  EXPECT_EQ(lidar.stall, us(25));
}

TEST_F(AccountTest, APreemptedJobWaitsForWhoPreemptedIt) {
  Account camera = account(run_.jobs[0]);
  EXPECT_THAT(camera.waited, ElementsAre(us(0), us(100)));
  EXPECT_EQ(camera.idle, us(10));
  EXPECT_EQ(camera.swap, us(20));
}

TEST_F(AccountTest, AJobThatNeverRanWaitsForTheOnlyAccelerator) {
  Account never = account(job(kLidar, 2, us(300), std::nullopt, us(600)));
  EXPECT_THAT(never.waited, ElementsAre(us(100), us(98)));
  EXPECT_EQ(never.idle, us(700 - 198));
}

TEST_F(AccountTest, HoldersAreNamedLongestFirstAndWhetherTheyAreDueLater) {
  std::vector<Holder> holders = Accounting(run_).holders(run_.jobs[2], 3);
  ASSERT_EQ(holders.size(), 1U);
  EXPECT_EQ(holders[0].task, kCamera);
  EXPECT_EQ(holders[0].job, 0U);
  EXPECT_EQ(holders[0].time, us(150));
  EXPECT_TRUE(holders[0].later_deadline);
}

TEST_F(AccountTest, ManyStretchesGiveTheSameAsEachByItself) {
  run_ = two_tasks(us(100'000));
  for (uint32_t i = 0; i < 2000; ++i) {
    const uint16_t task = i % 3 == 0 ? kLidar : kCamera;
    run_.stretches->push_back(stretch(task, i, us(10 * i), us(10 * i + 7), us(5)));
  }
  run_.stretches->push_back(stretch(kLidar, 9000, us(20'000), us(20'010), us(10)));
  Account late = account(job(kLidar, 9000, us(3), us(20'010), us(100)));
  // From 3 us: 4 us of the first lidar stretch, 666 more of the lidar's and 1333 of the camera's.
  EXPECT_THAT(late.waited, ElementsAre(us(7 * 1333), us(4 + 7 * 666)));
  EXPECT_EQ(late.total(), us(20'007));
}

TEST(ReasonTest, TheLongestAvoidablePartIsTheReason) {
  Job missed = job(kLidar, 0, us(0), us(120), us(100));
  missed.isolated = us(40);
  Account account{{us(30), us(0)}, us(1), us(2), us(25), us(35), us(27)};
  EXPECT_EQ(memory_time(missed, account), us(22));  // 62 of work, 40 alone
  Reason reason = reason_of(missed, account, us(200));
  EXPECT_EQ(reason.cause, Cause::waited);
  EXPECT_EQ(reason.task, kCamera);
  EXPECT_EQ(reason.time, us(30));
  EXPECT_TRUE(reason.enough);
  account.waited[0] = us(3);
  EXPECT_EQ(reason_of(missed, account, us(200)).cause, Cause::swap);
  account.swap = 0;
  EXPECT_EQ(reason_of(missed, account, us(200)).cause, Cause::memory);
  missed.finish = us(130);
  EXPECT_FALSE(reason_of(missed, account, us(200)).enough);  // 22 us are less than the 30 it is late
}

TEST(ReasonTest, StallThatTheJobHasAloneAsWellIsNoReason) {
  Job missed = job(kLidar, 0, us(0), us(120), us(100));
  missed.isolated = us(90);
  Account account{{us(0), us(0)}, us(10), us(20), us(0), us(30), us(60)};
  EXPECT_EQ(reason_of(missed, account, us(200)).cause, Cause::scheduler);
}

TEST(ReasonTest, AJobTooLongAloneCannotBeHelped) {
  Job missed = job(kLidar, 0, us(0), us(220), us(100));
  missed.isolated = us(101);
  EXPECT_EQ(reason_of(missed, Account{{us(119)}, 0, 0, 0, us(101), 0}, us(300)).cause, Cause::alone);
  missed.isolated.reset();
  missed.failed = true;
  EXPECT_EQ(reason_of(missed, Account{{us(119)}, 0, 0, 0, us(101), 0}, us(300)).cause, Cause::failed);
}

}  // namespace
}  // namespace vesper::report
