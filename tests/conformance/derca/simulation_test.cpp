// DERCA's task sets on the platform, against the simulation of its published code.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "models/scheduler/micro_architecture.h"
#include "platform/builder/system.h"
#include "platform/sweep/process.h"
#include "schedulers/offline/terms.h"
#include "tests/conformance/derca/points.h"
#include "tests/support/command.h"

namespace vesper::test {
namespace {

using ::testing::ElementsAre;

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
  const std::map<std::string, std::string> designs{
      {"np", "model, preemption: flexible"},     {"lw", "layer, preemption: flexible"},
      {"ir", "tile, preemption: recompute"},     {"ip", "tile, preemption: persist"},
      {"if", "tile, preemption: flexible"},      {"ir-ppp", "placed, preemption: recompute"},
      {"ip-ppp", "placed, preemption: persist"}, {"if-ppp", "placed, preemption: flexible"}};
  std::string text = fmt::format(
      "scenario: {}\ninclude: {}/tests/conformance/derca/published.yaml\n"
      "scheduler: {{policy: edf, placement: hardware, granularity: {}}}\ntasks:\n",
      point.line, VESPER_SOURCE_DIR, designs.at(point.strategy));
  for (size_t i = 0; i < point.periods.size(); ++i) {
    text +=
        fmt::format("  - {{name: task{}, model: {}/scenarios/workloads/{}.yaml, period: {} ps}}\n", i,
                    VESPER_SOURCE_DIR, networks.at(point.family), point.periods[i] * kPicosecondsPerCycle);
  }
  return text + fmt::format("run: {{until: {} ps}}\n", point.simulated.horizon * kPicosecondsPerCycle);
}

/// `vesper run` on the line's task set.
Outcome run_command(const DercaPoint& point, const std::vector<std::string>& overrides = {}) {
  TemporaryFolder folder;
  write_file(folder / "line.yaml", scenario_of(point));
  std::vector<std::string> arguments{"run", folder / "line.yaml", "--out", folder / "out"};
  for (const std::string& override : overrides) arguments.insert(arguments.end(), {"--set", override});
  CommandResult result = run_vesper(arguments);
  EXPECT_EQ(result.status, 0) << result.err;
  auto summary = read_summary(folder / "out");
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

/// Whether no task's longest response differs from the published one by more than half a percent.
bool close(const DercaPoint& point, const std::vector<int64_t>& max_response) {
  for (size_t i = 0; i < max_response.size(); ++i) {
    int64_t published = point.simulated.max_response[i];
    if (std::abs(max_response[i] - published) * 200 > published) return false;
  }
  return max_response.size() == point.simulated.max_response.size();
}

// Utilisation above 1 with all overheads: the published code does not test the hyperperiod, places the points
// of this set and simulates them; the platform's analysis refuses the set, and all points are kept.
constexpr int kOverloaded = 311;

TEST(DercaSimulation, TheCommandGivesThePublishedVerdicts) {
  size_t met = 0;
  std::vector<int> apart, placed_apart;
  for (const DercaPoint& point : read_derca_points()) {
    SCOPED_TRACE(point.text());
    bool overloaded = point.line == kOverloaded;
    Outcome outcome = run_command(point);
    EXPECT_EQ(outcome.meets_all_deadlines, point.simulated.meets_all_deadlines);
    EXPECT_EQ(outcome.placed, point.placed && !overloaded);
    if (!point.simulated.meets_all_deadlines) continue;  // published runs end at the first miss
    ++met;
    EXPECT_EQ(outcome.released, point.simulated.released);
    EXPECT_EQ(outcome.finished, point.simulated.finished);
    if (!overloaded) {
      EXPECT_EQ(outcome.regions_run, point.simulated.regions_run);
    }
    if (!close(point, outcome.max_response)) (point.placed ? placed_apart : apart).push_back(point.line);
  }
  EXPECT_EQ(met, 250U);
  EXPECT_THAT(apart, ElementsAre(76, 316, 319)) << "README.md says why";
  // Placed programs: a merged region leaves on chip what its last part does; the published code swaps out
  // what its first part would have left.
  EXPECT_THAT(placed_apart, ElementsAre(55, 71, 87, 95, 136, 144, 151, 168, 175, 176, 191, 192, 263, 271, 279,
                                        287, 294, 295, 296, 303, 310, 311, 312, 318, 320));
}

const std::string kPublishedSwapOut = "scheduler.swap_out=of_first_part";

TEST(DercaSimulation, WithThePublishedSwapOutResponsesAreThePublished) {
  std::vector<int> apart;
  for (const DercaPoint& point : read_derca_points()) {
    if (!point.simulated.meets_all_deadlines) continue;  // 250 do
    if (!close(point, run_command(point, {kPublishedSwapOut}).max_response)) apart.push_back(point.line);
  }
  EXPECT_THAT(apart, ElementsAre(76, kOverloaded, 316, 319)) << "README.md says why";
}

constexpr const char* kDerca = "derca_simulation";

/// The latencies of the published simulation, for two tasks.
class DercaSimulationLatencies final : public scheduler::MicroArchitecture {
 public:
  explicit DercaSimulationLatencies(const scheduler::ComputeUnit&) {}
  [[nodiscard]] core::Cycles feedback(const policy::Work&) const override { return 2; }
  [[nodiscard]] core::Cycles release(const policy::Work&) const override { return 5 + 2 * 2; }
  [[nodiscard]] core::Cycles issue(const policy::Work&, uint32_t, bool dequeued) const override {
    return dequeued ? 4 + 3 * 2 : 6;
  }
  [[nodiscard]] core::Cycles worst_pass(uint32_t tasks) const override {
    return offline::hardware_scheduler_cycles(tasks);
  }
};
VESPER_MICRO_ARCHITECTURE(DercaSimulationLatencies, kDerca, "");

const std::vector<std::string> kPublishedLatencies{
    kPublishedSwapOut, std::string("scheduler_block.micro_architecture=") + kDerca,
    "accelerator.lookup_cycles=0", "accelerator.launch_cycles=0", "accelerator.feedback_cycles=0"};

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

std::string simulate(const std::string& path, const std::vector<std::string>& overrides) {
  scenario::Scenario scenario = scenario::read_scenario(path, overrides);
  std::vector<builder::LoweredTask> tasks = builder::lower_tasks(scenario);
  LongestResponses responses;
  observe::ObserverHub hub;
  hub.join(responses);
  builder::System system(scenario, tasks, hub);
  system.run_until(scenario.run.until->ps);
  return responses.text();
}

/// The line on the platform with the published latencies, which only this program knows. In a process of its
/// own: a SystemC kernel cannot be rebuilt.
std::vector<int64_t> responses_with_published_latencies(const DercaPoint& point) {
  TemporaryFolder folder;
  write_file(folder / "line.yaml", scenario_of(point));
  std::istringstream text(
      sweep::in_child([&] { return simulate(folder / "line.yaml", kPublishedLatencies); }));
  std::vector<int64_t> responses;
  for (int64_t response = 0; text >> response;) responses.push_back(response);
  return responses;
}

TEST(DercaSimulation, WithThePublishedLatenciesTooTheyAreCloser) {
  std::vector<int> apart;
  for (const DercaPoint& point : read_derca_points()) {
    if (!point.simulated.meets_all_deadlines) continue;
    if (!close(point, responses_with_published_latencies(point))) apart.push_back(point.line);
  }
  EXPECT_THAT(apart, ElementsAre(kOverloaded, 316, 319));
}

}  // namespace
}  // namespace vesper::test
