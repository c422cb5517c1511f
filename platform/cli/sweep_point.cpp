#include "platform/cli/sweep_point.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "platform/builder/analysis_input.h"
#include "platform/builder/lowered_task.h"
#include "platform/builder/run.h"
#include "platform/scenario/yaml.h"
#include "platform/sweep/process.h"

namespace vesper::cli {
namespace {

using Json = nlohmann::ordered_json;
using builder::AnalysisInput;
using scenario::Scenario;
using sweep::Outcome;
using sweep::OutcomeRules;
using sweep::Verdict;

constexpr uint64_t kPicosecondsASecond = 1'000'000'000'000;

/// Of the user's tasks; those of stages come behind them.
std::vector<sweep::TaskTime> task_times(Scenario scenario) {
  scenario.scheduler.granularity = lowering::Granularity::model;
  std::vector<builder::LoweredTask> lowered = builder::lower_tasks(scenario);
  std::vector<sweep::TaskTime> times;
  for (size_t i = 0; i < lowered.size() && !scenario.tasks[i].stage; ++i) {
    if (scenario.runs_in_stages(i)) {
      times.push_back({static_cast<int64_t>(lowered[i].isolated_ps), kPicosecondsASecond});
      continue;
    }
    Frequency clock = builder::clock_of(*scenario.find_instance(scenario.tasks[i].accelerator));
    times.push_back({static_cast<int64_t>(lowered[i].program.execution_cycles), clock.hz});
  }
  return times;
}

/// The analysis bounds EDF in `fixed` memory, where the time of a decision is known.
void check_analysable(const Scenario& scenario, const OutcomeRules& rules) {
  auto refuse = [](const std::string& why) {
    throw InputError(
        fmt::format("outcome.analysis: limited_preemptive_edf {}; set outcome.analysis to none", why));
  };
  if (scenario.scheduler.policy != "edf") refuse("is not of policy " + scenario.scheduler.policy);
  if (scenario.memory.fidelity != scenario::Fidelity::fixed) refuse("does not bound memory.fidelity burst");
  bool unknown = scenario::has_firmware(scenario.scheduler.placement) && !rules.published;
  if (unknown && !scenario.scheduler.decision_bound)
    refuse(
        "needs the firmware's worst time for a decision, scheduler.decision_bound, for placements software "
        "and bi_level");
}

double seconds(offline::Wide cycles, uint64_t hz) {
  return static_cast<double>(cycles) / static_cast<double>(hz);
}

/// The figures `analysis.*` of a point, over all accelerators.
struct Analysed {
  bool passes = true;
  Json figures = Json::object();
};

Json task_figures(const AnalysisInput& input, const offline::Analysis& analysis, const std::string& name,
                  size_t i) {
  const offline::RegionSummary& regions = analysis.tasks[i].regions;
  return {{"name", name},
          {"period_s", seconds(input.set.tasks[i].period, input.clock_hz)},
          {"execution_s", seconds(regions.execution, input.clock_hz)},
          {"wcet_s", seconds(regions.wcet, input.clock_hz)},
          {"longest_region_s", seconds(regions.longest, input.clock_hz)},
          {"regions", regions.count}};
}

Analysed analyse(const Scenario& scenario, const OutcomeRules& rules) {
  check_analysable(scenario, rules);
  const offline::Design& design = builder::design_of(scenario.scheduler);
  Analysed all;
  std::string verdict = "schedulable";
  double wcet = 0;
  double execution = 0;
  double utilisation = 0;
  uint64_t regions = 0;
  Json tasks = Json::array();
  for (const AnalysisInput& input : builder::analysis_inputs(scenario, {rules.published, std::nullopt})) {
    offline::Analysis analysis = builder::analyse(input, design);
    if (!analysis.passes() && all.passes) verdict = offline::name_of(analysis.verdict);
    all.passes = all.passes && analysis.passes();
    for (size_t i = 0; i < input.tasks.size(); ++i) {
      const offline::RegionSummary& own = analysis.tasks[i].regions;
      wcet += seconds(own.wcet, input.clock_hz);
      execution += seconds(own.execution, input.clock_hz);
      utilisation += static_cast<double>(own.wcet) / static_cast<double>(input.set.tasks[i].period);
      regions += own.count;
      tasks.push_back(task_figures(input, analysis, scenario.tasks[input.tasks[i]].name, i));
    }
  }
  all.figures = {{"verdict", verdict}};
  // Without placed points there are no figures of the design.
  bool placed = !design.placed || all.passes;
  all.figures["wcet_ratio"] = placed ? Json(wcet / execution) : Json(nullptr);
  all.figures["utilisation"] = placed ? Json(utilisation) : Json(nullptr);
  all.figures["regions"] = placed ? Json(regions) : Json(nullptr);
  if (placed) all.figures["tasks"] = std::move(tasks);
  return all;
}

uint64_t offset_of(const scenario::Task& task) {
  Duration offset;
  if (const Node* written = task.arrival_properties.find("offset"))
    Codec<Duration>::read(*written, offset, task.name + ".offset");
  return offset.ps;
}

/// The least common multiple of periods in cycles; none beyond 64 bits.
std::optional<offline::Cycles> hyperperiod(const AnalysisInput& input) {
  offline::Wide all = 1;
  for (const offline::Task& task : input.set.tasks) {
    all *= task.period / std::gcd(static_cast<offline::Cycles>(all), task.period);
    if (all > offline::kMostCycles) return std::nullopt;
  }
  return static_cast<offline::Cycles>(all);
}

/// Simulated time until every job of a hyperperiod is due, in picoseconds; none beyond 64 bits. With offsets,
/// two hyperperiods after the last of them (Leung and Merrill, A note on preemptive scheduling of periodic
/// real-time tasks, 1980). Of several accelerators the longest.
std::optional<uint64_t> hyperperiod_ps(const Scenario& scenario) {
  unsigned __int128 end = 0;
  for (const scenario::Task& task : scenario.tasks) {
    if (task.arrival != "periodic") {
      throw InputError(task.where,
                       fmt::format("outcome.simulate: task '{}' is {}: it has no hyperperiod; set "
                                   "outcome.simulate to until",
                                   task.name, task.arrival));
    }
  }
  for (const AnalysisInput& input : builder::analysis_inputs(scenario, {true, std::nullopt})) {
    std::optional<offline::Cycles> cycles = hyperperiod(input);
    if (!cycles) return std::nullopt;
    uint64_t offset = 0;
    unsigned __int128 longest = 0;
    for (size_t i = 0; i < input.tasks.size(); ++i) {
      offset = std::max(offset, offset_of(scenario.tasks[input.tasks[i]]));
      // Periods of whole cycles may take a fraction of a picosecond more than they name.
      auto jobs = static_cast<unsigned __int128>(*cycles / input.set.tasks[i].period);
      longest = std::max(longest, jobs * input.periods_ps[i]);
    }
    end = std::max(end, offset == 0 ? longest : offset + 2 * longest);
  }
  if (end > UINT64_MAX) return std::nullopt;
  return static_cast<uint64_t>(end);
}

/// Sets the end of the run; whether the end is the bound of timeouts, before the wanted horizon.
bool set_end(Scenario& scenario, const OutcomeRules& rules) {
  std::optional<uint64_t> wanted;
  if (scenario.run.until) wanted = scenario.run.until->ps;
  if (rules.simulate == sweep::Horizon::hyperperiod) wanted = hyperperiod_ps(scenario);
  if (rules.stop_at_miss) scenario.run.stop_at = scenario::StopAt::first_miss;
  if (rules.at_most.regions) scenario.run.most_regions = rules.at_most.regions;
  if (!wanted && scenario.requests) return false;  // ends with the last request
  bool bounded = !wanted || *wanted > rules.at_most.simulated.ps;
  scenario.run.until = bounded ? rules.at_most.simulated : Duration{*wanted};
  return bounded;
}

/// A simulation's outcome and summary, as a child process answers them.
std::string simulate(const Scenario& scenario, bool bounded) {
  builder::Measurement measured = builder::measure(scenario);
  Outcome outcome = Outcome::simulated;
  std::string bound;
  if (measured.summary.missed() > 0) {
    outcome = Outcome::missed;
  } else if (measured.stopped == observe::StopReason::regions) {
    outcome = Outcome::timeout;
    bound = "regions";
  } else if (bounded) {
    outcome = Outcome::timeout;
    bound = "simulated";
  }
  Json answer{{"outcome", Codec<Outcome>::write(outcome).text()},
              {"bound", bound},
              {"summary", observe::to_json(measured.summary, measured.memory)}};
  return answer.dump();
}

std::string simulate_apart(const Scenario& scenario, bool bounded) {
  constexpr unsigned kMostTries = 3;
  for (unsigned tries = 1;; ++tries) {
    try {
      return sweep::in_child([&] { return simulate(scenario, bounded); });
    } catch (const sweep::Killed&) {
      if (tries == kMostTries) throw;
    }
  }
}

}  // namespace

SweepPoints::SweepPoints(const sweep::Sweep& sweep)
    : sweep_(sweep), base_(scenario::load_yaml(sweep.base, sweep.root.find("base")->where())) {}

Scenario SweepPoints::read(const Node& root) const { return scenario::read_scenario(root, sweep_.base); }

Scenario SweepPoints::scenario(uint64_t point) const {
  auto times = [this](const Node& root) { return task_times(read(root)); };
  return read(sweep::scenario_of(sweep_, base_, point, times));
}

void SweepPoints::check() const {
  auto times = [this](const Node& root) { return task_times(read(root)); };
  sweep::check_axes(sweep_, base_, times, [this](const Node& root) {
    Scenario scenario = read(root);
    builder::lower_tasks(scenario);
    if (sweep_.outcome.analysis != sweep::Analysis::none) check_analysable(scenario, sweep_.outcome);
  });
}

Verdict SweepPoints::judge(uint64_t point) const {
  auto in_words = [&](const std::exception& error) {
    return fmt::format("point {} of the sweep: {}", point, error.what());
  };
  try {
    return judge_scenario(scenario(point));
  } catch (const InputError& error) {
    throw InputError(in_words(error));
  } catch (const std::exception& error) {
    throw std::runtime_error(in_words(error));
  }
}

Verdict SweepPoints::judge_scenario(Scenario scenario) const {
  const OutcomeRules& rules = sweep_.outcome;
  Verdict verdict;
  verdict.seed = scenario.run.seed;
  verdict.figures = Json::object();
  Json analysis;
  if (rules.analysis != sweep::Analysis::none) {
    Analysed analysed = analyse(scenario, rules);
    analysis = std::move(analysed.figures);
    verdict.outcome = analysed.passes ? Outcome::analysis : Outcome::unproven;
  }
  bool proved = rules.analysis != sweep::Analysis::none && verdict.outcome == Outcome::analysis;
  if (!proved && rules.simulate != sweep::Horizon::nothing) {
    bool bounded = set_end(scenario, rules);
    Json answer = Json::parse(simulate_apart(scenario, bounded));
    Codec<Outcome>::read(Node::scalar(answer["outcome"]), verdict.outcome, "outcome");
    verdict.bound = answer["bound"];
    verdict.figures = std::move(answer["summary"]);
  }
  if (!analysis.is_null()) verdict.figures["analysis"] = std::move(analysis);
  return verdict;
}

}  // namespace vesper::cli
