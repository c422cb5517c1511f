#include "tests/support/decision_cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "models/core/ip.h"
#include "platform/builder/system.h"
#include "platform/sweep/process.h"
#include "tests/support/command.h"

namespace vesper::test {
namespace {

class Counter final : public observe::Observer {
 public:
  explicit Counter(uint32_t counted) : counted_(counted) {}
  [[nodiscard]] uint32_t topics() const override {
    return bit(observe::Topic::region) | bit(observe::Topic::instruction) | bit(observe::Topic::mark);
  }
  void region_ended(const observe::RegionEnded& event) override { feedback_ = event.feedback; }
  void mark(observe::Mark mark, uint32_t /*value*/, observe::Time at) override {
    if (mark == observe::Mark::policy_entered) entered_ = at;
    if (mark == observe::Mark::policy_left) left_ = at;
  }
  void instruction_issued(const observe::InstructionIssued& event) override {
    uint32_t number = decisions_++;
    if (number < kFirstCounted || number >= kFirstCounted + counted_) return;
    sum_.deciding_ps += left_ - entered_;
    sum_.all_ps += event.at - feedback_;
  }
  [[nodiscard]] DecisionCost mean() const {
    if (decisions_ < kFirstCounted + counted_) throw std::runtime_error("too few decisions");
    return {sum_.deciding_ps / counted_, sum_.all_ps / counted_};
  }

 private:
  const uint32_t counted_;
  observe::Time feedback_ = 0, entered_ = 0, left_ = 0;
  DecisionCost sum_;
  uint32_t decisions_ = 0;
};

/// Regions of some 4 ms; all jobs are released at the start.
std::string scenario_text(const DecisionCase& of, uint32_t jobs) {
  std::ostringstream text;
  text << "include: " VESPER_SOURCE_DIR "/scenarios/platforms/vck190.yaml\n"
       << "scenario: queued jobs\nrun: {until: 1 s}\n"
       << "scheduler: {placement: software, granularity: layer, policy: " << of.policy;
  if (!of.parameters.empty()) text << ", parameters: {" << of.parameters << '}';
  text << "}\naccelerator: {cycles: {load: 1000000}}\n";
  if (of.core == Core::counting) {
    text << "cpu: {clock: 1 GHz, cycles_per_instruction: 1}\n"
         << "control_bus: {read_latency: 0 s, write_latency: 0 s}\n";
  }
  text << "tasks:\n";
  uint32_t tasks = std::min<uint32_t>(jobs, policy::kMaxTasks);
  for (uint32_t i = 0; i < tasks; ++i) {
    text << fmt::format("  - {{name: t{}, model: layers.yaml, arrival: trace, deadline: {} ms, times: [", i,
                        500 + i);
    for (uint32_t job = i; job < jobs; job += tasks) text << (job == i ? "1 us" : ", 1 us");
    text << "]}\n";
  }
  return text.str();
}

DecisionCost measure(const DecisionCase& of) {
  bool last = of.regions == Regions::all_last;
  uint32_t jobs = last ? std::min<uint32_t>(of.jobs + kFirstCounted, kMostJobs) : of.jobs;
  TemporaryFolder folder;
  write_file(folder / "layers.yaml",
             fmt::format("name: layers\nrepeat: {}\nlayers: [{{matmul: [1, 1, 1]}}]\n", last ? 1 : 60));
  write_file(folder / "scenario.yaml", scenario_text(of, jobs));
  scenario::Scenario scenario = scenario::read_scenario(folder / "scenario.yaml", {});
  std::vector<builder::LoweredTask> tasks = builder::lower_tasks(scenario);
  observe::ObserverHub hub;
  Counter counter(last ? 1 : kCounted);
  hub.join(counter);
  builder::System system(scenario, tasks, hub);
  system.run_until(scenario.run.until->ps);
  return counter.mean();
}

}  // namespace

DecisionCost decision_cost(const DecisionCase& of) {
  std::istringstream answer(sweep::in_child([&] {
    DecisionCost cost = measure(of);
    return fmt::format("{} {}", cost.deciding_ps, cost.all_ps);
  }));
  DecisionCost cost;
  answer >> cost.deciding_ps >> cost.all_ps;
  return cost;
}

std::vector<std::string> policy_names() {
  std::vector<std::string> names;
  for (auto* info = policy::first_policy(); info != nullptr; info = info->next)
    names.emplace_back(info->name);
  std::ranges::sort(names);
  return names;
}

}  // namespace vesper::test
