// DERCA's analysis and placement, against its published code.
#include <gmock/gmock.h>

#include <numeric>

#include "schedulers/offline/periods.h"
#include "tests/conformance/derca/points.h"

namespace vesper::test {
namespace {

using offline::Analysis;
using offline::TaskAnalysis;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::SizeIs;

constexpr size_t kPoints = 336;  // 42 task sets, eight designs

Analysis analysis_of(const DercaPoint& point) {
  return analyse(task_set(point), *offline::find_design(point.strategy));
}

TEST(DercaAnalysis, RegionsAndWcets) {
  std::vector<DercaPoint> points = read_derca_points();
  ASSERT_THAT(points, SizeIs(kPoints));
  for (const DercaPoint& point : points) {
    SCOPED_TRACE(point.text());
    Analysis analysis = analysis_of(point);
    for (size_t i = 0; i < point.regions.size(); ++i) {
      const offline::RegionSummary& regions = analysis.tasks[i].regions;
      EXPECT_EQ(regions.execution, point.execution[i]);
      EXPECT_EQ(regions.count, point.regions[i].count);
      EXPECT_EQ(regions.longest, point.regions[i].longest);
      EXPECT_EQ(regions.wcet, point.regions[i].wcet);
      EXPECT_EQ(regions.first_overhead, point.regions[i].first_overhead);
      EXPECT_EQ(regions.wcet,
                regions.execution + regions.management + regions.first_overhead + regions.swap_in);
    }
  }
}

TEST(DercaAnalysis, LongestRegionsSlackAndVerdict) {
  size_t passing = 0;
  for (const DercaPoint& point : read_derca_points()) {
    SCOPED_TRACE(point.text());
    Analysis analysis = analysis_of(point);
    EXPECT_EQ(analysis.passes(), point.passes) << name_of(analysis.verdict);
    passing += point.passes ? 1 : 0;
    std::vector<int64_t> beta, q_max;
    for (const TaskAnalysis& task : analysis.tasks) {
      beta.push_back(task.beta.value());
      q_max.push_back(task.regions.longest);
    }
    EXPECT_THAT(beta, ElementsAreArray(point.beta));
    q_max.push_back(0);
    if (!point.q_max.empty()) {
      EXPECT_THAT(q_max, ElementsAreArray(point.q_max));
    }
  }
  EXPECT_GT(passing, 0U);
  EXPECT_LT(passing, kPoints);
}

// The published code leaves out the hyperperiod, and so passes three sets whose WCETs need a little more than
// all the time there is.
TEST(DercaAnalysis, TestingTheHyperperiodChangesVerdictsAboveUtilisationOneAlone) {
  std::vector<int> changed;
  for (const DercaPoint& point : read_derca_points()) {
    SCOPED_TRACE(point.text());
    offline::TaskSet set = task_set(point);
    set.terms.hyperperiod_tested = true;
    Analysis analysis = analyse(set, *offline::find_design(point.strategy));
    if (analysis.passes() == point.passes) continue;
    EXPECT_TRUE(point.passes);
    EXPECT_EQ(analysis.verdict, offline::Verdict::overload);
    changed.push_back(point.line);
  }
  EXPECT_THAT(changed, ElementsAre(98, 311, 322));
}

TEST(DercaAnalysis, PeriodsOfThePublishedMethod) {
  for (const DercaPoint& point : read_derca_points()) {
    SCOPED_TRACE(point.text());
    std::vector<int64_t> periods =
        offline::find_period_method("published")->make(point.execution, point.utilisations, {});
    EXPECT_THAT(periods, ElementsAreArray(point.periods));
    EXPECT_EQ(std::lcm(periods[0], periods[1]), point.hyperperiod);
  }
}

}  // namespace
}  // namespace vesper::test
