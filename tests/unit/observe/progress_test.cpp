#include "platform/observe/progress.h"

#include "fixture.h"

namespace vesper::observe {
namespace {

class ProgressTest : public ::testing::Test {
 protected:
  Progress make(Time until) {
    return Progress(until,
                    {[this] { return wall_; }, [this](const std::string& text) { shown_.push_back(text); }});
  }

  Progress::Seconds wall_{0};
  std::vector<std::string> shown_;
};

using ::testing::ElementsAre;

TEST_F(ProgressTest, ShowsTimeRateAndTimeLeft) {
  Progress progress = make(ms(200));
  wall_ = Progress::Seconds(0.5);
  progress.update(ms(50));
  progress.finish();
  EXPECT_THAT(shown_, ElementsAre("\r\x1b[K 25 %  50.0 ms of 200 ms, 100 ms simulated a second, 1.5 s left",
                                  "\r\x1b[K"));
}

TEST_F(ProgressTest, AtMostTenTimesASecond) {
  Progress progress = make(ms(200));
  for (int i = 1; i <= 1000; ++i) {
    wall_ = Progress::Seconds(i * 0.001);
    progress.update(us(static_cast<Time>(i)));
  }
  EXPECT_GE(shown_.size(), 9);
  EXPECT_LE(shown_.size(), 10);
}

TEST_F(ProgressTest, WithoutAnEndAndWithoutProgress) {
  Progress endless = make(0);
  Progress stuck = make(ms(1));
  wall_ = Progress::Seconds(2);
  endless.update(ms(1));
  stuck.update(0);
  EXPECT_THAT(shown_, ElementsAre("\r\x1b[K1.0 ms, 500 us simulated a second",
                                  "\r\x1b[K  0 %  0.0 ns of 1.0 ms, 0.0 ns simulated a second"));
}

TEST_F(ProgressTest, SilentInAPipe) {
  Progress progress(ms(1), {[this] { return wall_; }, {}});
  wall_ = Progress::Seconds(2);
  progress.update(us(1));
  progress.finish();
}

TEST_F(ProgressTest, SlicesFollowTheSpeedOfTheRun) {
  Progress progress = make(ms(200));
  Time first = progress.slice();
  wall_ += Progress::Seconds(0.001);
  progress.update(1);
  EXPECT_EQ(progress.slice(), first * 2);
  wall_ += Progress::Seconds(0.03);
  progress.update(2);
  EXPECT_EQ(progress.slice(), first * 2);
  wall_ += Progress::Seconds(1);
  progress.update(3);
  EXPECT_EQ(progress.slice(), first);
}

}  // namespace
}  // namespace vesper::observe
