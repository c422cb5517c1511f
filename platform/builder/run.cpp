#include "platform/builder/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "models/core/ip.h"
#include "models/core/run_report.h"
#include "models/core/sim_error.h"
#include "platform/builder/system.h"
#include "platform/observe/progress.h"
#include "platform/observe/run_outputs.h"

namespace vesper::builder {
namespace {

observe::RunInfo run_info(const scenario::Scenario& scenario, const std::vector<LoweredTask>& tasks) {
  observe::RunInfo info;
  info.scenario = scenario.title;
  info.seed = scenario.run.seed;
  info.placement = Codec<scenario::Placement>::write(scenario.scheduler.placement).text();
  info.policy = scenario.scheduler.policy;
  for (size_t i = 0; i < tasks.size(); ++i)
    info.tasks.push_back({scenario.tasks[i].name, tasks[i].isolated_ps});
  std::vector<std::string> all = requesters(scenario);
  info.other_requesters.assign(all.begin() + static_cast<std::ptrdiff_t>(tasks.size()), all.end());
  info.accelerators.clear();
  for (const scenario::Instance& instance : scenario.instances) {
    if (instance.type == "accelerator") info.accelerators.push_back(instance.name);
    if (instance.type == "accelerator")
      info.interrupts.feedback = interrupt_line(scenario, instance.name + ".interrupt");
    if (instance.type == "job_release")
      info.interrupts.release = interrupt_line(scenario, instance.name + ".interrupt");
  }
  info.effective_yaml = scenario.effective;
  return info;
}

observe::OutputOptions output_options(const RunOptions& options) {
  observe::OutputOptions output;
  output.steps = options.steps;
  output.timeline = options.timeline;
  output.vcd = options.vcd;
  output.bandwidth_window = options.bandwidth_window_ps;
  output.firmware_log = options.firmware_log;
  output.now = core::now_ps;
  return output;
}

/// Simulates in slices so that progress is shown and an interruption is heeded; results do not depend on
/// them.
bool simulate(System& system, uint64_t until, const RunOptions& options) {
  observe::Progress progress(until);
  uint64_t now = 0;
  while (now < until) {
    if (options.interrupted && options.interrupted()) break;
    now = std::min(until, now + std::max<uint64_t>(progress.slice(), 1));
    system.run_until(now);
    progress.update(now);  // silent off a terminal; adapts the slice
  }
  progress.finish();
  return now >= until;
}

/// Who waited for whom, where and how long, over the run.
std::string interference_csv(const std::vector<std::string>& names, const core::RunReport& report) {
  auto name = [&](uint32_t task) { return task < names.size() ? names[task] : std::string("other"); };
  std::string csv = "where,task,waited_for,time_s\n";
  for (const core::Interference& entry : report.interference) {
    csv += fmt::format("{},{},{},{}.{:012}\n", entry.where, name(entry.task), name(entry.other),
                       entry.ps / 1'000'000'000'000, entry.ps % 1'000'000'000'000);
  }
  return csv;
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

/// "camera lost 1.2 ms a job to logger": the pair with the most waiting, over all resources.
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
  return fmt::format("{} lost {:.3f} ms a job to {}", names[task],
                     static_cast<double>(worst->second) * 1e-9 / static_cast<double>(jobs), names[other]);
}

[[noreturn]] void fail_on_mismatch(const observe::FunctionalTotals& totals, const std::string& out) {
  throw core::SimulationError(
      fmt::format("{} of {} completed jobs have wrong results, the first: {} (written: {}/)",
                  totals.mismatches, totals.jobs_checked, totals.first, out));
}

}  // namespace

RunResult run(const scenario::Scenario& scenario, const RunOptions& options) {
  std::vector<LoweredTask> tasks = lower_tasks(scenario);
  observe::OutputFolder folder(options.out);
  observe::ObserverHub hub;
  observe::RunOutputs outputs(folder, run_info(scenario, tasks), output_options(options), hub);
  System system(scenario, tasks, hub);
  bool complete = simulate(system, scenario.run.until.ps, options);
  core::RunReport report = system.report();
  nlohmann::ordered_json performance = nlohmann::ordered_json::object();
  if (report.cpu_instructions > 0) performance["cpu_instructions"] = report.cpu_instructions;
  if (!report.interference.empty())
    folder.write("interference.csv", interference_csv(requesters(scenario), report));
  RunResult result;
  result.summary = outputs.finish(core::now_ps(), complete,
                                  {report.accelerators, &report.memory, &performance, report.functional},
                                  [&](const observe::Summary& summary) {
                                    if (options.baselines.empty()) return;
                                    result.slowdowns = slowdowns(summary, options.baselines);
                                    folder.write("slowdown.csv", slowdown_csv(result.slowdowns));
                                  });
  result.worst_interference = worst_interference(requesters(scenario), report, result.summary);
  result.wall_s = outputs.wall_seconds();
  result.files.assign(folder.files().begin(), folder.files().end());
  result.warnings = outputs.warnings();
  if (!scenario.traffic.empty() && scenario.memory.fidelity == scenario::Fidelity::fixed) {
    result.warnings.emplace_back("traffic generators are left out: memory.fidelity is fixed, burst has them");
  }
  result.memory = std::move(report.memory);
  if (report.functional && report.functional->mismatches > 0)
    fail_on_mismatch(*report.functional, options.out);
  return result;
}

}  // namespace vesper::builder
