#include "platform/observe/run_outputs.h"

#include <nlohmann/json.hpp>

#include "fixture.h"
#include "platform/property/node.h"

namespace vesper::observe {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RunInfo run_info() {
  RunInfo run = two_tasks("hardware");
  run.seed = 7;
  run.effective_yaml = "abc";
  return run;
}

void simulate(ObserverHub& hub) {
  hub.job_released({{kLidar, 0}, ms(1), ms(4), false});
  hub.instruction_issued({{kLidar, 0}, 0, false, false, {}, ms(1) + us(2), 0});
  hub.first_compute({kLidar, 0}, ms(2));
  hub.operation({{kLidar, 0}, 0, 0, OperationKind::compute, ms(2), ms(3), 230'000, 0, 0});
  hub.transfer({{kLidar, 0}, 0, hub.port("ddr"), false, 4096, ms(1), ms(2)});
  LatencyParts parts{};
  parts[static_cast<size_t>(LatencyPart::service)] = ms(1);
  hub.latency({{kLidar, 0}, 0, hub.port("ddr"), false, 4096, ms(1), ms(2), &parts});
  hub.region_ended({{kLidar, 0}, 0, true, ms(3), ms(3), 0});
  hub.job_completed({kLidar, 0}, ms(3));
}

Summary run(const std::filesystem::path& path, OutputOptions options, bool complete = true) {
  OutputFolder folder(path);
  ObserverHub hub;
  Time now = 0;
  options.now = [&] { return now; };
  RunOutputs outputs(folder, run_info(), options, hub);
  Signal signal(hub, {.path = "accelerator.job", .group = "accelerator", .is_text = true});
  signal.set("lidar 0", 0);
  simulate(hub);
  now = ms(10);
  Json memory = {{"ddr", Json::array({{{"bytes", 4096}}})}};
  Json performance = {{"instructions", 1000}};
  RunTotals totals;
  totals.accelerators = {{.steps = 1, .compute_busy = ms(1), .errors = 2}};
  totals.memory = &memory;
  totals.performance = &performance;
  Summary summary = outputs.finish(ms(10), complete, totals);
  EXPECT_THAT(outputs.warnings(), IsEmpty());
  return summary;
}

OutputOptions everything() {
  OutputOptions options;
  options.steps = true;
  options.timeline = true;
  options.vcd = VcdSelection{};
  options.bandwidth_window = ms(1);
  options.latency = true;
  return options;
}

TEST(RunOutputsTest, DefaultFiles) {
  Folder here;
  run(here / "run", {});
  EXPECT_THAT(names_in(here / "run"), ElementsAre("decisions.csv", "effective.yaml", "jobs.csv",
                                                  "performance.json", "stretches.csv", "summary.json"));
}

TEST(RunOutputsTest, AllFiles) {
  Folder here;
  run(here / "run", everything());
  EXPECT_THAT(names_in(here / "run"),
              ElementsAre("bandwidth.csv", "decisions.csv", "effective.yaml", "jobs.csv", "latency.csv",
                          "performance.json", "steps.csv", "stretches.csv", "summary.json", "timeline.json",
                          "trace.gtkw", "trace.vcd"));
  EXPECT_EQ(read(here / "run/bandwidth.csv"),
            "window_s,port,task,read_bytes,write_bytes\n0.001,ddr,lidar,4096,0\n");
  EXPECT_THAT(read(here / "run/latency.csv"), HasSubstr("lidar,ddr,read,1,4096,0.001,0,0,0,0,0.001,"));
  EXPECT_DOUBLE_EQ(Json::parse(read(here / "run/summary.json"))["memory"]["latency"][0]["parts_s"]["service"],
                   0.001);
  EXPECT_THAT(read(here / "run/trace.gtkw"), HasSubstr("+{accelerator/job} accelerator.job\n"));
}

TEST(RunOutputsTest, SummaryJson) {
  Folder here;
  run(here / "run", {}, false);
  EXPECT_EQ(read(here / "run/summary.json"), R"({
  "scenario": "a camera and a lidar share one accelerator",
  "seed": 7,
  "config_sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  "simulated_s": 0.01,
  "complete": false,
  "tasks": [
    {
      "name": "camera",
      "released": 0,
      "completed": 0,
      "missed": 0,
      "failed": 0,
      "response_s": null,
      "slowdown": null
    },
    {
      "name": "lidar",
      "released": 1,
      "completed": 1,
      "missed": 0,
      "failed": 0,
      "response_s": {
        "mean": 0.002,
        "p50": 0.002,
        "p95": 0.002,
        "p99": 0.002,
        "max": 0.002
      },
      "slowdown": {
        "mean": 2.0,
        "max": 2.0
      }
    }
  ],
  "scheduler": {
    "placement": "hardware",
    "policy": "edf",
    "decisions": 1,
    "preemptions": 0,
    "decision_latency_s": {
      "mean": 2e-06,
      "p50": 2e-06,
      "p95": 2e-06,
      "p99": 2e-06,
      "max": 2e-06
    },
    "preemption_latency_s": null,
    "blocking_s": null
  },
  "metrics": {
    "antt": 2.0,
    "stp": 0.5,
    "violation_rate": 0.0,
    "miss_rate": 0.0,
    "throughput_per_s": 100.0,
    "task_antt": 2.0,
    "worst_slowdown": 2.0
  },
  "accelerators": [
    {
      "name": "accelerator",
      "busy_fraction": 0.1998,
      "compute_utilisation": 0.1,
      "steps": 1,
      "memory_errors": 2
    }
  ],
  "memory": {
    "ddr": [
      {
        "bytes": 4096
      }
    ]
  }
}
)");
}

TEST(RunOutputsTest, PerformanceHasWhatTheClockSays) {
  Folder here;
  run(here / "run", {});
  Json performance = Json::parse(read(here / "run/performance.json"));
  EXPECT_EQ(performance["regions"], 1);
  EXPECT_EQ(performance["instructions"], 1000);
  EXPECT_GT(performance["instructions_per_s"], 0.0);
  EXPECT_GT(performance["peak_rss_bytes"], 1'000'000);
}

TEST(RunOutputsTest, EqualRunsLeaveEqualBytes) {
  Folder here;
  run(here / "a", everything());
  run(here / "b", everything());
  for (const std::string& name : names_in(here / "a")) {
    if (name != "performance.json") {
      EXPECT_EQ(read(here / "a" / name), read(here / "b" / name)) << name;
    }
  }
}

TEST(RunOutputsTest, AFailedRunLeavesNothing) {
  Folder here;
  {
    OutputFolder folder(here / "run");
    ObserverHub hub;
    OutputOptions options = everything();
    options.now = [] { return Time{0}; };
    RunOutputs outputs(folder, run_info(), options, hub);
    simulate(hub);
  }
  EXPECT_THAT(names_in(here.path()), IsEmpty());
}

TEST(RunOutputsTest, OnlyWhatIsWrittenIsWanted) {
  Folder here;
  OutputFolder folder(here / "run");
  ObserverHub hub;
  RunOutputs outputs(folder, run_info(), {}, hub);
  EXPECT_TRUE(hub.wants(Topic::job));
  for (Topic topic :
       {Topic::operation, Topic::transfer, Topic::mark, Topic::function, Topic::signal, Topic::log}) {
    EXPECT_FALSE(hub.wants(topic));
  }
}

TEST(RunOutputsTest, ASummaryReadsBack) {
  Folder here;
  Summary written = run(here / "run", {});
  Summary back = read_summary(here / "run/summary.json");
  EXPECT_EQ(back.scenario, written.scenario);
  EXPECT_EQ(back.simulated, written.simulated);
  EXPECT_EQ(back.tasks[kLidar].response, written.tasks[kLidar].response);
  EXPECT_EQ(back.scheduler.decision_latency, written.scheduler.decision_latency);
  EXPECT_EQ(back.metrics.antt, written.metrics.antt);
  EXPECT_EQ(back.accelerators[0].steps, 1);
}

TEST(RunOutputsTest, ADesignIsInTheSummaryAndReadsBack) {
  Folder here;
  const RunInfo info = two_stages();
  RunStatistics statistics(info);
  statistics.job_released({{kQkv, 0}, 0, ms(1), false});
  statistics.job_completed({kQkv, 0}, us(3));
  const Json json = to_json(statistics.finish(ms(1), true, {}), {});
  EXPECT_EQ(json["stages"][0]["accelerator"], "qkv");
  EXPECT_EQ(json["stages"][0]["response_s"]["max"], 3e-6);
  EXPECT_EQ(json["forwarding"][0], Json({{"task", "vision"},
                                         {"stage", "qkv"},
                                         {"from", "qkv"},
                                         {"to", "mlp"},
                                         {"bytes", 4096},
                                         {"through", "chip"},
                                         {"exposed_s", 2e-6},
                                         {"reason", "banks do not fit"}}));
  EXPECT_EQ(json["forwarding"][1]["through"], "ddr");
  EXPECT_EQ(json["resources"][0], Json({{"name", "aie"}, {"used", 394}, {"available", 400}}));
  write(here / "summary.json", json.dump());
  EXPECT_EQ(to_json(read_summary(here / "summary.json"), {}), json);
}

TEST(RunOutputsTest, WhatIsNoSummaryIsAnInputError) {
  Folder here;
  write(here / "summary.json", "{\"scenario\": 5}");
  EXPECT_THROW(read_summary(here / "summary.json"), InputError);
  EXPECT_THROW(read_summary(here / "none.json"), InputError);
}

}  // namespace
}  // namespace vesper::observe
