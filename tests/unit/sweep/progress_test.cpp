// The line that tells how far a sweep is.
#include <gmock/gmock.h>

#include "platform/sweep/sweep_progress.h"

namespace vesper::sweep {
namespace {

TEST(SweepProgress, TellsRateAndTimeLeftOfThisStart) {
  observe::StatusLine::Seconds now{0};
  std::string line;
  SweepProgress progress(1000, 200, {[&] { return now; }, [&](const std::string& text) { line = text; }});
  now = observe::StatusLine::Seconds(0.1);
  progress.update(201);
  EXPECT_EQ(line, "") << "at most five lines a second";
  now = observe::StatusLine::Seconds(10);
  progress.update(300);
  EXPECT_EQ(line, "\r\x1b[K 30 %  300 of 1000 points, 10 a second, 1:10 min left");
  now = observe::StatusLine::Seconds(11);
  progress.update(980);
  EXPECT_THAT(line, ::testing::HasSubstr("98 %  980 of 1000 points, 70.9 a second, 1 s left"));
  progress.finish();
  EXPECT_EQ(line, "\r\x1b[K");
}

TEST(SweepProgress, SaysNothingOfARateBeforeThereIsOne) {
  observe::StatusLine::Seconds now{0};
  std::string line;
  SweepProgress progress(1000, 200, {[&] { return now; }, [&](const std::string& text) { line = text; }});
  now = observe::StatusLine::Seconds(5);
  progress.update(200);
  EXPECT_EQ(line, "\r\x1b[K 20 %  200 of 1000 points");
}

}  // namespace
}  // namespace vesper::sweep
