#include "platform/observe/run_statistics.h"

#include "fixture.h"

namespace vesper::observe {
namespace {

/// A camera job of two regions, preempted by a lidar job between them.
void run_preemption(RunStatistics& s) {
  s.job_released({{kCamera, 0}, ms(0), ms(33), false});
  s.instruction_issued({{kCamera, 0}, 0, false, false, {}, us(3), 0});
  s.first_compute({kCamera, 0}, us(50));
  s.job_released({{kLidar, 0}, ms(1), ms(4), false});
  s.region_ended({{kCamera, 0}, 0, false, ms(2), ms(2) + us(1), 0});
  s.instruction_issued({{kLidar, 0}, 0, true, false, {kCamera, 0}, ms(2) + us(5), 0});
  s.first_compute({kLidar, 0}, ms(2) + us(75));
  s.region_ended({{kLidar, 0}, 0, true, ms(3), ms(3) + us(1), 0});
  s.job_completed({kLidar, 0}, ms(3));
  s.instruction_issued({{kCamera, 0}, 1, false, true, {}, ms(3) + us(3), 0});
  s.region_ended({{kCamera, 0}, 1, true, ms(8), ms(8) + us(1), 0});
  s.job_completed({kCamera, 0}, ms(8));
}

Distribution only(Time value) { return {value, value, value, value, value}; }

TEST(RunStatisticsTest, JobsAndLatenciesOfAPreemption) {
  RunInfo run = two_tasks();
  RunStatistics statistics(run);
  run_preemption(statistics);
  const AcceleratorTotals totals[] = {{.steps = 12, .compute_busy = ms(5)}};
  Summary s = statistics.finish(ms(10), true, totals);

  ASSERT_EQ(s.tasks.size(), 2);
  EXPECT_EQ(s.tasks[kCamera].released, 1);
  EXPECT_EQ(s.tasks[kCamera].completed, 1);
  EXPECT_EQ(s.tasks[kCamera].response, only(ms(8)));
  EXPECT_EQ(s.tasks[kLidar].response, only(ms(2)));
  EXPECT_EQ(s.scheduler.decisions, 3);
  EXPECT_EQ(s.scheduler.preemptions, 1);
  EXPECT_EQ(s.scheduler.decision_latency, (Distribution{us(3), us(3), us(4), us(4), us(4)}));
  EXPECT_EQ(s.scheduler.preemption_latency, only(ms(1) + us(75)));
  EXPECT_EQ(s.scheduler.blocking, only(ms(1)));
  EXPECT_DOUBLE_EQ(*s.metrics.antt, (8.0 / 4 + 2.0 / 1) / 2);
  EXPECT_DOUBLE_EQ(*s.metrics.stp, 4.0 / 8 + 1.0 / 2);
  EXPECT_DOUBLE_EQ(s.tasks[kCamera].slowdown->mean, 2);
  EXPECT_DOUBLE_EQ(*s.metrics.worst_slowdown, 2);
  EXPECT_DOUBLE_EQ(*s.metrics.throughput_per_s, 200);
  EXPECT_DOUBLE_EQ(*s.metrics.miss_rate, 0);
  EXPECT_DOUBLE_EQ(*s.metrics.violation_rate, 0);
  // 3 us..2 ms, 2.005..3 ms, 3.003..8 ms of 10 ms
  EXPECT_DOUBLE_EQ(s.accelerators[0].busy_fraction, 0.7989);
  EXPECT_DOUBLE_EQ(s.accelerators[0].compute_utilisation, 0.5);
  EXPECT_EQ(s.accelerators[0].steps, 12);
}

TEST(RunStatisticsTest, VisitsOfStagesAreListedApartAndCountInNoMetric) {
  const RunInfo run = two_stages();
  RunStatistics statistics(run);
  statistics.job_released({{kVision, 0}, 0, ms(10), false});
  for (uint32_t visit = 0; visit < 6; ++visit) {
    const Time at = ms(visit);
    statistics.job_released({{kQkv, visit}, at, ms(10), false});
    statistics.instruction_issued({{kQkv, visit}, 0, false, false, {}, at + us(1), kOnQkv});
    statistics.region_ended({{kQkv, visit}, 0, true, at + us(500), at + us(500), kOnQkv});
    statistics.job_completed({kQkv, visit}, at + us(500));
  }
  statistics.job_released({{kMlp, 0}, ms(5), ms(6), false});  // is never run
  statistics.job_completed({kVision, 0}, ms(8));
  const AcceleratorTotals totals[] = {{.at_peak = ms(1)}, {}};
  const Summary s = statistics.finish(ms(20), true, totals);

  ASSERT_EQ(s.tasks.size(), 1);
  EXPECT_EQ(s.tasks[kVision].response, only(ms(8)));
  EXPECT_EQ(s.missed(), 0);
  EXPECT_DOUBLE_EQ(*s.metrics.antt, 2);
  EXPECT_DOUBLE_EQ(*s.metrics.miss_rate, 0);
  EXPECT_DOUBLE_EQ(*s.metrics.throughput_per_s, 50);
  ASSERT_EQ(s.stages.size(), 2);
  EXPECT_EQ(s.stages[0].task, "vision");
  EXPECT_EQ(s.stages[0].stage, "qkv");
  EXPECT_EQ(s.stages[0].accelerator, "qkv");
  EXPECT_EQ(s.stages[0].completed, 6);
  EXPECT_EQ(s.stages[0].response, only(us(500)));
  EXPECT_EQ(s.stages[1].released, 1);
  EXPECT_EQ(s.stages[1].completed, 0);
  EXPECT_EQ(s.scheduler.decisions, 6);
  EXPECT_EQ(s.scheduler.decision_latency, only(us(1)));
  EXPECT_DOUBLE_EQ(*s.accelerators[kOnQkv].mac_utilisation, 0.05);
  EXPECT_FALSE(s.accelerators[kOnMlp].mac_utilisation);
}

TEST(RunStatisticsTest, SlowdownOfTasksCountsEachTaskOnceWhateverItsJobs) {
  RunInfo run = two_tasks();
  RunStatistics statistics(run);
  statistics.job_released({{kCamera, 0}, 0, kNoDeadline, false});
  for (uint32_t job : {0U, 1U, 2U}) statistics.job_released({{kLidar, job}, 0, kNoDeadline, false});
  statistics.job_completed({kCamera, 0}, ms(6));
  for (uint32_t job : {0U, 1U, 2U}) statistics.job_completed({kLidar, job}, ms(1 + job));
  const Summary s = statistics.finish(ms(10), true, {});
  EXPECT_DOUBLE_EQ(s.tasks[kLidar].slowdown->mean, 2);
  EXPECT_DOUBLE_EQ(s.tasks[kLidar].slowdown->max, 3);
  EXPECT_DOUBLE_EQ(*s.metrics.task_antt, (6.0 / 4 + 2) / 2);
  EXPECT_DOUBLE_EQ(*s.metrics.worst_slowdown, 3);
  EXPECT_DOUBLE_EQ(*s.metrics.antt, (6.0 / 4 + 1 + 2 + 3) / 4);
}

TEST(RunStatisticsTest, ATaskThatIsNeverServedHasNoSlowdownAndNorHaveAll) {
  RunInfo run = two_tasks();
  RunStatistics statistics(run);
  statistics.job_released({{kCamera, 0}, 0, kNoDeadline, false});
  statistics.job_released({{kLidar, 0}, 0, kNoDeadline, false});
  statistics.job_completed({kLidar, 0}, ms(1));
  const Summary s = statistics.finish(ms(10), true, {});
  EXPECT_FALSE(s.tasks[kCamera].slowdown);
  EXPECT_FALSE(s.metrics.task_antt);
  EXPECT_FALSE(s.metrics.worst_slowdown);
}

TEST(RunStatisticsTest, WhatCountsAsMissed) {
  RunInfo run = two_tasks();
  RunStatistics statistics(run);
  auto release = [&](uint32_t job, Time deadline) {
    statistics.job_released({{kLidar, job}, 0, deadline, false});
  };
  release(0, ms(4));   // completed in time
  release(1, ms(4));   // completed late
  release(2, ms(10));  // unfinished at a deadline that is the end of the run
  release(3, ms(10) + 1);
  release(4, kNoDeadline);
  statistics.job_completed({kLidar, 0}, ms(4));
  statistics.job_completed({kLidar, 1}, ms(5));
  Summary s = statistics.finish(ms(10), true, {});
  EXPECT_EQ(s.tasks[kLidar].released, 5);
  EXPECT_EQ(s.tasks[kLidar].completed, 2);
  EXPECT_EQ(s.tasks[kLidar].missed, 2);
  EXPECT_DOUBLE_EQ(*s.metrics.violation_rate, 1.0 / 2);
  EXPECT_DOUBLE_EQ(*s.metrics.miss_rate, 2.0 / 3);
}

TEST(RunStatisticsTest, AFailedJobHasMissedWhateverItsDeadline) {
  RunInfo run = two_tasks();
  RunStatistics statistics(run);
  statistics.job_released({{kLidar, 0}, 0, ms(4), false});
  statistics.job_released({{kLidar, 1}, 0, ms(400), false});
  statistics.job_completed({kLidar, 0}, ms(3));
  statistics.job_failed({kLidar, 1}, ms(5));
  statistics.job_failed({kLidar, 1}, ms(6));
  statistics.job_completed({kLidar, 1}, ms(7));
  Summary s = statistics.finish(ms(10), true, {});
  EXPECT_EQ(s.tasks[kLidar].completed, 1);
  EXPECT_EQ(s.tasks[kLidar].failed, 1);
  EXPECT_EQ(s.tasks[kLidar].missed, 1);
  EXPECT_EQ(s.failed(), 1);
  EXPECT_DOUBLE_EQ(*s.metrics.violation_rate, 0);
  EXPECT_DOUBLE_EQ(*s.metrics.miss_rate, 1.0 / 2);
}

TEST(RunStatisticsTest, BlockingIsNoneWhenNoRegionRanAtTheRelease) {
  RunInfo run = two_tasks();
  RunStatistics statistics(run);
  statistics.job_released({{kCamera, 0}, 0, ms(33), false});
  statistics.instruction_issued({{kCamera, 0}, 0, false, false, {}, us(3), 0});
  statistics.region_ended({{kCamera, 0}, 0, false, ms(2), ms(2) + us(1), 0});
  statistics.job_released({{kLidar, 0}, ms(2) + us(2), ms(4), false});
  statistics.instruction_issued({{kLidar, 0}, 0, true, false, {kCamera, 0}, ms(2) + us(5), 0});
  EXPECT_EQ(statistics.finish(ms(3), true, {}).scheduler.blocking, only(0));
}

TEST(RunStatisticsTest, ASingleStreamsJobsCountFromTheEndOfTheOneBefore) {
  RunInfo run = two_tasks();
  run.tasks[kCamera].single_stream = true;
  RunStatistics statistics(run);
  for (uint32_t job = 0; job < 3; ++job) {
    statistics.job_released({{kCamera, job}, ms(1), kNoDeadline, false});
    statistics.job_released({{kLidar, job}, ms(1), kNoDeadline, false});
  }
  for (uint32_t job = 0; job < 3; ++job) {
    statistics.job_completed({kCamera, job}, ms(3 * job + 3));
    statistics.job_completed({kLidar, job}, ms(3 * job + 3));
  }
  Summary s = statistics.finish(ms(10), true, {});
  EXPECT_EQ(s.tasks[kCamera].response->p50, ms(3));
  EXPECT_EQ(s.tasks[kCamera].response->max, ms(3));
  EXPECT_EQ(s.tasks[kLidar].response->max, ms(8));
}

TEST(RunStatisticsTest, WhatAnAcceleratorCountsItselfComesFirst) {
  RunInfo run = two_tasks();
  RunStatistics statistics(run);
  AcceleratorTotals totals;
  totals.busy = ms(5);
  totals.fetch_busy = ms(4);
  Summary s = statistics.finish(ms(10), true, std::span(&totals, 1));
  EXPECT_DOUBLE_EQ(s.accelerators[0].busy_fraction, 0.5);
  EXPECT_DOUBLE_EQ(*s.accelerators[0].fetch_utilisation, 0.4);
}

TEST(RunStatisticsTest, ARegionThatStillRunsIsBusy) {
  RunInfo run = two_tasks();
  RunStatistics statistics(run);
  statistics.job_released({{kCamera, 0}, 0, ms(33), false});
  statistics.instruction_issued({{kCamera, 0}, 0, false, false, {}, ms(6), 0});
  EXPECT_DOUBLE_EQ(statistics.finish(ms(10), false, {}).accelerators[0].busy_fraction, 0.4);
}

TEST(RunStatisticsTest, NothingHappened) {
  RunInfo run;
  RunStatistics statistics(run);
  Summary s = statistics.finish(0, false, {});
  EXPECT_TRUE(s.tasks.empty());
  EXPECT_EQ(s.scheduler.decision_latency, std::nullopt);
  EXPECT_EQ(s.metrics.antt, std::nullopt);
  EXPECT_EQ(s.metrics.stp, std::nullopt);
  EXPECT_EQ(s.metrics.miss_rate, std::nullopt);
  EXPECT_EQ(s.metrics.throughput_per_s, std::nullopt);
  EXPECT_DOUBLE_EQ(s.accelerators[0].busy_fraction, 0);
}

TEST(RunStatisticsTest, TasksWithoutIsolatedTimeAreLeftOutOfAntt) {
  RunInfo run = two_tasks();
  run.tasks[kCamera].isolated = 0;
  RunStatistics statistics(run);
  run_preemption(statistics);
  Summary s = statistics.finish(ms(10), true, {});
  EXPECT_DOUBLE_EQ(*s.metrics.antt, 2);
  EXPECT_DOUBLE_EQ(*s.metrics.stp, 0.5);
}

TEST(RunStatisticsTest, JobsThatBringTheirIsolatedTimeAreMeasuredByIt) {
  RunInfo run = two_tasks();
  RunStatistics statistics(run);
  statistics.job_released({{kLidar, 0}, 0, ms(9), false, ms(1)});
  statistics.job_released({{kLidar, 1}, 0, ms(9), false, ms(4)});
  statistics.job_completed({kLidar, 0}, ms(4));
  statistics.job_completed({kLidar, 1}, ms(6));
  Summary s = statistics.finish(ms(10), true, {});
  EXPECT_DOUBLE_EQ(*s.metrics.antt, (4.0 + 1.5) / 2);
  EXPECT_DOUBLE_EQ(*s.metrics.stp, 5.0 / 10);
}

TEST(RunStatisticsTest, AWarmUpCountsInNoFigure) {
  RunInfo run = two_tasks();
  RunStatistics statistics(run);
  statistics.job_released({{kLidar, 0}, 0, ms(1), false, ms(1), 1, true});
  statistics.job_released({{kLidar, 1}, 0, ms(1), false, ms(1), 1, true});
  statistics.job_completed({kLidar, 0}, ms(4));
  statistics.job_released({{kLidar, 2}, ms(5), ms(9), false, ms(1)});
  statistics.job_completed({kLidar, 2}, ms(7));
  Summary s = statistics.finish(ms(10), true, {});
  EXPECT_EQ(s.tasks[kLidar].released, 1U);
  EXPECT_EQ(s.tasks[kLidar].completed, 1U);
  EXPECT_EQ(s.tasks[kLidar].missed, 0U);
  EXPECT_DOUBLE_EQ(*s.metrics.antt, 2);
  EXPECT_DOUBLE_EQ(*s.metrics.violation_rate, 0);
  EXPECT_DOUBLE_EQ(*s.metrics.throughput_per_s, 200);  // one in the 5 ms behind the warm-up
}

}  // namespace
}  // namespace vesper::observe
