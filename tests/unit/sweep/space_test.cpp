// Points of grids and random spaces.
#include <set>

#include "tests/unit/sweep/fixture.h"

namespace vesper::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Space_ = SweepTest;

TEST_F(Space_, AGridIsTheProductOfItsAxesTheFirstTheSlowest) {
  Sweep sweep = read("grid: {scheduler.policy: [edf, fcfs], run.seed: {count: 3}}\n");
  ASSERT_EQ(sweep.space.size(), 6U);
  EXPECT_THAT(labels(sweep, 0), ElementsAre("edf", "0"));
  EXPECT_THAT(labels(sweep, 2), ElementsAre("edf", "2"));
  EXPECT_THAT(labels(sweep, 3), ElementsAre("fcfs", "0"));
  EXPECT_THAT(labels(sweep, 5), ElementsAre("fcfs", "2"));
}

TEST_F(Space_, RangesAreExactInDecimalsAndKeepTheirUnit) {
  Sweep sweep =
      read("grid: {a.x: {from: 0.5, to: 1.0, step: 0.025}, a.y: {from: 1 ms, to: 2 ms, step: 0.25 ms}}\n");
  const Axis& x = sweep.space.axes()[0];
  ASSERT_EQ(x.size(), 21U);
  EXPECT_EQ(x.label(0), "0.5");
  EXPECT_EQ(x.label(1), "0.525");
  EXPECT_EQ(x.label(20), "1");
  const Axis& y = sweep.space.axes()[1];
  ASSERT_EQ(y.size(), 5U);
  EXPECT_EQ(y.label(1), "1.25 ms");
  EXPECT_EQ(y.settings(4)[0].value.text(), "2 ms");
}

TEST_F(Space_, AnEndThatNoStepReachesIsLeftOut) {
  Sweep sweep = read("grid: {a: {from: -1, to: 1.5, step: 1}}\n");
  ASSERT_EQ(sweep.space.size(), 3U);
  EXPECT_THAT(labels(sweep, 0), ElementsAre("-1"));
  EXPECT_THAT(labels(sweep, 2), ElementsAre("1"));
}

TEST_F(Space_, NamedSettingsChangeTogether) {
  Sweep sweep = read("grid: {design: {plain: , both: {a.b: 1, c.d: two}}}\n");
  const Axis& design = sweep.space.axes()[0];
  EXPECT_EQ(design.kind(), AxisKind::bundles);
  EXPECT_TRUE(design.settings(0).empty());
  ASSERT_EQ(design.settings(1).size(), 2U);
  EXPECT_EQ(design.settings(1)[1].path, "c.d");
  EXPECT_EQ(design.settings(1)[1].value.text(), "two");
}

TEST_F(Space_, RandomPointsDependOnSeedAndIndexAlone) {
  const std::string random = "random: {points: 200, over: {a: {from: 0.00, to: 1.00}, b: [x, y, z]}}\n";
  Sweep sweep = read("seed: 7\n" + random);
  Sweep longer = read("seed: 7\n" + random, {"random.points=400"});
  Sweep other = read("seed: 8\n" + random);
  std::set<std::string> first;
  std::set<std::string> second;
  size_t differ = 0;
  for (uint64_t point = 0; point < 200; ++point) {
    auto drawn = labels(sweep, point);
    EXPECT_EQ(drawn, labels(longer, point));
    differ += drawn != labels(other, point) ? 1 : 0;
    first.insert(drawn[0]);
    second.insert(drawn[1]);
  }
  EXPECT_GT(differ, 150U);
  EXPECT_GT(first.size(), 60U) << "of 101 hundredths";
  EXPECT_EQ(second.size(), 3U);
}

TEST_F(Space_, WrongAxesAreRefused) {
  EXPECT_THAT(error(""), HasSubstr("either 'grid' or 'random'"));
  EXPECT_THAT(error("grid: {}\n"), HasSubstr("grid is empty"));
  EXPECT_THAT(error("grid: {a: []}\n"), HasSubstr("grid.a has no values"));
  EXPECT_THAT(error("grid: {a: 3}\n"), HasSubstr("takes a list of values"));
  EXPECT_THAT(error("grid: {a: [1, 1]}\n"), HasSubstr("the value '1' twice"));
  EXPECT_THAT(error("grid: {a: [{b: 1}]}\n"), HasSubstr("name settings that change together"));
  EXPECT_THAT(error("grid: {a: {from: 1, to: 2}}\n"), HasSubstr("'grid.a.step' is missing"));
  EXPECT_THAT(error("grid: {a: {from: 2, to: 1, step: 1}}\n"), HasSubstr("grid.a is empty"));
  EXPECT_THAT(error("grid: {a: {from: 1 ms, to: 2 s, step: 1 ms}}\n"), HasSubstr("in the same unit"));
  EXPECT_THAT(error("grid: {a: {from: 1, to: 2, step: 0}}\n"), HasSubstr("must be above 0"));
  EXPECT_THAT(error("grid: {a: {from: one, to: 2, step: 1}}\n"), HasSubstr("takes a number"));
  EXPECT_THAT(error("grid: {a: {from: 1, too: 2, step: 1}}\n"), HasSubstr("did you mean 'to'?"));
  EXPECT_THAT(error("grid: {a: {from: 0, to: 9e9, step: 1}}\n"), HasSubstr("same unit"));
  EXPECT_THAT(error("grid: {a: {count: 0}}\n"), HasSubstr("between 1 and"));
  EXPECT_THAT(error("grid: {a: {count: 100000}, b: {count: 100000}}\n"),
              HasSubstr("more than 100000000 points"));
  EXPECT_THAT(error("grid: {point: [1]}\n"), HasSubstr("must not be named 'point'"));
  EXPECT_THAT(error("random: {points: 0, over: {a: [1]}}\n"), HasSubstr("random.points"));
  EXPECT_THAT(error("random: {points: 3, ober: {a: [1]}}\n"), HasSubstr("did you mean 'over'?"));
  EXPECT_THAT(error("grid: {a: [1]}\nseeds: 5\n"), HasSubstr("sweep.yaml:4:8: seeds takes a list"));
  EXPECT_THAT(error("grid: {a: [1]}\nseeds: {five: {}}\n"), HasSubstr("seeds takes a list of numbers"));
  EXPECT_THAT(error("grid: {a: [1]}\nseeds: [1, 1]\n"), HasSubstr("seeds has the value '1' twice"));
  EXPECT_THAT(error("grid: {run.seed: [1]}\nseeds: [1]\n"), HasSubstr("are the same"));
  EXPECT_THAT(error("random: {points: 3, over: {a: [1]}}\nseeds: [1]\n"), HasSubstr("draw run.seed"));
}

TEST_F(Space_, SeedsRepeatEveryPointAndAreTheFastestAxis) {
  Sweep sweep = read("grid: {a: [x, y]}\nseeds: {from: 1, to: 3}\n");
  ASSERT_EQ(sweep.space.size(), 6U);
  EXPECT_EQ(labels(sweep, 1), (std::vector<std::string>{"x", "2"}));
  EXPECT_EQ(labels(sweep, 3), (std::vector<std::string>{"y", "1"}));
}

}  // namespace
}  // namespace vesper::sweep
