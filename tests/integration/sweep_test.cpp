// Sweeps leave the same bytes however they are cut, killed and resumed, and refuse nonsense in words.
#include <nlohmann/json.hpp>
#include <set>

#include "tests/integration/sweep_fixture.h"

namespace vesper::test {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> sweep(const std::string& out, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"sweep", kSmallSweep, "--out", out});
  return more;
}

void expect_same_results(const fs::path& first, const fs::path& second) {
  for (const char* file : {"results.csv", "aggregate.csv", "plot.gp", "plot.svg", "plot.png"})
    EXPECT_EQ(read_file(first / file), read_file(second / file)) << file;
}

TEST(Sweep, JudgesEveryPointOnce) {
  TemporaryFolder folder;
  CommandResult result = run_vesper(sweep(folder / "out"));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "") << "quiet in a pipe";
  auto rows = read_csv(folder.path() / "out/results.csv");
  ASSERT_EQ(rows.size(), 360U);
  std::map<std::string, size_t> outcomes;
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].at("point"), std::to_string(i));
    const std::string& outcome = rows[i].at("outcome");
    ++outcomes[outcome];
    EXPECT_EQ(rows[i].at("verdict") == "schedulable", outcome == "analysis") << i;
    EXPECT_EQ(rows[i].at("simulated_s").empty(), outcome == "analysis") << i;
    EXPECT_EQ(rows[i].at("bound"), outcome == "timeout" ? "simulated" : "");
    if (outcome == "timeout") {
      EXPECT_EQ(rows[i].at("simulated_s"), "3");
    }
  }
  for (const char* outcome : {"analysis", "simulated", "missed", "timeout"})
    EXPECT_GT(outcomes[outcome], 0U) << outcome;
  EXPECT_THAT(result.out, HasSubstr("missed " + std::to_string(outcomes["missed"])));
}

TEST(Sweep, ResultsDoNotDependOnProcessesOrShards) {
  TemporaryFolder folder;
  ASSERT_EQ(run_vesper(sweep(folder / "whole", {"--jobs", "1"})).status, 0);
  ASSERT_EQ(run_vesper(sweep(folder / "many", {"--jobs", "5"})).status, 0);
  expect_same_results(folder.path() / "whole", folder.path() / "many");

  std::vector<std::string> merge{"sweep", "--merge", "--out", folder / "merged"};
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    std::string own = folder / std::string(1, shard[0]);
    ASSERT_EQ(run_vesper(sweep(own, {"--shard", shard})).status, 0);
    EXPECT_FALSE(fs::exists(fs::path(own) / "results.csv"));
    EXPECT_EQ(points_done(own), 120U);
    merge.push_back(own);
  }
  CommandResult merged = run_vesper(merge);
  ASSERT_EQ(merged.status, 0) << merged.err;
  expect_same_results(folder.path() / "whole", folder.path() / "merged");

  merge.pop_back();
  CommandResult incomplete = run_vesper(merge);
  EXPECT_EQ(incomplete.status, 2);
  EXPECT_THAT(incomplete.err, HasSubstr("120 of 360 points are missing (2, 5, 8, 11, 14, ...)"));
}

// A limit on the size of the journal ends the sweep within a line at the very same byte on any machine.
TEST(Sweep, ResultsDoNotDependOnWhereItWasCutShort) {
  TemporaryFolder folder;
  ASSERT_EQ(run_vesper(sweep(folder / "whole", {"--jobs", "1"})).status, 0);
  size_t whole = read_file(folder / "whole/journal.csv").size();
  fs::path cut = folder.path() / "cut";
  std::string before;
  for (size_t limit : {whole / 10, whole / 3, whole - 7}) {
    Background run(vesper_words(sweep(cut.string(), {"--jobs", "3"})), {folder / "log", SIGKILL, limit});
    int status = run.wait();
    EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    std::string after = read_file(cut / "journal.csv");
    EXPECT_EQ(after.size(), limit);
    EXPECT_FALSE(fs::exists(cut / "results.csv"));
    EXPECT_TRUE(after.starts_with(before)) << "nothing done is lost or done again";
    before = after.substr(0, after.rfind('\n') + 1);
  }
  CommandResult resumed = run_vesper(sweep(cut.string()));
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  expect_same_results(folder.path() / "whole", cut);
  EXPECT_EQ(points_done(cut), 360U);
}

/// Far more points than are done before the signal comes, however late that is.
std::vector<std::string> endless_sweep(const std::string& out) {
  return vesper_words(sweep(out, {"--jobs", "2", "--set", "grid.set.count=100000"}));
}

TEST(Sweep, AKillLosesNothingThatIsDone) {
  TemporaryFolder folder;
  fs::path out = folder.path() / "out";
  std::string before;
  for (size_t least : {30U, 120U, 200U}) {
    Background run(endless_sweep(out.string()), {folder / "log"});
    wait_for_points(out, least);
    EXPECT_TRUE(WIFSIGNALED(run.end(SIGKILL)));
    std::string after = read_file(out / "journal.csv");
    EXPECT_FALSE(fs::exists(out / "results.csv"));
    EXPECT_TRUE(after.starts_with(before)) << "nothing done is lost or done again";
    before = after.substr(0, after.rfind('\n') + 1);
  }
}

TEST(Sweep, CtrlCEndsInWordsAndIsResumed) {
  TemporaryFolder folder;
  fs::path out = folder.path() / "out";
  {
    Background run(endless_sweep(out.string()), {folder / "log"});
    wait_for_points(out, 10);
    int status = run.end(SIGINT);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 1);
  }
  EXPECT_THAT(read_file(folder / "log"), HasSubstr("the same command goes on where this ended"));
  std::string before = read_file(out / "journal.csv");
  Background again(endless_sweep(out.string()), {folder / "log"});
  wait_for_points(out, points_done(out) + 10);
  EXPECT_TRUE(read_file(out / "journal.csv").starts_with(before));
}

TEST(Sweep, AChangedSweepDoesNotResumeAnOldFolder) {
  TemporaryFolder folder;
  std::vector<std::string> small{"--no-plot", "--set", "grid.set.count=1"};
  ASSERT_EQ(run_vesper(sweep(folder / "out", small)).status, 0);
  small.insert(small.end(), {"--set", "seed=4"});
  CommandResult changed = run_vesper(sweep(folder / "out", small));
  EXPECT_EQ(changed.status, 2);
  EXPECT_THAT(changed.err,
              HasSubstr("holds results of another sweep: its file, its scenario or a network has "
                        "changed since"));
  ASSERT_EQ(run_vesper(sweep(folder / "other", small)).status, 0);
  CommandResult merge =
      run_vesper({"sweep", "--merge", folder / "out", folder / "other", "--out", folder / "m"});
  EXPECT_EQ(merge.status, 2);
  EXPECT_THAT(merge.err, HasSubstr("results of different sweeps"));
}

TEST(Sweep, AMergeChangesWhatIsShownAndNothingElse) {
  TemporaryFolder folder;
  std::string shard = folder / "1";
  ASSERT_EQ(run_vesper(sweep(shard, {"--no-plot", "--set", "grid.set.count=1", "--shard", "1/1"})).status, 0);
  std::vector<std::string> merge{"sweep", "--merge", shard, "--out", folder / "merged", "--no-plot", "--set"};
  auto with = [&](const char* setting) {
    std::vector<std::string> words = merge;
    words.emplace_back(setting);
    return run_vesper(words);
  };
  for (const char* other :
       {"figures=[metrics.antt]",
        "figures={verdict: analysis.verdict, simulated_s: simulated_s, worst: metrics.antt}",
        "grid.set.count=2", "grid.utilisation=[0.5, 0.6, 0.7, 0.8, 0.9]", "seed=9",
        "outcome.stop_at_miss=false"}) {
    CommandResult refused = with(other);
    EXPECT_EQ(refused.status, 2) << other;
    EXPECT_THAT(refused.err, HasSubstr("--set can change the title, plots and tables")) << other;
    EXPECT_FALSE(fs::exists(folder / "merged/results.csv")) << other;
  }
  CommandResult shown = with("table={rows: [utilisation], across: design, columns: [success_rate, worst]}");
  ASSERT_EQ(shown.status, 0) << shown.err;
  EXPECT_EQ(read_csv(folder.path() / "merged/table.csv").size(), 5U);
}

TEST(Sweep, SeedsAreARowOfTheTableTogether) {
  TemporaryFolder folder;
  write_file(folder / "seeds.yaml",
             "sweep: seeds\nbase: " VESPER_SOURCE_DIR
             "/scenarios/demo/camera_and_lidar.yaml\n"
             "set: {run.until: 100 ms, tasks.lidar.jitter: 5 ms, tasks.camera.jitter: 10 ms}\n"
             "grid: {scheduler.policy: [edf, fcfs]}\nseeds: [1, 2, 3, 4, 5]\n"
             "figures: {antt: metrics.antt, stp: metrics.stp, misses: metrics.miss_rate, preemptions: "
             "scheduler.preemptions, decision_s: scheduler.decision_latency_s.mean}\n"
             "table: {rows: [scheduler.policy], columns: [antt, stp, misses, preemptions, decision_s]}\n"
             "plot: {x: scheduler.policy, y: antt}\n");
  CommandResult result = run_vesper({"sweep", folder / "seeds.yaml", "--out", folder / "a", "--jobs", "3"});
  ASSERT_EQ(result.status, 0) << result.err;
  auto rows = read_csv(folder.path() / "a/results.csv");
  ASSERT_EQ(rows.size(), 10U);
  auto table = read_csv(folder.path() / "a/table.csv");
  ASSERT_EQ(table.size(), 2U);
  for (size_t policy = 0; policy < 2; ++policy) {
    double sum = 0;
    std::set<std::string> different;
    for (size_t seed = 0; seed < 5; ++seed) {
      const auto& row = rows[policy * 5 + seed];
      EXPECT_EQ(row.at("seed"), std::to_string(seed + 1));
      sum += std::stod(row.at("antt"));
      different.insert(row.at("antt"));
    }
    EXPECT_GT(different.size(), 1U) << "the seed reaches the arrivals";
    EXPECT_NEAR(std::stod(table[policy].at("antt")), sum / 5, 1e-5 * sum);
    EXPECT_LT(std::stod(table[policy].at("antt_low")), std::stod(table[policy].at("antt_high")));
    for (const char* column : {"stp", "misses", "preemptions", "decision_s"})
      EXPECT_FALSE(table[policy].at(column).empty()) << column;
  }
  EXPECT_THAT(read_file(folder / "a/plot.gp"), HasSubstr("yerrorlines"));
  ASSERT_EQ(run_vesper({"sweep", folder / "seeds.yaml", "--out", folder / "b", "--jobs", "1"}).status, 0);
  for (const char* file : {"results.csv", "table.csv", "table.md", "aggregate.csv", "plot.svg"})
    EXPECT_EQ(read_file(folder.path() / "a" / file), read_file(folder.path() / "b" / file)) << file;
}

TEST(Sweep, RequestsEndOfThemselvesAndHeedTheOtherBounds) {
  TemporaryFolder folder;
  write_file(folder / "mix.yaml", "include: " VESPER_SOURCE_DIR
                                  "/scenarios/platforms/eyeriss_v2.yaml\nscenario: a mix\n"
                                  "scheduler: {policy: dysta, placement: ideal, granularity: layer}\n"
                                  "requests: {arrival: poisson, rate: 0.1, count: 30, slo: 1.5, models: "
                                  "[{name: net, layers: 5, time: 5 s, "
                                  "variation: 0.2, sparsity: [0.4, 0.6]}]}\n");
  write_file(folder / "mix_sweep.yaml",
             "sweep: requests\nbase: mix.yaml\ngrid: {scheduler.policy: [fcfs, dysta]}\nseeds: [1, 2]\n"
             "figures: {decisions: scheduler.decisions, simulated_s: simulated_s}\n");
  auto rows = [&](const char* out, const std::vector<std::string>& settings) {
    std::vector<std::string> words{"sweep", folder / "mix_sweep.yaml", "--out", folder / out};
    for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
    CommandResult result = run_vesper(words);
    EXPECT_EQ(result.status, 0) << result.err;
    return read_csv(folder.path() / out / "results.csv");
  };
  for (const auto& row : rows("whole", {})) {
    EXPECT_EQ(row.at("decisions"), "150");
    EXPECT_GT(std::stod(row.at("simulated_s")), 100.0);
    EXPECT_EQ(row.at("outcome"), "missed");
  }
  for (const auto& row : rows("early", {"outcome={stop_at_miss: true}"}))
    EXPECT_NE(row.at("decisions"), "150");
  for (const auto& row : rows("few", {"outcome={at_most: {regions: 7}}"}))
    EXPECT_EQ(row.at("decisions"), "7");
}

TEST(Sweep, AMissingBaseIsToldWithItsPlace) {
  TemporaryFolder folder;
  std::string file = folder / "lost.yaml";
  write_file(file, "sweep: lost\nbase: nowhere.yaml\ngrid: {run.seed: [1]}\n");
  CommandResult result = run_vesper({"sweep", file, "--out", folder / "out"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr(file + ":2:7: cannot read"));
  EXPECT_THAT(result.err, HasSubstr("nowhere.yaml"));
}

TEST(Sweep, BoundsByRegionsAndRunsToTheEndAreTheScenariosOwn) {
  TemporaryFolder folder;
  std::vector<std::string> bounded{"--no-plot",
                                   "--set",
                                   "grid.set.count=2",
                                   "--set",
                                   "outcome.analysis=none",
                                   "--set",
                                   "figures={decisions: scheduler.decisions, simulated_s: simulated_s}",
                                   "--set",
                                   "outcome.at_most.regions=500"};
  ASSERT_EQ(run_vesper(sweep(folder / "out", bounded)).status, 0);
  size_t stopped = 0;
  for (const auto& row : read_csv(folder.path() / "out/results.csv")) {
    if (row.at("bound") != "regions") continue;
    ++stopped;
    EXPECT_EQ(row.at("decisions"), "500");
  }
  EXPECT_GT(stopped, 10U);
}

TEST(Sweep, ARandomSpaceOverAnyScenario) {
  TemporaryFolder folder;
  std::string text =
      "sweep: random\nbase: " VESPER_SOURCE_DIR
      "/scenarios/demo/camera_and_lidar.yaml\nseed: 2\nset: {run.until: 20 ms}\n"
      "random: {points: 12, over: {tasks.camera.period: {from: 20 ms, to: 40 ms}, scheduler.granularity: "
      "[layer, "
      "tile], memory.fidelity: [fixed]}}\nfigures: [tasks.lidar.response_s.max, metrics.miss_rate]\n";
  write_file(folder / "random.yaml", text);
  for (const char* out : {"a", "b"})
    ASSERT_EQ(run_vesper({"sweep", folder / "random.yaml", "--out", folder / out}).status, 0);
  EXPECT_EQ(read_file(folder / "a/results.csv"), read_file(folder / "b/results.csv"));
  std::set<std::string> periods;
  for (const auto& row : read_csv(folder.path() / "a/results.csv")) {
    periods.insert(row.at("tasks.camera.period"));
    EXPECT_EQ(row.at("outcome"), row.at("metrics.miss_rate") == "0" ? "simulated" : "missed");
    EXPECT_FALSE(row.at("tasks.lidar.response_s.max").empty());
  }
  EXPECT_GT(periods.size(), 5U);
}

TEST(Sweep, APointIsTheRunOfItsScenario) {
  TemporaryFolder folder;
  const char* demo = "scenarios/demo/camera_and_lidar.yaml";
  write_file(folder / "demo.yaml",
             "sweep: demo\nbase: " VESPER_SOURCE_DIR "/" + std::string(demo) +
                 "\nset: {run.until: 50 ms}\n"
                 "grid: {scheduler.granularity: [layer, tile], run.stop_at: [end, first_miss]}\n"
                 "figures: [simulated_s, complete, tasks.lidar.response_s.max, "
                 "scheduler.decisions]\n");
  ASSERT_EQ(run_vesper({"sweep", folder / "demo.yaml", "--out", folder / "out"}).status, 0);
  auto rows = read_csv(folder.path() / "out/results.csv");
  ASSERT_EQ(rows.size(), 4U);
  for (const auto& row : rows) {
    std::vector<std::string> run{"run", demo, "--until", "50 ms", "--out", folder / "run"};
    for (const char* axis : {"scheduler.granularity", "run.stop_at"})
      run.insert(run.end(), {"--set", std::string(axis) + "=" + row.at(axis)});
    ASSERT_EQ(run_vesper(run).status, 0);
    auto summary = read_summary(folder / "run");
    EXPECT_EQ(std::stod(row.at("simulated_s")), summary["simulated_s"].get<double>());
    EXPECT_EQ(row.at("scheduler.decisions"), summary["scheduler"]["decisions"].dump());
    const auto& response = summary["tasks"][1]["response_s"];
    std::string longest = row.at("tasks.lidar.response_s.max");
    EXPECT_EQ(longest.empty(), response.is_null());
    if (!longest.empty()) {
      EXPECT_EQ(std::stod(longest), response["max"].get<double>());
    }
    bool misses = row.at("scheduler.granularity") == "layer";
    EXPECT_EQ(row.at("outcome"), misses ? "missed" : "simulated");
    bool early = misses && row.at("run.stop_at") == "first_miss";
    EXPECT_EQ(row.at("complete"), early ? "false" : "true");
    EXPECT_EQ(std::stod(row.at("simulated_s")) < 0.05, early);
  }
}

TEST(Sweep, ShippedSweepsRunInSmall) {
  TemporaryFolder folder;
  for (const char* name : {"fig11a", "fig11b", "fig11c", "fig13"}) {
    std::string file = "scenarios/derca/" + std::string(name) + ".yaml";
    CommandResult result =
        run_vesper({"sweep", file, "--out", folder / name, "--set", "grid.set.count=1", "--set",
                    "grid.utilisation=[0.6, 0.95]", "--set", "outcome.at_most.simulated=2 s"});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(read_csv(folder.path() / name / "results.csv").size(), 16U);
    EXPECT_TRUE(fs::exists(folder.path() / name / "plot.svg"));
  }
}

TEST(Sweep, AFigureThatNoPointHasIsTold) {
  TemporaryFolder folder;
  CommandResult result = run_vesper(sweep(
      folder / "out", {"--no-plot", "--set", "grid.set.count=1", "--set", "figures=[metrics.mis_rate]"}));
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("no point has a value of the figure 'metrics.mis_rate'"));
}

struct Wrong {
  std::vector<std::string> arguments;
  const char* says;
};

TEST(Sweep, NonsenseIsRefusedWithStatusTwoAndLeavesNothing) {
  TemporaryFolder folder;
  auto set = [](const char* assignment) { return std::vector<std::string>{"--set", assignment}; };
  const Wrong all[] = {
      {{"--shard", "3/2"}, "a shard is i/n"},
      {{"--jobs", "0"}, "--jobs is between 1 and 1024"},
      {{"--jobs=-1"}, "--jobs is between 1 and 1024"},
      {{"--launcher", "slrum"}, "did you mean 'slurm'?"},
      {set("grid.set={}"), "takes a list of values, a range"},
      {set("grid={}"), "grid is empty"},
      {set("grid={schedular.placement: [ideal], utilisation: [0.5], design: {IF: {}}}"),
       "there is no property 'schedular.placement'"},
      {set("grid={scheduler.placment: [ideal], utilisation: [0.5], design: {IF: {}}}"),
       "did you mean 'placement'?"},
      {set("grid.scheduler.placement=[ideal, hardwear]"), "did you mean 'hardware'?"},
      {set("grid.scheduler.placement=[software]"), "scheduler.decision_bound"},
      {set("grid={scheduler.policy: [edf, fcfs], utilisation: [0.5], design: {IF: {}}}"),
       "is not of policy fcfs"},
      {set("grid={memory.fidelity: [burst], utilisation: [0.5], design: {IF: {}}}"),
       "does not bound memory.fidelity burst"},
      {set("grid={tasks.third.period: [1 ms], utilisation: [0.5], design: {IF: {}}}"),
       "the list has no item 'third'"},
      {set("base=nowhere.yaml"), "cannot read"},
      {set("set={tasks.first.arrival: sporadic}"), "arrival: periodic"},
      {set("generate.networks=[none.yaml, nothing.yaml]"), "none.yaml': no such file"},
      {set("figures=[metric.antt]"), "did you mean 'metrics'?"},
      {set("plot.by=designs"), "did you mean 'design'?"},
      {set("plot.only=[desing=IP]"), "did you mean 'design'?"},
      {set("plot.only=[design=PI]"), "'design=PI' names no value of the axis design"},
  };
  for (const Wrong& wrong : all) {
    CommandResult result = run_vesper(sweep(folder / "out", wrong.arguments));
    EXPECT_EQ(result.status, 2) << wrong.says << "\n" << result.err;
    EXPECT_THAT(result.err, HasSubstr(wrong.says));
    EXPECT_FALSE(fs::exists(folder.path() / "out" / "journal.csv")) << wrong.says;
  }
  EXPECT_EQ(run_vesper({"sweep"}).status, 2);
  EXPECT_EQ(run_vesper({"sweep", "--merge", folder / "out"}).status, 2);
  EXPECT_THAT(run_vesper({"sweep", "--merge", folder / "out", "--out", folder / "m"}).err,
              HasSubstr("not the folder of a sweep"));
  EXPECT_THAT(run_vesper({"sweep", "scenarios/demo/camera_and_lidar.yaml"}).err,
              HasSubstr("run it with vesper run"));
  EXPECT_THAT(run_vesper(sweep("/dev/null/out", {"--no-plot"})).err, HasSubstr("cannot make the folder"));
}

TEST(Sweep, APlotWithoutGnuplotIsRefusedBeforeTheWork) {
  TemporaryFolder folder;
  setenv("PATH", folder.path().c_str(), 1);
  CommandResult result = run_vesper(sweep(folder / "out"));
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("gnuplot-nox"));
  EXPECT_FALSE(fs::exists(folder.path() / "out"));
  CommandResult slurm = run_vesper(sweep(folder / "out", {"--no-plot", "--launcher", "slurm"}));
  EXPECT_EQ(slurm.status, 2);
  EXPECT_THAT(slurm.err, HasSubstr("there is no sbatch here"));
}

}  // namespace
}  // namespace vesper::test
