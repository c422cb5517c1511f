// DERCA's task sets on the platform, against the simulation of its published code.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "models/core/ip.h"
#include "platform/builder/system.h"
#include "tests/conformance/derca/points.h"
#include "tests/support/command.h"

namespace vesper::test {
namespace {

using ::testing::IsEmpty;

constexpr int64_t kPicosecondsPerCycle = 4000;  // 250 MHz, published.yaml

struct Outcome {
  bool meets_all_deadlines = false;
  bool placed = false;
  int64_t regions_run = 0;
  std::vector<int64_t> released, finished, max_response;
};

std::string scenario_of(const DercaPoint& point) {
  const std::map<std::string, std::string> networks{
      {"fig11a", "mlp1"}, {"bert-t", "bert_tiny"}, {"pointnet", "pointnet"}};
  const std::map<std::string, std::string> designs{{"np", "model, preemption: flexible"},
                                                   {"lw", "layer, preemption: flexible"},
                                                   {"ir", "tile, preemption: recompute"},
                                                   {"ip", "tile, preemption: persist"},
                                                   {"if", "tile, preemption: flexible"},
                                                   {"ir-ppp", "placed, preemption: recompute"},
                                                   {"ip-ppp", "placed, preemption: persist"},
                                                   {"if-ppp", "placed, preemption: flexible"}};
  std::string text = fmt::format(
      "scenario: {}\ninclude: {}/tests/conformance/derca/published.yaml\n"
      "scheduler: {{policy: edf, placement: hardware, granularity: {}}}\ntasks:\n",
      point.line, VESPER_SOURCE_DIR, designs.at(point.strategy));
  for (size_t i = 0; i < point.periods.size(); ++i) {
    text += fmt::format("  - {{name: task{}, model: {}/scenarios/workloads/{}.yaml, period: {} ps}}\n", i,
                        VESPER_SOURCE_DIR, networks.at(point.family), point.periods[i] * kPicosecondsPerCycle);
  }
  return text + fmt::format("run: {{until: {} ps}}\n", point.simulated.horizon * kPicosecondsPerCycle);
}

/// `vesper run` on the line's task set.
Outcome run_command(const DercaPoint& point) {
  TemporaryFolder folder;
  write_file(folder / "line.yaml", scenario_of(point));
  CommandResult result = run_vesper({"run", folder / "line.yaml", "--out", folder / "out"});
  EXPECT_EQ(result.status, 0) << result.err;
  auto summary = nlohmann::json::parse(read_file(folder / "out/summary.json"));
  Outcome outcome;
  outcome.meets_all_deadlines = true;
  for (const auto& task : summary["tasks"]) {
    outcome.meets_all_deadlines = outcome.meets_all_deadlines && task["missed"] == 0;
    outcome.released.push_back(task["released"]);
    outcome.finished.push_back(task["completed"]);
    double response = task["response_s"].is_null() ? 0.0 : task["response_s"]["max"].get<double>();
    outcome.max_response.push_back(std::llround(response * 1e12 / kPicosecondsPerCycle));
  }
  outcome.regions_run = summary["scheduler"]["decisions"];
  const auto& points = summary["scheduler"]["preemption_points"];
  outcome.placed = points.is_array() && points[0]["placed"];
  return outcome;
}

/// The most that a response differs, relative to the published.
double deviation(const DercaPoint& point, const std::vector<int64_t>& max_response) {
  double most = 0;
  for (size_t i = 0; i < max_response.size(); ++i) {
    auto published = static_cast<double>(point.simulated.max_response[i]);
    most = std::max(most, std::abs(static_cast<double>(max_response[i]) / published - 1));
  }
  return most;
}

constexpr double kClose = 0.005;
// Utilisation above 1 with all overheads: the published code does not test the hyperperiod, places the points
// of this set and simulates them; the platform's analysis refuses the set, and all points are kept.
constexpr int kOverloaded = 311;

TEST(DercaSimulation, VerdictsJobsAndRegionsAreThePublished) {
  for (const DercaPoint& point : read_derca_points()) {
    SCOPED_TRACE(point.text());
    Outcome outcome = run_command(point);
    EXPECT_EQ(outcome.meets_all_deadlines, point.simulated.meets_all_deadlines);
    bool overloaded = point.line == kOverloaded;
    EXPECT_EQ(outcome.placed, point.placed && !overloaded);
    if (!point.simulated.meets_all_deadlines) continue;  // published runs end at the first miss
    EXPECT_EQ(outcome.released, point.simulated.released);
    EXPECT_EQ(outcome.finished, point.simulated.finished);
    if (!overloaded) {
      EXPECT_EQ(outcome.regions_run, point.simulated.regions_run);
    }
  }
}

// ---- the swap-out of merged regions -----------------------------------------------------------------------

/// Gives every region the swap-out of its first iteration, as the published simulation does for merged ones.
void swap_out_as_published(lowering::Program& program, lowering::Preemption preemption) {
  const offline::Preemption strategies[] = {offline::Preemption::recompute, offline::Preemption::persist,
                                            offline::Preemption::flexible};
  for (const abi::IndexEntry& region : program.regions) {
    const abi::MetadataEntry& first = program.entries[region.first];
    abi::MetadataEntry& last = program.entries[region.first + region.count - 1];
    offline::LayerRegions layer({first.m, first.k, first.n}, {1536, 128, 1024}, derca_costs(),
                                strategies[static_cast<size_t>(preemption)], false);
    uint64_t behind = first.first_iteration + uint64_t{1};
    bool ends_layer = behind == layer.iterations();
    offline::Strategy strategy = ends_layer ? offline::Strategy::none : layer.point(behind).strategy;
    last.flags &= ~(abi::kEntryPreemptive | abi::kEntryPersistAtEnd);
    if (strategy != offline::Strategy::none) last.flags |= abi::kEntryPreemptive;
    if (strategy == offline::Strategy::persist) last.flags |= abi::kEntryPersistAtEnd;
  }
}

class LongestResponses final : public observe::Observer {
 public:
  [[nodiscard]] uint32_t topics() const override { return observe::bit(observe::Topic::job); }
  void job_released(const observe::JobReleased& event) override { release_[event.job] = event.release; }
  void job_completed(observe::JobId job, observe::Time at) override {
    auto& longest = longest_[job.task];
    longest = std::max(longest, at - release_.at(job));
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& [task, longest] : longest_) text += fmt::format("{} ", longest / kPicosecondsPerCycle);
    return text;
  }

 private:
  std::map<observe::JobId, observe::Time> release_;
  std::map<uint16_t, observe::Time> longest_;
};

/// In a process of its own: a SystemC kernel cannot be rebuilt.
std::vector<int64_t> responses_with_published_swap_out(const DercaPoint& point) {
  TemporaryFolder folder;
  write_file(folder / "line.yaml", scenario_of(point));
  pid_t child = fork();
  if (child == 0) {
    scenario::Scenario scenario = scenario::read_scenario(folder / "line.yaml", {});
    std::vector<builder::LoweredTask> tasks = builder::lower_tasks(scenario);
    for (builder::LoweredTask& task : tasks) {
      swap_out_as_published(task.program, scenario.scheduler.preemption);
    }
    LongestResponses responses;
    observe::ObserverHub hub;
    hub.join(responses);
    builder::System system(scenario, tasks, hub);
    system.run_until(scenario.run.until.ps);
    write_file(folder / "responses", responses.text());
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::vector<int64_t> responses;
  std::istringstream text(read_file(folder / "responses"));
  for (int64_t response = 0; text >> response;) responses.push_back(response);
  return responses;
}

// A merged region that ends at a layer's end has nothing to swap out; one that ends within a layer has. The
// published code charges what a cut behind the region's first iteration would cost. So the responses of placed
// designs differ; with the published swap-out put into the metadata table, they agree.
TEST(DercaSimulation, LongestResponsesAreThePublished) {
  size_t met = 0;
  std::set<int> apart, apart_without_placement, apart_with_published_swap_out;
  for (const DercaPoint& point : read_derca_points()) {
    if (!point.simulated.meets_all_deadlines) continue;
    SCOPED_TRACE(point.text());
    ++met;
    bool close = deviation(point, run_command(point).max_response) <= kClose;
    if (!close) (point.placed ? apart : apart_without_placement).insert(point.line);
    if (point.placed) close = deviation(point, responses_with_published_swap_out(point)) <= kClose;
    if (!close) {
      apart_with_published_swap_out.insert(point.line);
      fmt::print("line {}: {:.4f}\n", point.line, deviation(point, responses_with_published_swap_out(point)));
    }
  }
  fmt::print("{} lines meet all deadlines; apart: {} placed, {} not placed, {} with published swap-out\n", met,
             apart.size(), apart_without_placement.size(), apart_with_published_swap_out.size());
  EXPECT_LE(apart_with_published_swap_out.size() * 20, met);
}

}  // namespace
}  // namespace vesper::test
