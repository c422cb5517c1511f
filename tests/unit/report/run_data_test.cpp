#include "platform/report/run_data.h"

#include "fixture.h"
#include "platform/property/node.h"

namespace vesper::report {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSummary = R"({"scenario": "s", "seed": 1, "config_sha256": "0", "simulated_s": 0.001,
  "complete": true, "tasks": [{"name": "camera", "released": 1, "completed": 1, "missed": 0, "failed": 0,
  "response_s": null, "slowdown": null}], "scheduler": {"placement": "hardware", "policy": "edf", "decisions": 1,
  "preemptions": 0, "decision_latency_s": null, "preemption_latency_s": null, "blocking_s": null},
  "metrics": {"antt": null, "stp": null, "violation_rate": null, "miss_rate": null, "throughput_per_s": null,
  "task_antt": null, "worst_slowdown": null}, "accelerators": []})";
constexpr const char* kJobs =
    "task,job,release_s,start_s,finish_s,deadline_s,response_s,missed,preemptions,late,failed,isolated_s,"
    "weight,"
    "warm_up\n";

class RunDataTest : public ::testing::Test {
 protected:
  RunDataTest() { write("summary.json", kSummary); }
  void write(const char* name, const std::string& text) { test::write_file(here_.path() / name, text); }
  std::string complaint() {
    try {
      read_run(here_.path());
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  test::TemporaryFolder here_;
};

TEST_F(RunDataTest, ReadsJobsAndSaysNothingOfTablesThatAreNotThere) {
  write("jobs.csv", std::string(kJobs) + "camera,0,0.0001,0.0002,,0.0005,,1,2,0,0,0.0001,1,0\n");
  RunData run = read_run(here_.path());
  ASSERT_EQ(run.jobs.size(), 1U);
  EXPECT_EQ(run.jobs[0].release, us(100));
  EXPECT_EQ(run.jobs[0].finish, std::nullopt);
  EXPECT_EQ(run.jobs[0].end(run.end()), us(1000));
  EXPECT_EQ(run.jobs[0].preemptions, 2U);
  EXPECT_FALSE(run.stretches);
}

TEST_F(RunDataTest, WhatDoesNotFitTogetherIsRefused) {
  EXPECT_THAT(complaint(), HasSubstr("jobs.csv"));
  write("jobs.csv", std::string(kJobs) + "radar,0,0,,,,,0,0,0,0,,1,0\n");
  EXPECT_THAT(complaint(),
              HasSubstr("jobs.csv:2: 'radar' in column 'task': summary.json knows no such task"));
  write("jobs.csv", std::string(kJobs) + "camera,0,0.5,,0.1,,,0,0,0,0,,1,0\n");
  EXPECT_THAT(complaint(), HasSubstr("the job finishes before its release"));
  write("jobs.csv", kJobs);
  write("stretches.csv",
        "accelerator,task,job,start_s,end_s,regions,scheduler_s,swap_s,compute_s,stall_s\n"
        "a,camera,0,0,0.001,1,0,0.0006,0.0006,0\n");
  EXPECT_THAT(complaint(),
              HasSubstr("stretches.csv:2: '0.0006' in column 'compute_s': the parts are longer"));
  write("stretches.csv",
        "accelerator,task,job,start_s,end_s,regions,scheduler_s,swap_s,compute_s,stall_s\n"
        "a,camera,0,0,0.001,1,0,0,0,0.001\na,camera,1,0.0009,0.002,1,0,0,0,0.0011\n");
  EXPECT_THAT(complaint(), HasSubstr("stretches.csv: two stretches of 'a' overlap at 0.0009 s"));
  write("summary.json", "{}");
  EXPECT_THAT(complaint(), HasSubstr("is not the summary of a run"));
}

TEST_F(RunDataTest, TheConfigurationIsFlattenedByName) {
  write("jobs.csv", kJobs);
  write("effective.yaml",
        "scheduler: {policy: edf}\ntasks:\n  - {name: camera, period: 33 ms}\nlist: [1, 2]\n");
  RunData run = read_run(here_.path());
  EXPECT_THAT(
      run.configuration,
      ::testing::ElementsAre(std::pair("scheduler.policy", "edf"), std::pair("tasks.camera.name", "camera"),
                             std::pair("tasks.camera.period", "33 ms"), std::pair("list", "[1, 2]")));
}

}  // namespace
}  // namespace vesper::report
