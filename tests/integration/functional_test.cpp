// Functional mode as a user runs it: results checked everywhere, times untouched, errors found.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

using ::testing::HasSubstr;

constexpr const char* kScenario = "scenarios/demo/checked_results.yaml";

class FunctionalRun : public ::testing::Test {
 protected:
  CommandResult run(const std::string& out, std::vector<std::string> settings,
                    const std::string& scenario = kScenario, const std::string& until = "14 ms") {
    std::vector<std::string> arguments{"run",     scenario, "--out",   folder_ / out,
                                       "--until", until,    "--steps", "--bandwidth"};
    for (std::string& setting : settings) {
      arguments.emplace_back("--set");
      arguments.push_back(std::move(setting));
    }
    return run_vesper(arguments);
  }
  [[nodiscard]] nlohmann::json summary(const std::string& out) const {
    return read_summary(folder_.path() / out);
  }
  void expect_all_right(const std::string& out) const {
    nlohmann::json found = summary(out);
    uint64_t completed = 0;
    for (const auto& task : found.at("tasks")) completed += task.at("completed").get<uint64_t>();
    EXPECT_GT(completed, 1U);
    EXPECT_EQ(found.at("functional").at("jobs_checked"), completed);
    EXPECT_EQ(found.at("functional").at("mismatches"), 0);
  }

  TemporaryFolder folder_;
};

TEST_F(FunctionalRun, ChecksEveryJobInAllPlacementsFidelitiesAndElements) {
  for (const std::string placement : {"hardware", "software", "ideal"}) {
    for (const std::string fidelity : {"fixed", "burst"}) {
      for (const std::string element : {"4", "1"}) {
        std::string out = placement + fidelity + element;
        CommandResult result = run(out, {"scheduler.placement=" + placement, "memory.fidelity=" + fidelity,
                                         "accelerator.element_bytes=" + element});
        ASSERT_EQ(result.status, 0) << out << ": " << result.err;
        EXPECT_THAT(result.out, HasSubstr("jobs checked, 0 wrong"));
        expect_all_right(out);
        EXPECT_GT(summary(out).at("scheduler").at("preemptions"), 2);
      }
    }
  }
}

TEST_F(FunctionalRun, EveryStrategyAndGranularityGivesTheSameResults) {
  for (const char* setting :
       {"scheduler.preemption=recompute", "scheduler.preemption=persist", "scheduler.granularity=layer",
        "scheduler.granularity=model", "accelerator.layout=tiled"}) {
    ASSERT_EQ(run("out", {setting}, kScenario, "30 ms").status, 0);
    expect_all_right("out");
  }
}

TEST_F(FunctionalRun, TakesTheSameTimes) {
  for (const std::string fidelity : {"fixed", "burst"}) {
    for (const std::string functional : {"true", "false"}) {
      ASSERT_EQ(
          run(functional, {"memory.fidelity=" + fidelity, "accelerator.functional=" + functional}).status, 0);
    }
    for (const char* file : {"jobs.csv", "decisions.csv", "steps.csv", "bandwidth.csv"}) {
      std::string with = read_file(folder_.path() / "true" / file);
      EXPECT_GT(with.size(), 500U);
      EXPECT_EQ(with, read_file(folder_.path() / "false" / file)) << fidelity << " " << file;
    }
    EXPECT_FALSE(summary("false").contains("functional"));
  }
}

TEST_F(FunctionalRun, AWrongResultEndsWithStatus1AndIsNamed) {
  for (const std::string fidelity : {"fixed", "burst"}) {
    CommandResult result = run("out", {"scheduler.preemption=persist", "memory.fidelity=" + fidelity,
                                       "accelerator.functional_fault=persist_skips_row"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err,
                ::testing::ContainsRegex("of [0-9]+ completed jobs have wrong results, the first: "
                                         "accelerator: task 'radar', job 0, layer [0-9], element \\([0-9]+, "
                                         "[0-9]+\\) is -?[0-9.e-]+, not -?[0-9.e-]+"));
    EXPECT_GT(summary("out").at("functional").at("mismatches"), 0);
    EXPECT_THAT(result.err,
                HasSubstr(summary("out").at("functional").at("first_mismatch").get<std::string>()));
  }
}

TEST_F(FunctionalRun, JobsOfOneTaskMayPreemptOneAnother) {
  std::string source = VESPER_SOURCE_DIR;
  write_file(folder_ / "releases.csv", "release,deadline\n0 ms,50 ms\n1 ms,20 ms\n2 ms,10 ms\n30 ms,60 ms\n");
  write_file(folder_ / "same_task.yaml", "include: " + source + "/" + kScenario +
                                             "\nscenario: jobs of one task preempt one another\n"
                                             "tasks: [{name: radar, model: " +
                                             source +
                                             "/scenarios/workloads/pointnet.yaml, arrival: trace, file: " +
                                             (folder_ / "releases.csv") + "}]\n");
  for (const std::string fidelity : {"fixed", "burst"}) {
    CommandResult result = run("out", {"memory.fidelity=" + fidelity}, folder_ / "same_task.yaml", "40 ms");
    ASSERT_EQ(result.status, 0) << result.err;
    expect_all_right("out");
    EXPECT_EQ(summary("out").at("scheduler").at("preemptions"), 2);
    EXPECT_EQ(summary("out").at("functional").at("jobs_checked"), 4);
  }
}

TEST_F(FunctionalRun, TrafficOverTheTensorsCarriesNoBytes) {
  write_file(
      folder_ / "traffic.yaml",
      std::string("include: ") + VESPER_SOURCE_DIR + "/" + kScenario +
          "\nscenario: a writer over the tensors\nmemory: {fidelity: burst}\n"
          "traffic: [{name: writer, type: linear_writer, port: pl.3, rate: 1 GB/s, base: 0x800000000}]\n");
  CommandResult result = run("out", {}, folder_ / "traffic.yaml", "6 ms");
  ASSERT_EQ(result.status, 0) << result.err;
  expect_all_right("out");
}

/// In a row of the camera's first input: it lies behind the partial tile of 192 x 512 accumulators.
class FunctionalMemoryError : public FunctionalRun {
 protected:
  CommandResult run_with(const std::string& ddr) {
    write_file(folder_ / "errors.yaml", std::string("include: ") + VESPER_SOURCE_DIR + "/" + kScenario +
                                            "\nscenario: a word of the camera's input reads wrong\n"
                                            "memory: {fidelity: burst}\naccelerator: {on_error: abandon}\n" +
                                            "ddr: {" + ddr + "}\n");
    return run("out", {}, folder_ / "errors.yaml", "35 ms");
  }
};

TEST_F(FunctionalMemoryError, OneBitThatNobodyCorrectsIsFoundInTheResult) {
  CommandResult result = run_with("ecc: false, faults: [{address: 0x800060040}]");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("the first: accelerator: task 'camera', job 0, layer 0, element (0, "));
  EXPECT_EQ(summary("out").at("functional").at("mismatches"), 1);
  EXPECT_GT(summary("out").at("memory").at("ddr")[0].at("errors").at("undetected"), 0);
}

TEST_F(FunctionalMemoryError, OneThatEccCorrectsIsNot) {
  CommandResult result = run_with("ecc: true, faults: [{address: 0x800060040}]");
  ASSERT_EQ(result.status, 0) << result.err;
  expect_all_right("out");
  EXPECT_GT(summary("out").at("memory").at("ddr")[0].at("errors").at("corrected"), 0);
}

TEST_F(FunctionalMemoryError, AnAbandonedJobIsNotCheckedAndHarmsNoOther) {
  CommandResult result = run_with("ecc: true, faults: [{address: 0x800060040, bits: 2}]");
  ASSERT_EQ(result.status, 0) << result.err;
  expect_all_right("out");
  const nlohmann::json tasks = summary("out").at("tasks");
  EXPECT_EQ(tasks[0].at("failed"), 1);
  EXPECT_EQ(tasks[0].at("completed"), 0);
  EXPECT_GT(tasks[1].at("completed"), 1);
}

}  // namespace
}  // namespace vesper::test
