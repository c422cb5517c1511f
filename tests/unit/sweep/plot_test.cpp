// Scripts for gnuplot, and that gnuplot takes them.
#include "platform/sweep/plot.h"

#include <filesystem>

#include "platform/sweep/launcher.h"
#include "tests/unit/sweep/fixture.h"

namespace vesper::sweep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PlotTest : public SweepTest {
 protected:
  static Rows rows_of(const Sweep& sweep) {
    Rows rows;
    for (uint64_t point = 0; point < sweep.space.size(); ++point) {
      Verdict verdict{point % 3 == 0 ? Outcome::missed : Outcome::simulated, "", 1,
                      nlohmann::ordered_json{{"metrics", {{"antt", 1.0 + static_cast<double>(point)}}}}};
      rows[point] = row(sweep, point, verdict);
    }
    return rows;
  }
  std::string script(const Sweep& sweep) {
    const Plot& plot = sweep.plots[0];
    return gnuplot_script(sweep, plot, aggregate(sweep, rows_of(sweep), group_axes(sweep, plot)));
  }
};

TEST_F(PlotTest, QuantitiesAreDrawnToScaleWithTheirUnit) {
  std::string text =
      script(read("grid: {tasks.a.period: [5 ms, 10 ms, 40 ms], run.seed: {count: 4}}\n"
                  "plot: {x: tasks.a.period, y: success_rate}\n"));
  EXPECT_THAT(text, HasSubstr("set xlabel 'tasks.a.period (ms)'"));
  EXPECT_THAT(text, HasSubstr("using (real(word(strcol(1),1)))"));
  EXPECT_THAT(text, HasSubstr("yerrorlines"));
}

TEST_F(PlotTest, NamesStandSideBySide) {
  std::string text =
      script(read("grid: {scheduler.policy: [edf, fcfs]}\nfigures: {antt: metrics.antt}\n"
                  "plot: {x: scheduler.policy, y: antt}\n"));
  EXPECT_THAT(text, HasSubstr("xticlabels(1)"));
  EXPECT_THAT(text, Not(HasSubstr("yerrorlines"))) << "a mean of one point has no interval";
}

TEST_F(PlotTest, AQuantityAgainstAnotherIsAPointASeriesWithBothIntervals) {
  Sweep sweep = read(
      "grid: {scheduler.policy: [edf, fcfs]}\nseeds: [1, 2, 3]\nfigures: {antt: metrics.antt}\n"
      "plot: {x: success_rate, y: antt, by: scheduler.policy, x_label: rate}\n");
  std::string text = script(sweep);
  EXPECT_THAT(text, HasSubstr("set xlabel 'rate'"));
  EXPECT_THAT(text, HasSubstr("every ::0::0 using 8:14:9:10:15:16 with xyerrorbars"));
  EXPECT_THAT(text, HasSubstr("every ::1::1 using 8:14"));
  write_results(sweep, rows_of(sweep), folder_.path(), true);
  EXPECT_GT(std::filesystem::file_size(folder_.path() / "plot.png"), 50U);
}

TEST_F(PlotTest, GnuplotDrawsWhatHasQuotesAndCommas) {
  Sweep sweep = read(
      "grid: {x: [1, 2], it's: ['a, b', \"c'd\"], run.seed: {count: 5}}\nfigures: {antt: metrics.antt}\n"
      "plot: [{name: one, x: x, y: antt, by: it's, title: it's fine, log_y: true}, "
      "{name: two, x: it's, y: success_rate}]\n");
  auto files = write_results(sweep, rows_of(sweep), folder_.path(), true);
  for (const char* file :
       {"results.csv", "aggregate-one.csv", "plot-one.gp", "plot-one.svg", "plot-two.png"}) {
    EXPECT_THAT(files, ::testing::Contains(file));
    EXPECT_GT(std::filesystem::file_size(folder_.path() / file), 50U) << file;
  }
  EXPECT_THAT(test::read_file(folder_.path() / "plot-one.svg"), HasSubstr("it's fine"));
}

TEST_F(PlotTest, OnlyThePointsThatAreAskedForAreInAPlot) {
  Sweep sweep = read(
      "grid: {scheduler.policy: [edf, fcfs], x: [1, 2]}\nfigures: {antt: metrics.antt}\n"
      "plot: {x: x, y: antt, by: scheduler.policy, only: [scheduler.policy=fcfs]}\n");
  write_results(sweep, rows_of(sweep), folder_.path(), false);
  std::string aggregate = test::read_file(folder_.path() / "aggregate.csv");
  EXPECT_THAT(aggregate, HasSubstr("\nfcfs,1,"));
  EXPECT_THAT(aggregate, HasSubstr("\nfcfs,2,"));
  EXPECT_THAT(aggregate, Not(HasSubstr("edf,")));
}

TEST_F(PlotTest, WithoutPlotsTheAggregateIsStillThere) {
  Sweep sweep = read("grid: {x: [1, 2]}\n");
  EXPECT_THAT(write_results(sweep, rows_of(sweep), folder_.path(), true),
              ::testing::ElementsAre("results.csv", "aggregate.csv"));
}

}  // namespace
}  // namespace vesper::sweep
