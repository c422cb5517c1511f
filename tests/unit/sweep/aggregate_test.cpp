// Aggregates: rates that leave out what was given up, means with their confidence intervals.
#include "platform/sweep/aggregate.h"

#include "tests/unit/sweep/fixture.h"

namespace vesper::sweep {
namespace {

using ::testing::ElementsAre;
using AggregateTest = SweepTest;

std::map<std::string, std::string> named(const Aggregate& aggregate, size_t row) {
  std::map<std::string, std::string> fields;
  for (size_t i = 0; i < aggregate.columns.size(); ++i) fields[aggregate.columns[i]] = aggregate.rows[row][i];
  return fields;
}

TEST_F(AggregateTest, TimeoutsAreNeitherSuccessNorFailure) {
  Sweep sweep = read("grid: {a: [x, y], run.seed: {count: 6}}\nfigures: {late: metrics.miss_rate}\n");
  const char* outcomes[] = {"analysis,",         "simulated,",      "missed,",
                            "timeout,simulated", "timeout,regions", "unproven,"};
  Rows rows;
  for (uint64_t point = 0; point < 12; ++point) {
    rows[point] = fmt::format("{},{},{},0,{},{}\n", point, point < 6 ? "x" : "y", point % 6,
                              point < 6 ? outcomes[point] : "timeout,simulated", point % 6 < 3 ? "" : "0.5");
  }
  Aggregate groups = aggregate(sweep, rows, group_axes(sweep));
  ASSERT_EQ(groups.rows.size(), 2U) << "seeds only repeat";
  auto x = named(groups, 0);
  EXPECT_EQ(x["a"], "x");
  EXPECT_EQ(x["points"], "6");
  EXPECT_EQ(x["timeout"], "2");
  EXPECT_EQ(x["success_rate"], "0.666667") << "of the three that came to an end";
  EXPECT_EQ(x["analysis_rate"], "0.166667");
  EXPECT_EQ(x["late"], "0.5");
  auto y = named(groups, 1);
  EXPECT_EQ(y["timeout"], "6");
  EXPECT_EQ(y["success_rate"], "") << "there is no rate of nothing";
}

TEST_F(AggregateTest, GroupsOfAPlotAreSeriesThenBottomAxisInTheAxesOrder) {
  Sweep sweep = read("grid: {x: [9, 10], b: [z, a], other: [1, 2]}\nplot: {x: x, y: success_rate, by: b}\n");
  Rows rows;
  for (uint64_t point = 0; point < 8; ++point) {
    auto at = labels(sweep, point);
    rows[point] = fmt::format("{},{},{},{},1,simulated,\n", point, at[0], at[1], at[2]);
  }
  Aggregate groups = aggregate(sweep, rows, group_axes(sweep, sweep.plots[0]));
  std::vector<std::string> order;
  for (const auto& row : groups.rows) order.push_back(row[0] + row[1] + ":" + row[2]);
  EXPECT_THAT(order, ElementsAre("z9:2", "z10:2", "a9:2", "a10:2"));
}

TEST_F(AggregateTest, SeedsAreWhatMeansAreOver) {
  Sweep sweep = read("grid: {a: [x, y]}\nseeds: [3, 4, 5]\nfigures: {antt: metrics.antt}\n");
  Rows rows;
  for (uint64_t point = 0; point < 6; ++point)
    rows[point] =
        fmt::format("{},{},{},0,simulated,,{}\n", point, point < 3 ? "x" : "y", 3 + point % 3, point);
  Aggregate groups = aggregate(sweep, rows, group_axes(sweep));
  ASSERT_EQ(groups.rows.size(), 2U);
  auto y = named(groups, 1);
  EXPECT_EQ(y["antt"], "4");
  // t(0.975, 2) = 4.302653, s = 1: 4.302653 / sqrt(3) = 2.484138
  EXPECT_EQ(y["antt_low"], "1.51586");
  EXPECT_EQ(y["antt_high"], "6.48414");
}

// Student's t: Gosset's example of ten patients' gain of sleep (Student, The probable error of a mean, 1908):
// mean 2.33, standard deviation 2.002 (n - 1), t(0.975, 9) = 2.262157.
TEST(Estimates, MeansHaveStudentsInterval) {
  auto estimate = mean({1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4});
  ASSERT_TRUE(estimate);
  EXPECT_NEAR(estimate->value, 2.33, 1e-12);
  EXPECT_NEAR(*estimate->high - estimate->value, 2.262157 * 2.002249 / std::sqrt(10.0), 1e-5);
  EXPECT_NEAR(estimate->value - *estimate->low, *estimate->high - estimate->value, 1e-12);
  EXPECT_FALSE(mean({3.0})->low);
  EXPECT_FALSE(mean({}));
}

// Wilson's interval of 8 in 10, (a +- b) / (1 + z^2/n) with z = 1.959964: 0.4901625 .. 0.9433178.
TEST(Estimates, RatesHaveWilsonsInterval) {
  auto estimate = proportion(8, 10);
  EXPECT_EQ(estimate->value, 0.8);
  EXPECT_NEAR(*estimate->low, 0.4901625, 1e-6);
  EXPECT_NEAR(*estimate->high, 0.9433178, 1e-6);
  EXPECT_EQ(*proportion(0, 5)->low, 0);
  EXPECT_EQ(*proportion(5, 5)->high, 1);
  EXPECT_FALSE(proportion(0, 0));
}

}  // namespace
}  // namespace vesper::sweep
