#include "platform/builder/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "models/core/ip.h"
#include "models/core/run_report.h"
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
  result.summary =
      outputs.finish(core::now_ps(), complete, {report.accelerators, &report.memory, &performance});
  result.wall_s = outputs.wall_seconds();
  result.files.assign(folder.files().begin(), folder.files().end());
  result.warnings = outputs.warnings();
  if (!scenario.traffic.empty() && scenario.memory.fidelity == scenario::Fidelity::fixed) {
    result.warnings.emplace_back("traffic generators are left out: memory.fidelity is fixed, burst has them");
  }
  result.memory = std::move(report.memory);
  return result;
}

}  // namespace vesper::builder
