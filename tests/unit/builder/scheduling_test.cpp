// Schedulers in every placement through the whole platform, where they are most likely to lose something:
// storms of releases, releases and feedback in one instant, as many tasks as there can be.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>

#include "models/core/clock_domain.h"
#include "tests/support/command.h"
#include "tests/unit/builder/tiny_platform.h"

namespace vesper::test {
namespace {

using Rows = std::vector<std::map<std::string, std::string>>;

const core::ClockDomain kPl{MHz(230)};

class Scheduling : public ::testing::TestWithParam<const char*> {
 protected:
  /// A scenario on the default platform with tiles of one element and operations of a few cycles. Networks:
  /// `one` has one tile, 3 regions; `deep` has one output tile of 5 inputs, 7 regions.
  void write(const std::vector<std::string>& tasks, const std::string& more = "") {
    write_file(folder / "one.yaml", "name: one\nlayers: [{matmul: [1, 1, 1]}]\n");
    write_file(folder / "deep.yaml", "name: deep\nlayers: [{matmul: [1, 5, 1]}]\n");
    const std::string head = "include: " VESPER_SOURCE_DIR
                             "/scenarios/platforms/vck190.yaml\nscenario: a test\nrun: {until: 50 ms}\n"
                             "accelerator:\n";
    write_file(folder / "s.yaml", head + kTinyAccelerator + more + task_list(tasks));
  }
  void run(const std::vector<std::string>& overrides = {}) {
    std::vector<std::string> arguments{"run",      folder / "s.yaml", "--placement",
                                       GetParam(), "--out",           folder / "out"};
    for (const std::string& assignment : overrides) arguments.insert(arguments.end(), {"--set", assignment});
    CommandResult result = run_vesper(arguments);
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "");
    jobs = read_csv(folder / "out/jobs.csv");
    decisions = read_csv(folder / "out/decisions.csv");
  }

  /// Every job that was released has completed, and its regions ran once each and in order. `regions` by
  /// task; "" any.
  void expect_nothing_lost(size_t released, const std::map<std::string, uint32_t>& regions) {
    EXPECT_EQ(jobs.size(), released);
    for (auto& job : jobs) EXPECT_NE(job["finish_s"], "") << job["task"] << '#' << job["job"];
    std::map<std::string, uint32_t> next;
    for (auto& decision : decisions) {
      uint32_t& region = next[decision["task"] + "#" + decision["job"]];
      EXPECT_EQ(decision["region"], std::to_string(region)) << decision["task"] << '#' << decision["job"];
      ++region;
    }
    EXPECT_EQ(next.size(), released);
    for (auto& [job, count] : next) {
      auto own = regions.find(job.substr(0, job.find('#')));
      EXPECT_EQ(count, own != regions.end() ? own->second : regions.at("")) << job;
    }
  }
  /// A job is swapped in if and only if it was swapped out.
  void expect_swaps_paired() {
    std::set<std::string> out;
    for (auto& decision : decisions) {
      std::string job = decision["task"] + "#" + decision["job"];
      EXPECT_EQ(decision["resume"] == "1", out.erase(job) == 1) << "decision " << decision["decision"];
      if (decision["preempt"] == "1") out.insert(decision["previous_task"] + "#" + decision["previous_job"]);
    }
    EXPECT_TRUE(out.empty()) << *out.begin() << " never came back";
  }
  /// Tasks in the order in which their first job was started.
  std::vector<std::string> start_order() {
    std::vector<std::pair<int64_t, std::string>> starts;
    for (auto& decision : decisions) {
      if (decision["job"] == "0" && decision["region"] == "0")
        starts.emplace_back(picoseconds(decision["instruction_s"]), decision["task"]);
    }
    std::ranges::sort(starts);
    std::vector<std::string> order;
    for (auto& [at, task] : starts) order.push_back(task);
    return order;
  }

  TemporaryFolder folder;
  Rows jobs, decisions;
};

/// Where the next decision sees every job that is released. In bi_level jobs reach the block one by one,
/// later than these short regions end.
class OneLevel : public Scheduling {};

std::string repeated(const std::string& text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += (i == 0 ? "" : ", ") + text;
  return all;
}

// 64 tasks with 20 jobs each at one instant: 4 wait in each FIFO, 512 in the job table, the others at the
// door.
TEST_P(Scheduling, AStormBeyondFifosAndJobTableLosesNothing) {
  std::vector<std::string> tasks;
  for (int i = 0; i < 64; ++i) {
    tasks.push_back("name: t" + std::to_string(i) + ", model: one.yaml, arrival: trace, times: [" +
                    repeated("5 us", 20) + "], deadline: " + std::to_string(1000 - i) + " us");
  }
  write(tasks, "scheduler: {policy: edf}\n");
  run();
  expect_nothing_lost(64 * 20, {{"", 3}});
  size_t late = 0;
  for (auto& job : jobs) late += job["late"] == "1" ? 1 : 0;
  EXPECT_EQ(late, 64U * 16);
  // Within a task jobs start in order of release.
  std::map<std::string, int64_t> last;
  std::ranges::sort(jobs, {}, [](auto& job) { return std::pair(job.at("task"), std::stoi(job.at("job"))); });
  for (auto& job : jobs) {
    int64_t start = picoseconds(job["start_s"]);
    EXPECT_GT(start, last[job["task"]]);
    last[job["task"]] = start;
  }
}

// More jobs of one task than the job table holds, and others that come in between.
TEST_P(Scheduling, AFloodOfOneTaskStarvesNobodyForEver) {
  std::string times;
  for (int i = 1; i <= 20; ++i) times += (i == 1 ? "" : ", ") + std::to_string(100 * i) + " us";
  write({"name: flood, model: deep.yaml, arrival: trace, times: [" + repeated("1 us", 700) +
             "], deadline: 40 ms",
         "name: urgent, model: one.yaml, arrival: trace, times: [" + times + "], deadline: 50 us"});
  run();
  expect_nothing_lost(720, {{"flood", 7}, {"urgent", 3}});
  expect_swaps_paired();
}

TEST_P(Scheduling, AQueueOfTwoLosesNothing) {
  write({"name: flood, model: deep.yaml, arrival: trace, times: [" + repeated("1 us", 50) +
             "], deadline: 40 ms",
         "name: urgent, model: one.yaml, arrival: trace, times: [" + repeated("2 us", 9) +
             "], deadline: 50 us"});
  run({"scheduler.queue_capacity=2"});
  expect_nothing_lost(59, {{"flood", 7}, {"urgent", 3}});
  expect_swaps_paired();
}

TEST_P(OneLevel, AllTasksAtOffsetZeroStartInOrderOfDeadline) {
  std::vector<std::string> tasks;
  std::vector<std::pair<int, std::string>> order;
  for (int i = 0; i < 64; ++i) {
    int deadline = 1000 + (i * 37) % 64;
    std::string name = "t" + std::to_string(i);
    tasks.push_back("name: " + name + ", model: deep.yaml, period: 60 ms, offset: 0 s, deadline: " +
                    std::to_string(deadline) + " us");
    order.emplace_back(deadline, name);
  }
  write(tasks, "scheduler: {policy: edf}\n");
  run();
  expect_nothing_lost(64, {{"", 7}});
  expect_swaps_paired();
  std::ranges::sort(order);
  std::vector<std::string> names;
  for (auto& [deadline, name] : order) names.push_back(name);
  EXPECT_EQ(start_order(), names);
  for (auto& decision : decisions) EXPECT_EQ(decision["preempt"], "0") << "nothing more urgent ever comes";
}

TEST_P(OneLevel, SixtyFourPeriodicTasksPreemptAndComplete) {
  std::vector<std::string> tasks;
  size_t jobs_expected = 0;
  for (int i = 0; i < 64; ++i) {
    int period = 200 + 50 * (i % 16);
    tasks.push_back("name: t" + std::to_string(i) + ", model: deep.yaml, period: " + std::to_string(period) +
                    " us, offset: " + std::to_string(i % 7) + " us");
    jobs_expected += static_cast<size_t>((4'000 - i % 7 + period - 1) / period);
  }
  write(tasks, "scheduler: {policy: edf, preemption: flexible}\n");
  run({"run.until=4 ms"});
  EXPECT_EQ(jobs.size(), jobs_expected);
  // What is not done when the run ends is at most what was released late or waits behind it.
  size_t preemptions = 0;
  std::map<std::string, uint32_t> next;
  for (auto& decision : decisions) {
    uint32_t& region = next[decision["task"] + "#" + decision["job"]];
    ASSERT_EQ(decision["region"], std::to_string(region++));
    preemptions += decision["preempt"] == "1" ? 1 : 0;
  }
  EXPECT_GT(preemptions, 10U);
  for (auto& job : jobs) {
    if (!job["finish_s"].empty()) {
      EXPECT_EQ(next[job["task"] + "#" + job["job"]], 7U);
    }
  }
}

// One long job; another, more urgent, is released around the instant in which a region's feedback becomes
// visible.
TEST_P(OneLevel, AReleaseInTheInstantOfAFeedbackPreemptsThere) {
  const std::string long_job =
      "name: long, model: deep.yaml, arrival: trace, times: [10 us], deadline: 40 ms";
  write({long_job, "name: urgent, model: one.yaml, arrival: trace, times: [30 ms], deadline: 1 ms"});
  run();
  // The feedback that the decision for region 3 answers.
  ASSERT_EQ(decisions[3]["task"], "long");
  ASSERT_EQ(decisions[3]["cause"], "feedback");
  auto feedback = static_cast<uint64_t>(picoseconds(decisions[3]["trigger_s"]));
  ASSERT_EQ(kPl.edge_at_or_after(feedback), feedback);
  core::Cycles cycle = kPl.cycle_at_or_after(feedback);
  for (uint64_t release :
       {kPl.edge(cycle), kPl.edge(cycle) - 1, kPl.edge(cycle - 1), kPl.edge(cycle - 1) + 1}) {
    write({long_job, "name: urgent, model: one.yaml, arrival: trace, times: [" + std::to_string(release) +
                         " ps], deadline: 1 ms"});
    run();
    SCOPED_TRACE(std::to_string(release) + " ps");
    ASSERT_EQ(decisions.size(), 7U + 3U);
    for (size_t i = 0; i < 10; ++i) {
      bool urgent = i >= 3 && i < 6;
      EXPECT_EQ(decisions[i]["task"], urgent ? "urgent" : "long") << i;
      EXPECT_EQ(decisions[i]["preempt"], i == 3 ? "1" : "0") << i;
      EXPECT_EQ(decisions[i]["resume"], i == 6 ? "1" : "0") << i;
    }
    expect_swaps_paired();
    for (auto& job : jobs) EXPECT_NE(job["finish_s"], "");
  }
}

std::string random_times(std::mt19937& random, unsigned count, unsigned mean_ns) {
  std::string times;
  uint64_t at = 1'000'000;
  for (unsigned i = 0; i < count; ++i) {
    at += random() % (2'000 * mean_ns);
    times += (i == 0 ? "" : ", ") + std::to_string(at) + " ps";
  }
  return times;
}

TEST_P(OneLevel, EveryStrategyPairsItsSwapsUnderRandomLoad) {
  std::mt19937 random{7};
  for (const char* preemption : {"recompute", "persist", "flexible"}) {
    SCOPED_TRACE(preemption);
    write({"name: slow, model: deep.yaml, arrival: trace, deadline: 1 ms, times: [" +
               random_times(random, 100, 20'000) + "]",
           "name: middle, model: deep.yaml, arrival: trace, deadline: 100 us, times: [" +
               random_times(random, 100, 20'000) + "]",
           "name: fast, model: one.yaml, arrival: trace, deadline: 10 us, times: [" +
               random_times(random, 200, 10'000) + "]"},
          std::string("scheduler: {policy: edf, preemption: ") + preemption + "}\n");
    run();
    expect_nothing_lost(400, {{"slow", 7}, {"middle", 7}, {"fast", 3}});
    expect_swaps_paired();
    EXPECT_GT(std::ranges::count(decisions, "1", [](auto& decision) { return decision.at("preempt"); }), 5);
  }
}

std::string name_of(const ::testing::TestParamInfo<const char*>& placement) { return placement.param; }

INSTANTIATE_TEST_SUITE_P(EveryPlacement, Scheduling,
                         ::testing::Values("software", "hardware", "bi_level", "ideal"), name_of);
INSTANTIATE_TEST_SUITE_P(EveryPlacement, OneLevel, ::testing::Values("software", "hardware", "ideal"),
                         name_of);

}  // namespace
}  // namespace vesper::test
