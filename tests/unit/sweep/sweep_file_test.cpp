// Sweep files: what they say, what is refused, and what they make of a scenario.
#include "platform/scenario/yaml.h"
#include "tests/unit/sweep/fixture.h"

namespace vesper::sweep {
namespace {

using ::testing::HasSubstr;
using SweepFile = SweepTest;

constexpr const char* kGrid = "grid: {scheduler.policy: [edf, fcfs], run.seed: {count: 3}}\n";

TEST_F(SweepFile, HoldsWhatItSays) {
  Sweep sweep = read(std::string(kGrid) +
                     "seed: 5\n"
                     "outcome: {analysis: limited_preemptive_edf, simulate: hyperperiod, stop_at_miss: true, "
                     "at_most: {simulated: 2 s, regions: 9}}\n"
                     "figures: {late: metrics.miss_rate, p99: tasks.camera.response_s.p99}\n"
                     "plot: {x: run.seed, y: late, by: scheduler.policy}\n");
  EXPECT_EQ(sweep.title, "a test");
  EXPECT_EQ(sweep.base, folder_ / "base.yaml");
  EXPECT_EQ(sweep.seed, 5U);
  EXPECT_EQ(sweep.outcome.simulate, Horizon::hyperperiod);
  EXPECT_EQ(sweep.outcome.at_most.simulated, ms(2000));
  EXPECT_EQ(sweep.outcome.at_most.regions, 9U);
  ASSERT_EQ(sweep.figures.size(), 2U);
  EXPECT_EQ(sweep.figures[1].path, "tasks.camera.response_s.p99");
  EXPECT_EQ(columns(sweep), (std::vector<std::string>{"point", "scheduler.policy", "run.seed", "seed",
                                                      "outcome", "bound", "late", "p99"}));
  ASSERT_EQ(sweep.plots.size(), 1U);
}

TEST_F(SweepFile, OverridesReachKeysWithDots) {
  Sweep sweep = read(kGrid, {"grid.scheduler.policy=[edf]", "grid.run.seed.count=7"});
  EXPECT_EQ(sweep.space.size(), 7U);
}

TEST_F(SweepFile, ThePointSetsItsValuesOverTheBase) {
  Sweep sweep = read(std::string(kGrid) + "set: {run.until: 3 ms}\n");
  Node base =
      scenario::parse_yaml("{run: {until: 1 ms, seed: 9}, scheduler: {policy: fcfs, placement: ideal}}", "b");
  Node made = scenario_of(sweep, base, 2, {});
  EXPECT_EQ(made.find("run")->find("until")->text(), "3 ms");
  EXPECT_EQ(made.find("run")->find("seed")->text(), "2");
  EXPECT_EQ(made.find("scheduler")->find("policy")->text(), "edf");
  EXPECT_EQ(made.find("scheduler")->find("placement")->text(), "ideal");
}

TEST_F(SweepFile, EveryValueOfEveryAxisIsChecked) {
  Sweep sweep = read(kGrid);
  Node base = scenario::parse_yaml("{run: {until: 1 ms}}", "b");
  std::vector<std::string> seen;
  check_axes(sweep, base, {}, [&](const Node& scenario) {
    seen.push_back(scenario.find("scheduler")->find("policy")->text() +
                   scenario.find("run")->find("seed")->text());
  });
  EXPECT_THAT(seen, ::testing::ElementsAre("edf0", "fcfs0", "edf1", "edf2"));
}

TEST_F(SweepFile, AnAxisThatIsNoPropertyIsNamedWithItsPlace) {
  Sweep sweep = read("grid: {schedular.policy: [edf]}\n");
  try {
    check_axes(sweep, scenario::parse_yaml("{run: {}}", "b"), {}, [](const Node&) {});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("sweep.yaml:3:8: there is no property 'schedular.policy' (did you mean "
                          "'scheduler'?)"));
  }
}

TEST_F(SweepFile, TheFingerprintChangesWithAnythingResultsDependOn) {
  Sweep sweep = read(kGrid);
  Node base = scenario::parse_yaml("{run: {until: 1 ms}}", "b");
  std::string first = fingerprint(sweep, base);
  EXPECT_EQ(fingerprint(read(kGrid), base), first);
  EXPECT_NE(fingerprint(read(std::string(kGrid) + "seed: 2\n"), base), first);
  EXPECT_NE(fingerprint(read(kGrid, {"grid.run.seed.count=4"}), base), first);
  EXPECT_NE(fingerprint(sweep, scenario::parse_yaml("{run: {until: 2 ms}}", "b")), first);
  EXPECT_NE(fingerprint(read(std::string(kGrid) + "figures: [metrics.antt]\n"), base), first);
  EXPECT_EQ(fingerprint(read(std::string(kGrid) + "plot: {x: run.seed, y: success_rate}\ntable: {rows: "
                                                  "[scheduler.policy], columns: [success_rate]}\n"),
                        base),
            first)
      << "what is shown of the results is drawn anew without computing them";
  std::string network = folder_ / "network.yaml";
  test::write_file(network, "name: one\n");
  Node with_file = scenario::parse_yaml("{tasks: [{model: " + network + "}]}", "b");
  std::string before = fingerprint(sweep, with_file);
  test::write_file(network, "name: two\n");
  EXPECT_NE(fingerprint(sweep, with_file), before) << "the contents of files count";
}

TEST_F(SweepFile, WrongKeysAreRefusedWithPlaceAndRemedy) {
  std::string grid = kGrid;
  EXPECT_THAT(error(grid + "gird: {}\n"),
              HasSubstr("sweep.yaml:4:1: unknown key 'gird' (did you mean 'grid'?)"));
  EXPECT_THAT(error(grid + "outcome: {simulate: for ever}\n"), HasSubstr("until|hyperperiod|nothing"));
  EXPECT_THAT(error(grid + "outcome: {at_most: {simulated: 0 s}}\n"), HasSubstr("at least 1 ps"));
  EXPECT_THAT(error(grid + "figures: [metric.miss_rate]\n"), HasSubstr("did you mean 'metrics'?"));
  EXPECT_THAT(error(grid + "figures: {run.seed: metrics.antt}\n"),
              HasSubstr("the column 'run.seed' is there"));
  EXPECT_THAT(error(grid + "figures: 3\n"), HasSubstr("figures takes a list"));
  EXPECT_THAT(error(grid + "plot: {x: seed, y: success_rate}\n"), HasSubstr("there is no axis 'seed'"));
  EXPECT_THAT(error(grid + "plot: {x: run.seed, y: miss_rate}\n"), HasSubstr("neither a rate nor a column"));
  EXPECT_THAT(error(grid + "plot: {x: run.seed, by: run.seed, y: success_rate}\n"),
              HasSubstr("the same axis"));
  EXPECT_THAT(error(grid + "plot: [{x: run.seed, y: success_rate}, {x: run.seed, y: success_rate}]\n"),
              HasSubstr("names of their own"));
  EXPECT_THAT(error(grid + "plot: {x: success_rate, y: success_rate}\n"), HasSubstr("takes 'by'"));
  EXPECT_THAT(error(grid + "table: {rows: [run.sed], columns: [success_rate]}\n"),
              HasSubstr("table.rows: there is no axis 'run.sed' (did you mean 'run.seed'?)"));
  EXPECT_THAT(error(grid + "table: {rows: [run.seed], columns: [sucess_rate]}\n"),
              HasSubstr("table.columns: 'sucess_rate' is neither"));
  EXPECT_THAT(error(grid + "table: {rows: [], columns: [success_rate]}\n"), HasSubstr("at least one name"));
  EXPECT_THAT(error(grid + "table: {rows: [run.seed], across: run.seed, columns: [success_rate]}\n"),
              HasSubstr("twice"));
  EXPECT_THAT(error(grid + "table: {rows: [run.seed], columns: [success_rate], digits: 0}\n"),
              HasSubstr("table.digits"));
  EXPECT_THAT(error(grid + "generate: {task_set: unifast}\n"), HasSubstr("did you mean 'uunifast'?"));
  EXPECT_THAT(error(grid + "generate: {}\n"), HasSubstr("task_set, the name of a generator"));
  EXPECT_THAT(error(grid + "generate: {task_set: uunifast, periods: nice}\n"),
              HasSubstr("exact, rounded, published"));
  test::write_file(folder_ / "scenario.yaml", "scenario: a title\n");
  EXPECT_THROW(read_sweep(folder_ / "scenario.yaml", {}), InputError);
}

}  // namespace
}  // namespace vesper::sweep
