#include "platform/builder/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>

#include "models/core/ip.h"
#include "models/core/run_report.h"
#include "models/core/sim_error.h"
#include "models/spatial/plan.h"
#include "platform/builder/debugging.h"
#include "platform/builder/design_report.h"
#include "platform/builder/system.h"
#include "platform/builder/watchdog.h"
#include "platform/observe/format.h"
#include "platform/observe/progress.h"
#include "platform/observe/run_outputs.h"
#include "platform/observe/run_statistics.h"
#include "platform/observe/state_watch.h"
#include "platform/plugin/crash.h"
#include "platform/scenario/design_instances.h"

namespace vesper::builder {
namespace {

/// The interrupt that brings the jobs of an accelerator: of what releases visits to it, or of the job release
/// module.
std::optional<uint32_t> release_line_of(const scenario::Scenario& scenario,
                                        const scenario::Instance& accelerator) {
  if (scenario.design) return interrupt_line(scenario, scenario::memory_of(accelerator.name) + ".interrupt");
  auto release = std::ranges::find(scenario.instances, "job_release", &scenario::Instance::type);
  if (release == scenario.instances.end()) return std::nullopt;
  return interrupt_line(scenario, release->name + ".interrupt");
}

std::optional<observe::RunStage> run_stage(const scenario::Scenario& scenario, size_t index) {
  if (!scenario.tasks[index].stage) return std::nullopt;
  const spatial::StageTask& stage = *scenario.plan->stage(static_cast<uint16_t>(index));
  const auto visits = static_cast<uint32_t>(stage.products.size()) * scenario.plan->images_of(stage.parent);
  return observe::RunStage{stage.parent, stage.stage, stage.accelerator, visits};
}

observe::RunInfo run_info(const scenario::Scenario& scenario, const LoweredTasks& lowered) {
  const std::vector<LoweredTask>& tasks = lowered.tasks;
  observe::RunInfo info;
  info.scenario = scenario.title;
  info.seed = scenario.run.seed;
  info.placement = Codec<scenario::Placement>::write(scenario.scheduler.placement).text();
  info.policy = scenario.scheduler.policy;
  for (const PlacementOutcome& outcome : lowered.placement) {
    info.preemption_points.push_back({outcome.accelerator, outcome.placed, outcome.verdict});
  }
  for (size_t i = 0; i < tasks.size(); ++i) {
    info.tasks.push_back({scenario.tasks[i].name, tasks[i].isolated_ps, tasks[i].single_stream,
                          run_stage(scenario, i), scenario.runs_in_stages(i)});
  }
  if (scenario.design) info.design = run_design(scenario);
  std::vector<std::string> all = requesters(scenario);
  info.other_requesters.assign(all.begin() + static_cast<std::ptrdiff_t>(tasks.size()), all.end());
  info.accelerators.clear();
  for (const scenario::Instance& instance : scenario.instances) {
    if (lowering::find_pass(instance.type) != nullptr) {
      info.accelerators.push_back(instance.name);
      info.interrupts.push_back(
          {release_line_of(scenario, instance), interrupt_line(scenario, instance.name + ".interrupt")});
    }
  }
  info.effective_yaml = scenario.effective;
  return info;
}

observe::OutputOptions output_options(const scenario::Scenario& scenario, const RunOptions& options) {
  observe::OutputOptions output;
  output.steps = options.steps;
  output.timeline = options.timeline;
  output.vcd = options.vcd;
  output.vcd_window = options.vcd_window;
  output.fst = options.fst;
  output.bandwidth_window = options.bandwidth_window_ps;
  output.latency = scenario.memory.fidelity == scenario::Fidelity::burst;
  output.firmware_log = options.firmware_log;
  output.log = options.log;
  output.now = core::now_ps;
  return output;
}

/// A run without an end of its own goes on until all requests have been served.
std::optional<observe::ExpectedJobs> expected_jobs(const scenario::Run& run,
                                                   const std::vector<LoweredTask>& tasks) {
  if (run.until) return std::nullopt;
  observe::ExpectedJobs expected;
  for (const LoweredTask& task : tasks) {
    if (task.requests == nullptr) {
      ++expected.first_task;
    } else {
      expected.count += task.requests->releases().size();
    }
  }
  return expected;
}

observe::RunLimits run_limits(const scenario::Run& run, const std::vector<LoweredTask>& tasks,
                              const BreakOn& break_on = {}) {
  return {run.stop_at == scenario::StopAt::first_miss || break_on.miss, run.most_regions,
          core::stop_simulation, expected_jobs(run, tasks), break_on.preemption};
}

/// Time enough for any request to arrive and be served.
constexpr uint64_t kEndOfTime = std::numeric_limits<int64_t>::max();
uint64_t end_of(const scenario::Run& run) { return run.until ? run.until->ps : kEndOfTime; }

/// Whether the run came to the end it was to come to. Throws core::SimulationError where requests were not
/// served although nothing else would happen any more.
bool ended(const scenario::Run& run, const observe::RunLimits& limits,
           const std::vector<LoweredTask>& tasks) {
  if (run.until || limits.reason() != observe::StopReason::none) {
    return limits.reason() == (run.until ? observe::StopReason::none : observe::StopReason::served);
  }
  throw core::SimulationError(
      fmt::format("{} of {} requests were served, then nothing happened any more; give 'run.until' to see "
                  "how far it went",
                  limits.served(), expected_jobs(run, tasks)->count));
}

/// Tells of calls into plug-ins that do not come back.
std::unique_ptr<plugin::HangWatch> watch_hangs(const System& system) {
  if (!system.has_plugins()) return nullptr;
  return std::make_unique<plugin::HangWatch>([]() -> uint64_t { return sc_core::sc_delta_count(); });
}

/// Simulates in slices so that progress is shown and an interruption is heeded; results do not depend on
/// them.
bool simulate(System& system, const scenario::Run& run, const RunOptions& options,
              const observe::RunLimits& limits, Watchdog& watchdog, Debugging* debugging) {
  const uint64_t end = end_of(run);
  const uint64_t until = options.break_on ? std::min(end, options.break_on->ps.value_or(end)) : end;
  observe::Progress progress(run.until ? until : 0);
  const auto hangs = watch_hangs(system);
  uint64_t now = 0;
  while (now < until && limits.reason() == observe::StopReason::none) {
    if (options.interrupted && options.interrupted()) break;
    if (debugging != nullptr && !debugging->poll()) break;
    now = std::min({until, now + std::max<uint64_t>(progress.slice(), 1), watchdog.next_look()});
    system.run_until(now);
    if (limits.reason() == observe::StopReason::none) watchdog.look(system, now);
    progress.update(now);  // silent off a terminal; adapts the slice
  }
  progress.finish();
  return now >= end || limits.reason() != observe::StopReason::none;
}

/// Where and why a run broke off to be looked at; empty if it did not.
std::string break_reason(const observe::RunLimits& limits, const BreakOn& break_on,
                         const std::vector<std::string>& names) {
  const std::string now = observe::readable_time(core::now_ps());
  const auto culprit = [&] {
    return fmt::format("{} {}", observe::name_at(names, limits.culprit()->task, "task"),
                       limits.culprit()->job);
  };
  if (break_on.miss && limits.reason() == observe::StopReason::first_miss) {
    return fmt::format("{}: {} missed its deadline", now, culprit());
  }
  if (break_on.preemption && limits.reason() == observe::StopReason::first_preemption) {
    return fmt::format("{}: {} preempts", now, culprit());
  }
  return break_on.ps && core::now_ps() >= *break_on.ps ? now : "";
}

std::string exact_seconds(uint64_t ps) {
  return fmt::format("{}.{:012}", ps / 1'000'000'000'000, ps % 1'000'000'000'000);
}

/// Who waited for whom, where and how long, over the run.
std::string interference_csv(const std::vector<std::string>& names, const core::RunReport& report) {
  auto name = [&](uint32_t task) {
    return task < names.size() ? observe::csv_field(names[task]) : std::string("other");
  };
  std::string csv = "where,task,waited_for,time_s\n";
  for (const core::Interference& entry : report.interference) {
    csv += fmt::format("{},{},{},{}\n", entry.where, name(entry.task), name(entry.other),
                       exact_seconds(entry.ps));
  }
  return csv;
}

/// The same summed over all places: row waited for column. Requesters beyond the named ones share the last
/// row and column.
std::string interference_matrix_csv(const std::vector<std::string>& names, const core::RunReport& report) {
  std::vector<std::vector<uint64_t>> matrix(names.size() + 1, std::vector<uint64_t>(names.size() + 1));
  bool others = false;
  for (const core::Interference& entry : report.interference) {
    const size_t row = std::min<size_t>(entry.task, names.size());
    const size_t column = std::min<size_t>(entry.other, names.size());
    matrix[row][column] += entry.ps;
    others = others || row == names.size() || column == names.size();
  }
  std::vector<std::string> shown = names;
  if (others) shown.emplace_back("other");
  std::string csv = "task";
  for (const std::string& name : shown) csv += "," + observe::csv_field(name);
  for (size_t row = 0; row < shown.size(); ++row) {
    csv += "\n" + observe::csv_field(shown[row]);
    for (size_t column = 0; column < shown.size(); ++column) csv += "," + exact_seconds(matrix[row][column]);
  }
  return csv + "\n";
}

/// What the user should know of errors of the memory, a line each.
std::vector<std::string> error_warnings(const observe::Summary& summary, const core::RunReport& report) {
  std::vector<std::string> warnings;
  if (summary.failed() > 0)
    warnings.push_back(fmt::format("jobs abandoned after errors of the memory: {}", summary.failed()));
  auto counted = [&](const char* list, auto&& count, const char* what) {
    if (!report.memory.contains(list)) return;
    for (const auto& item : report.memory[list]) {
      const uint64_t errors = count(item);
      if (errors > 0)
        warnings.push_back(fmt::format("{}: {} {}", item["name"].get<std::string>(), errors, what));
    }
  };
  using Item = const nlohmann::ordered_json&;
  counted(
      "traffic", [](Item item) { return item["errors"].get<uint64_t>(); }, "requests failed");
  counted(
      "ddr", [](Item item) { return item["errors"]["undetected"].get<uint64_t>(); },
      "words were read wrong, undetected: ecc is false");
  return warnings;
}

std::vector<Slowdown> slowdowns(const observe::Summary& shared,
                                const std::vector<observe::Summary>& baselines) {
  std::vector<Slowdown> all;
  for (size_t i = 0; i < baselines.size(); ++i) {
    Slowdown slowdown{shared.tasks[i].name, {}, {}};
    const auto& together = shared.tasks[i].response;
    const auto& alone = baselines[i].tasks.at(0).response;
    if (together && alone) {
      slowdown.mean = static_cast<double>(together->mean) / static_cast<double>(alone->mean);
      slowdown.max = static_cast<double>(together->max) / static_cast<double>(alone->max);
    }
    all.push_back(slowdown);
  }
  return all;
}

std::string slowdown_csv(const std::vector<Slowdown>& slowdowns) {
  auto text = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.6f}", *value) : std::string();
  };
  std::string csv = "task,slowdown_mean,slowdown_max\n";
  for (const Slowdown& slowdown : slowdowns) {
    csv += fmt::format("{},{},{}\n", slowdown.task, text(slowdown.mean), text(slowdown.max));
  }
  return csv;
}

/// The pair with the most waiting, over all resources, in words.
std::string worst_interference(const std::vector<std::string>& names, const core::RunReport& report,
                               const observe::Summary& summary) {
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> lost;
  for (const core::Interference& entry : report.interference) {
    bool known = entry.task < summary.tasks.size() && entry.other < names.size();
    if (known && entry.task != entry.other) lost[{entry.task, entry.other}] += entry.ps;
  }
  auto worst = std::ranges::max_element(lost, {}, [](const auto& pair) { return pair.second; });
  if (worst == lost.end()) return "";
  const auto& [task, other] = worst->first;
  uint64_t jobs = std::max<uint64_t>(summary.tasks[task].completed, 1);
  return fmt::format("{}'s requests waited {:.3f} ms a job for {}'s, summed over requests", names[task],
                     static_cast<double>(worst->second) * 1e-9 / static_cast<double>(jobs), names[other]);
}

/// `written` says where the run can be looked at.
void fail_on_mismatch(const std::optional<observe::FunctionalTotals>& totals, const std::string& written) {
  if (!totals || totals->mismatches == 0) return;
  throw core::SimulationError(fmt::format("{} of {} completed jobs have wrong results, the first: {}{}",
                                          totals->mismatches, totals->jobs_checked, totals->first, written));
}

/// One run: everything that watches it, and what it leaves.
class Session {
 public:
  Session(const scenario::Scenario& scenario, const RunOptions& options)
      : scenario_(scenario),
        options_(options),
        lowered_(lower(scenario)),
        break_on_(options.break_on.value_or(BreakOn{})),
        folder_(options.out),
        outputs_(folder_, run_info(scenario, lowered_), output_options(scenario, options), hub_),
        limits_(run_limits(scenario.run, lowered_.tasks, break_on_)),
        watchdog_(scenario, lowered_.tasks),
        cleanup_([this] { folder_.discard(); }) {
    hub_.join(limits_);
    if (options.break_on || options.gdb_port) {
      watch_ = std::make_unique<observe::StateWatch>(run_info(scenario, lowered_), core::now_ps);
      hub_.join(*watch_);
    }
    hub_.join(watchdog_);
    system_ = std::make_unique<System>(scenario, lowered_.tasks, hub_);
    if (options.gdb_port) {
      debugging_ =
          std::make_unique<Debugging>(*system_, *options.gdb_port, options, [this] { return state(); });
    }
  }

  RunResult run() {
    const bool to_the_end = simulate(*system_, scenario_.run, options_, limits_, watchdog_, debugging_.get());
    RunResult result;
    result.killed = debugging_ != nullptr && !debugging_->poll();
    tell_break(result);
    const bool complete = result.broke_on.empty() && !result.killed && to_the_end &&
                          ended(scenario_.run, limits_, lowered_.tasks);
    core::RunReport report = system_->report();
    write_outputs(result, report, complete);
    result.warnings = warnings(result.summary, report);
    result.memory = std::move(report.memory);
    fail_on_mismatch(report.functional, fmt::format(" (written: {}/)", options_.out));
    if (debugging_) debugging_->ended(0);
    return result;
  }

 private:
  [[nodiscard]] std::string state() const { return watch_->jobs() + states_of(*system_); }

  void tell_break(RunResult& result) {
    result.broke_on = break_reason(limits_, break_on_, requesters(scenario_));
    if (result.broke_on.empty()) return;
    result.missed = limits_.reason() == observe::StopReason::first_miss;
    result.state = state();
    folder_.write("state.txt", fmt::format("state at {}\n{}signals\n{}", result.broke_on, result.state,
                                           watch_->signals()));
  }

  void write_outputs(RunResult& result, const core::RunReport& report, bool complete) {
    const std::vector<std::string> names = requesters(scenario_);
    nlohmann::ordered_json performance = nlohmann::ordered_json::object();
    if (report.cpu_instructions > 0) performance["cpu_instructions"] = report.cpu_instructions;
    if (!report.interference.empty()) {
      folder_.write("interference.csv", interference_csv(names, report));
      folder_.write("interference_matrix.csv", interference_matrix_csv(names, report));
    }
    result.summary = outputs_.finish(core::now_ps(), complete,
                                     {report.accelerators, &report.memory, &performance, report.functional},
                                     [&](const observe::Summary& summary) {
                                       if (options_.baselines.empty()) return;
                                       result.slowdowns = slowdowns(summary, options_.baselines);
                                       folder_.write("slowdown.csv", slowdown_csv(result.slowdowns));
                                     });
    result.worst_interference = worst_interference(names, report, result.summary);
    result.wall_s = outputs_.wall_seconds();
    result.files.assign(folder_.files().begin(), folder_.files().end());
  }

  [[nodiscard]] std::vector<std::string> warnings(const observe::Summary& summary,
                                                  const core::RunReport& report) {
    std::vector<std::string> all = outputs_.warnings();
    if (const std::string doubts = watchdog_.doubts(*system_, core::now_ps()); !doubts.empty())
      all.push_back(doubts);
    for (const PlacementOutcome& outcome : lowered_.placement)
      std::ranges::move(placement_warnings(outcome), std::back_inserter(all));
    std::ranges::move(error_warnings(summary, report), std::back_inserter(all));
    if (!scenario_.traffic.empty() && scenario_.memory.fidelity == scenario::Fidelity::fixed)
      all.emplace_back("traffic generators are left out: memory.fidelity is fixed, burst has them");
    return all;
  }

  const scenario::Scenario& scenario_;
  const RunOptions& options_;
  const LoweredTasks lowered_;
  const BreakOn break_on_;
  observe::OutputFolder folder_;
  observe::ObserverHub hub_;
  observe::RunOutputs outputs_;
  observe::RunLimits limits_;
  std::unique_ptr<observe::StateWatch> watch_;  ///< null unless somebody may ask for the state
  Watchdog watchdog_;
  plugin::CrashCleanup cleanup_;
  std::unique_ptr<System> system_;
  std::unique_ptr<Debugging> debugging_;  ///< null without GDB
};

}  // namespace

RunResult run(const scenario::Scenario& scenario, const RunOptions& options) {
  return Session(scenario, options).run();
}

namespace {

void run_watched(System& system, uint64_t until, const observe::RunLimits& limits, Watchdog& watchdog) {
  const auto hangs = watch_hangs(system);
  for (uint64_t now = 0; now < until && limits.reason() == observe::StopReason::none;) {
    now = std::min(until, watchdog.next_look());
    system.run_until(now);
    if (limits.reason() == observe::StopReason::none) watchdog.look(system, now);
  }
}

}  // namespace

Measurement measure(const scenario::Scenario& scenario) {
  const LoweredTasks lowered = lower(scenario);
  observe::RunInfo info = run_info(scenario, lowered);
  observe::ObserverHub hub;
  observe::RunStatistics statistics(info);
  hub.join(statistics);
  observe::RunLimits limits = run_limits(scenario.run, lowered.tasks);
  hub.join(limits);
  Watchdog watchdog(scenario, lowered.tasks);
  hub.join(watchdog);
  System system(scenario, lowered.tasks, hub);
  run_watched(system, end_of(scenario.run), limits, watchdog);
  core::RunReport report = system.report();
  fail_on_mismatch(report.functional, "");
  Measurement measurement;
  measurement.stopped = limits.reason();
  bool complete = ended(scenario.run, limits, lowered.tasks);
  measurement.summary = statistics.finish(core::now_ps(), complete, report.accelerators);
  measurement.summary.functional = report.functional;
  measurement.memory = std::move(report.memory);
  return measurement;
}

}  // namespace vesper::builder
