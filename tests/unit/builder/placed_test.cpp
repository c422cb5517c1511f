// Programs cut at placed preemption points, through the whole platform.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "platform/builder/lowered_task.h"
#include "tests/support/command.h"
#include "tests/unit/builder/tiny_platform.h"

namespace vesper::test {
namespace {

using builder::LoweredTask;
using builder::LoweredTasks;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Rows = std::vector<std::map<std::string, std::string>>;

/// Tiles of one element, operations of a few cycles, clocks of 4 ns, schedulers that cost nothing.
///
/// `deep` has one output tile of 5 inputs: iterations of 10, 20, 20, 20, 20, 20, 31 cycles. Swapping it in
/// before them: flexible recomputes up to iteration 3 (0, 10, 30, 50) and persists from 4 on (50, 50, 40).
/// `one` has one tile: 10, 20, 31. The analysis adds 6 cycles of kernel management a region.
class Placed : public ::testing::Test {
 protected:
  void write(const std::vector<std::string>& tasks, const std::string& scheduler = "") {
    write_file(folder / "one.yaml", "name: one\nlayers: [{matmul: [1, 1, 1]}]\n");
    write_file(folder / "deep.yaml", "name: deep\nlayers: [{matmul: [1, 5, 1]}]\n");
    write_file(folder / "twice.yaml", "name: twice\nlayers: [{matmul: [1, 1, 1]}, {matmul: [1, 5, 1]}]\n");
    write_file(folder / "s.yaml", kTinyPlatformWithoutCosts +
                                      "run: {until: 1 ms}\nscheduler: {policy: edf, granularity: placed" +
                                      scheduler + "}\n" + task_list(tasks));
  }
  LoweredTasks lowered(const std::vector<std::string>& overrides = {}) {
    return builder::lower(scenario::read_scenario(folder / "s.yaml", overrides));
  }
  CommandResult run(const std::string& placement, const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments{"run",     folder / "s.yaml", "--placement",
                                       placement, "--out",           folder / "out"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    CommandResult result = run_vesper(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    jobs = read_csv(folder / "out/jobs.csv");
    decisions = read_csv(folder / "out/decisions.csv");
    return result;
  }
  nlohmann::json scheduler_summary() { return read_summary(folder / "out")["scheduler"]; }
  /// Cycles at which a task's jobs finish.
  std::vector<int64_t> finishes(const std::string& task) {
    std::vector<int64_t> cycles;
    for (auto& job : jobs) {
      if (job["task"] != task) continue;
      EXPECT_EQ(picoseconds(job["finish_s"]) % 4000, 0);
      cycles.push_back(picoseconds(job["finish_s"]) / 4000);
    }
    return cycles;
  }

  TemporaryFolder folder;
  Rows jobs, decisions;
};

/// Iterations that begin each entry, with the layer in front; a `;` ends a region.
std::string shape_of(const LoweredTask& task) {
  std::string text;
  for (const abi::IndexEntry& region : task.program.regions) {
    for (uint32_t e = region.first; e < region.first + region.count; ++e) {
      const abi::MetadataEntry& entry = task.program.entries[e];
      text += std::to_string(entry.layer) + ":" + std::to_string(entry.first_iteration) + "-" +
              std::to_string(entry.last_iteration);
      if ((entry.flags & abi::kEntryPersistAtStart) != 0) text += "<P";
      if ((entry.flags & abi::kEntryPreemptive) != 0) {
        text += (entry.flags & abi::kEntryPersistAtEnd) != 0 ? " P>" : " R>";
      }
      text += " ";
    }
    text.back() = ';';
  }
  return text;
}

// `urgent` needs 61 + 6 cycles and 30 for the largest swap-out of `long`; due after 200, it leaves 103.
const std::string kUrgent = "name: urgent, model: one.yaml, period: 4 us, deadline: 800 ns, offset: 200 ns";
const std::string kLong = "name: long, model: deep.yaml, period: 20 us";

TEST_F(Placed, RegionsMergeUpToTheBoundOfTheTasksBeforeThem) {
  write({kUrgent, kLong});
  LoweredTasks all = lowered();
  ASSERT_EQ(all.placement.size(), 1U);
  EXPECT_TRUE(all.placement[0].placed);
  EXPECT_EQ(all.placement[0].verdict, "schedulable");
  EXPECT_EQ(shape_of(all.tasks[0]), "0:0-2;");
  // 6 + 90 fit; a sixth iteration would make 116. From iteration 5 on: 50 + 6 + 20, with the last 107.
  EXPECT_EQ(shape_of(all.tasks[1]), "0:0-4 P>;0:5-5<P P>;0:6-6<P;");
  EXPECT_THAT(all.tasks[1].program.region_cycles, ElementsAre(90, 20, 31));
}

TEST_F(Placed, FlexibleChoosesTheStrategyOfEachPoint) {
  // Due after 176: 79 are left, so that 0-3 merge (6 + 70); then 4, 5 and 6 one by one at 76, 76 and 77.
  write({"name: urgent, model: one.yaml, period: 4 us, deadline: 704 ns", kLong});
  EXPECT_EQ(shape_of(lowered().tasks[1]), "0:0-3 P>;0:4-4<P P>;0:5-5<P P>;0:6-6<P;");
  // With recompute the largest swap-out is 4, 105 are left; points are cheap early: the swap-in before 4
  // is 70.
  LoweredTasks recompute = lowered({"scheduler.preemption=recompute"});
  EXPECT_FALSE(recompute.placement[0].placed) << "6 + 110 + 31 cycles for the last region alone";
  EXPECT_EQ(recompute.placement[0].verdict, "unplaceable: long");
}

const std::string kTwice = "name: long, model: twice.yaml, period: 20 us";

TEST_F(Placed, RegionsMergeOverLayersAndEndBetweenThemWithoutStrategy) {
  // 97 are left. Layer 0 and 1:0-1 would take 61 + 30 + 6 and 1 for the second layer; the first of the cuts
  // with least behind them (6 + 30) is between the layers. Then 6 + 90, and one by one.
  write({"name: urgent, model: one.yaml, period: 4 us, deadline: 776 ns", kTwice});
  EXPECT_EQ(shape_of(lowered().tasks[1]), "0:0-2;1:0-4 P>;1:5-5<P P>;1:6-6<P;");
  // 155: layer 0 and 1:0-3 take 61 + 70 + 7; the cut before 1:4 leaves 50 + 20 + 6 behind it.
  write({"name: urgent, model: one.yaml, period: 4 us, deadline: 1008 ns", kTwice});
  EXPECT_EQ(shape_of(lowered().tasks[1]), "0:0-2 1:0-3 P>;1:4-6<P;");
  // 253 take all of it.
  write({"name: urgent, model: one.yaml, period: 4 us, deadline: 1400 ns", kTwice});
  EXPECT_EQ(shape_of(lowered().tasks[1]), "0:0-2 1:0-6;");
}

TEST_F(Placed, TimesAreExact) {
  write({kUrgent, kLong});
  for (const char* placement : {"ideal", "hardware"}) {
    SCOPED_TRACE(placement);
    EXPECT_EQ(run(placement, {"--set", "run.until=4 us"}).err, "");
    // long starts at 3, its first region ends at 93, feedback at 95. urgent, waiting since 50, starts at 98
    // with the swap-out of the region's last part (persist, 30; its first part would be cleaned in 4).
    EXPECT_THAT(finishes("urgent"), ElementsAre(98 + 30 + 61));
    // Feedback at 191; from 194: 40 + 10 to swap in, 20. Feedback at 266; 31 from 269 on.
    EXPECT_THAT(finishes("long"), ElementsAre(269 + 31));
    EXPECT_EQ(decisions.size(), 4U);
  }
}

// A region that ends between layers has nothing to swap out, whatever its first part would have had.
TEST_F(Placed, ARegionThatEndsBetweenLayersSwapsOutForNothing) {
  write({"name: urgent, model: one.yaml, period: 4 us, deadline: 776 ns, offset: 200 ns", kTwice});
  run("ideal", {"--set", "run.until=4 us"});
  EXPECT_THAT(finishes("urgent"), ElementsAre(3 + 61 + 5 + 61));
  EXPECT_THAT(finishes("long"), ElementsAre(3 + 61 + 5 + 61 + 5 + 90 + 5 + 20 + 5 + 31));
}

TEST_F(Placed, ARegionOfTwoLayersTakesACycleForTheSecondAndSwapsOutItsLastPart) {
  write({"name: urgent, model: one.yaml, period: 4 us, deadline: 1008 ns, offset: 200 ns", kTwice});
  run("ideal", {"--set", "run.until=4 us"});
  EXPECT_THAT(finishes("urgent"), ElementsAre(4 + 131 + 5 + 30 + 61));
  EXPECT_THAT(finishes("long"), ElementsAre(4 + 131 + 5 + 30 + 61 + 5 + 50 + 71));
}

TEST_F(Placed, SoftwareHardwareAndIdealDecideAlikeAtZeroCost) {
  write({"name: a, model: one.yaml, period: 3 us, deadline: 1200 ns, offset: 200 ns",
         "name: b, model: deep.yaml, period: 4 us, deadline: 3 us",
         "name: c, model: twice.yaml, period: 7 us"});
  EXPECT_GT(lowered().tasks[2].program.regions.size(), 1U);
  std::vector<std::string> decided[3];
  const char* placements[] = {"software", "hardware", "ideal"};
  for (int i = 0; i < 3; ++i) {
    run(placements[i]);
    EXPECT_TRUE(scheduler_summary()["preemption_points"][0]["placed"]);
    for (auto& d : decisions) {
      decided[i].push_back(d["task"] + "#" + d["job"] + " " + d["region"] + " " + d["preempt"] + d["resume"]);
    }
    EXPECT_GT(scheduler_summary()["preemptions"], 10);
  }
  EXPECT_GT(decided[0].size(), 500U);
  EXPECT_EQ(decided[0], decided[1]);
  EXPECT_EQ(decided[1], decided[2]);
}

TEST_F(Placed, WithoutASchedulablePlacementAllPointsAreKeptAndTheRunSaysSo) {
  write({"name: urgent, model: one.yaml, period: 4 us, deadline: 640 ns", kLong});
  LoweredTasks all = lowered();
  EXPECT_FALSE(all.placement[0].placed);
  EXPECT_EQ(all.tasks[0].program.regions.size(), 3U);
  EXPECT_EQ(all.tasks[1].program.regions.size(), 7U);
  CommandResult result = run("ideal");
  EXPECT_THAT(
      result.err,
      HasSubstr("no schedulable placement of preemption points on 'accelerator' (unplaceable: long)"));
  nlohmann::json points = scheduler_summary()["preemption_points"];
  EXPECT_EQ(points,
            nlohmann::json::parse(
                R"([{"accelerator": "accelerator", "placed": false, "verdict": "unplaceable: long"}])"));
  CommandResult refused = run_vesper(
      {"run", folder / "s.yaml", "--out", folder / "refused", "--set", "scheduler.unplaceable=refuse"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("no placement of preemption points on 'accelerator' is schedulable"));
  EXPECT_FALSE(std::filesystem::exists(folder / "refused/summary.json"));
}

TEST_F(Placed, SchedulersThatTakeTimeLeaveLessToMerge) {
  write({kUrgent, kLong});
  // 2 cycles a decision and a release: 97 + 2 of 200 - 2 leave 99; 90 + 6 + 2 still fit, 5-5 and 6-6 too.
  EXPECT_EQ(lowered({"scheduler.decision_bound=4 ns"}).tasks[1].program.regions.size(), 3U);
  EXPECT_FALSE(lowered({"scheduler.decision_bound=100 ns"}).placement[0].placed);
  // The block's bound for two tasks: (2 * 2 + 3) * 1 + 3 * 2 + 4 = 17.
  EXPECT_FALSE(lowered({"scheduler_block.micro_architecture=heap_fsm"}).placement[0].placed);
  EXPECT_TRUE(lowered({"scheduler.placement=ideal"}).placement[0].placed);
  LoweredTasks software = lowered({"scheduler.placement=software"});
  ASSERT_EQ(software.placement[0].notes.size(), 1U);
  EXPECT_THAT(software.placement[0].notes[0], HasSubstr("decision_bound"));
}

TEST_F(Placed, ATaskWithoutAPeriodIsRefused) {
  write({kUrgent, "name: long, model: deep.yaml, arrival: trace, times: [1 us], deadline: 1 ms"});
  EXPECT_THROW(lowered(), InputError);
}

}  // namespace
}  // namespace vesper::test
