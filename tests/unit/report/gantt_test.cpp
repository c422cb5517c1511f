#include "platform/report/gantt.h"

#include "fixture.h"

namespace vesper::report {
namespace {

/// A job every 10 us that runs 5 us; job `slow` is 4 us late.
RunData many_jobs(uint32_t count, uint32_t slow) {
  RunData run = two_tasks(us(10) * count);
  for (uint32_t i = 0; i < count; ++i) {
    const Time start = us(10) * i;
    const Time end = start + us(i == slow ? 9 : 5);
    run.jobs.push_back(job(kCamera, i, start, end, start + us(5)));
    run.stretches->push_back(stretch(kCamera, i, start, end, us(5)));
  }
  return run;
}

TEST(GanttTest, ARunThatFitsIsExactAllOver) {
  RunData run = many_jobs(100, 50);
  std::vector<Window> windows = exact_windows(run, {100, 100, 100}, std::nullopt);
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].from, 0U);
  EXPECT_EQ(windows[0].to, run.end());
}

TEST(GanttTest, ALongRunIsExactAtItsStartAndAroundItsLatestJob) {
  RunData run = many_jobs(10'000, 6'000);
  std::vector<Window> windows = exact_windows(run, {1000, 1000, 1000}, std::nullopt);
  ASSERT_GE(windows.size(), 2U);
  EXPECT_EQ(windows[0].from, 0U);
  const Time late = us(10) * 6'000 + us(9);
  EXPECT_TRUE(std::ranges::any_of(windows, [=](const Window& w) { return w.from < late && w.to > late; }));
  for (size_t i = 1; i < windows.size(); ++i) EXPECT_GT(windows[i].from, windows[i - 1].to);
  Columns columns;
  auto json = gantt_json(run, windows, {1000, 1000, 1000}, columns);
  EXPECT_FALSE(json["whole"]);
  EXPECT_TRUE(json["jobs"]["complete"]);
  EXPECT_LE(json["jobs"]["release"][2], 1000);
  EXPECT_TRUE(json["stretches"]["complete"]);
}

TEST(GanttTest, AWindowAskedForIsTakenAndCutToTheBudget) {
  RunData run = many_jobs(10'000, 0);
  std::vector<Window> windows = exact_windows(run, {100, 100, 100}, Window{us(500), us(90'000)});
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].from, us(500));
  EXPECT_EQ(windows[0].to, us(1000));  // 50 jobs and 50 stretches
}

TEST(GanttTest, AnEmptyRunHasNothingToDraw) {
  RunData run = two_tasks(0);
  std::vector<Window> windows = exact_windows(run, {100, 100, 100}, std::nullopt);
  Columns columns;
  EXPECT_EQ(gantt_json(run, windows, {100, 100, 100}, columns)["total_jobs"], 0);
}

TEST(GanttTest, RegionsOutsideOfWindowsAreLeftOut) {
  RegionMarks marks({{us(10), us(20)}, {us(40), us(50)}}, 2);
  for (Time at : {us(5), us(10), us(30), us(45), us(46)}) marks.instruction(at, 0);
  Columns columns;
  auto json = marks.json(columns);
  EXPECT_EQ(json["at"][2], 2);
  EXPECT_FALSE(json["complete"]);
}

}  // namespace
}  // namespace vesper::report
