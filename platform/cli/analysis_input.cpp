#include "platform/cli/analysis_input.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/builder/lowered_task.h"

namespace vesper::cli {
namespace {

using builder::LoweredTask;
using offline::Cycles;
using scenario::Instance;
using scenario::Scenario;

constexpr unsigned __int128 kPsPerSecond = 1'000'000'000'000;

Cycles whole_cycles(uint64_t ps, uint64_t hz) {
  unsigned __int128 cycles = static_cast<unsigned __int128>(ps) * hz / kPsPerSecond;
  if (cycles > static_cast<unsigned __int128>(offline::kMostCycles))
    throw InputError("a period overflows 64 bits of cycles");
  return static_cast<Cycles>(cycles);
}

uint64_t clock_of(const Instance& instance) {
  Frequency clock;
  Codec<Frequency>::read(*instance.effective.find("clock"), clock, instance.name + ".clock");
  return clock.hz;
}

accelerator::TileProperties tile_properties_of(const Instance& instance) {
  Node own = Node::map(instance.where);
  for (const PropertyInfo& property : schema_of<accelerator::TileProperties>().list()) {
    const Node* value = instance.effective.find(property.name);
    if (value != nullptr) own.at_or_add(property.name, value->where()) = *value;
  }
  accelerator::TileProperties properties;
  schema_of<accelerator::TileProperties>().read(own, properties, instance.name);
  return properties;
}

/// Programs of a region a job: only times and layers are wanted of them.
std::vector<LoweredTask> lowered_tasks(Scenario scenario) {
  scenario.scheduler.granularity = lowering::Granularity::model;
  return builder::lower_tasks(scenario);
}

uint64_t jitter_ps(const scenario::Task& task) {
  const Node* written = task.arrival_properties.find("jitter");
  Duration jitter;
  if (written != nullptr) Codec<Duration>::read(*written, jitter, task.name + ".jitter");
  return jitter.ps;
}

offline::Task task_of(const Scenario& scenario, size_t index, const LoweredTask& lowered, uint64_t clock_hz) {
  const scenario::Task& task = scenario.tasks[index];
  if (lowered.period_ps == 0) {
    throw InputError(task.where,
                     fmt::format("task '{}': a {} promises no least time between jobs, which the analysis "
                                 "needs; give it a period",
                                 task.name, task.arrival));
  }
  if (lowered.deadline_ps > lowered.period_ps) {
    throw InputError(task.where,
                     fmt::format("task '{}': its deadline lies beyond its period; the analysis covers "
                                 "deadlines up to the period",
                                 task.name));
  }
  offline::Task analysed;
  for (const workload::Layer& layer : scenario.networks[index].layers) {
    analysed.layers.push_back({layer.m, layer.k, layer.n});
  }
  analysed.period = whole_cycles(lowered.period_ps, clock_hz);
  uint64_t jitter = jitter_ps(task);
  analysed.deadline = whole_cycles(lowered.deadline_ps - std::min(jitter, lowered.deadline_ps), clock_hz);
  return analysed;
}

Cycles hardware_cycles(const Scenario& scenario, uint32_t tasks, uint64_t clock_hz) {
  auto cycles = static_cast<unsigned __int128>(offline::hardware_scheduler_cycles(tasks));
  for (const Instance& instance : scenario.instances) {
    if (instance.type != "scheduler_block") continue;
    uint64_t own_hz = clock_of(instance);
    return static_cast<Cycles>((cycles * clock_hz + own_hz - 1) / own_hz);
  }
  return static_cast<Cycles>(cycles);
}

void add_terms(const Scenario& scenario, const AnalysisTerms& terms, AnalysisInput& input) {
  if (terms.published) {
    input.set.terms = offline::published_terms();
    return;
  }
  bool hardware = scenario.scheduler.placement == scenario::Placement::hardware;
  auto tasks = static_cast<uint32_t>(input.set.tasks.size());
  Cycles scheduler = hardware ? hardware_cycles(scenario, tasks, input.clock_hz) : 0;
  if (terms.scheduler_cycles) scheduler = static_cast<Cycles>(*terms.scheduler_cycles);
  input.set.terms.scheduler = input.set.terms.release_delay = scheduler;
  input.set.terms.kernel = offline::kKernelCycles;
  input.set.terms.kernel_entry = offline::kKernelEntryCycles;
  if (scenario.scheduler.placement == scenario::Placement::software && !terms.scheduler_cycles) {
    input.notes.emplace_back("the firmware's time for a decision is left out: --scheduler-cycles adds one");
  }
}

void add_notes(const Scenario& scenario, AnalysisInput& input) {
  if (scenario.scheduler.policy != "edf") {
    input.notes.push_back(
        fmt::format("the analysis is of EDF; the scenario's policy is {}", scenario.scheduler.policy));
  }
  if (scenario.memory.fidelity == scenario::Fidelity::burst) {
    input.notes.emplace_back(
        "operations take their cycles of `fixed` memory, not those of bursts under contention");
  }
}

AnalysisInput input_of(const Scenario& scenario, const std::vector<LoweredTask>& lowered,
                       const Instance& instance, const AnalysisTerms& terms) {
  AnalysisInput input;
  input.accelerator = instance.name;
  input.clock_hz = clock_of(instance);
  accelerator::TileProperties properties = tile_properties_of(instance);
  input.set.tile = properties.tile;
  input.set.costs = operation_costs(properties);
  for (size_t i = 0; i < scenario.tasks.size(); ++i) {
    if (scenario.tasks[i].accelerator != instance.name) continue;
    input.tasks.push_back(i);
    input.periods_ps.push_back(lowered[i].period_ps);
    input.set.tasks.push_back(task_of(scenario, i, lowered[i], input.clock_hz));
  }
  add_terms(scenario, terms, input);
  add_notes(scenario, input);
  return input;
}

}  // namespace

std::vector<AnalysisInput> analysis_inputs(const Scenario& scenario, const AnalysisTerms& terms) {
  std::vector<LoweredTask> lowered = lowered_tasks(scenario);
  std::vector<AnalysisInput> inputs;
  for (const Instance& instance : scenario.instances) {
    bool used = std::ranges::any_of(
        scenario.tasks, [&](const scenario::Task& task) { return task.accelerator == instance.name; });
    if (used) inputs.push_back(input_of(scenario, lowered, instance, terms));
  }
  if (inputs.empty()) throw InputError("the scenario has no tasks to analyse");
  return inputs;
}

}  // namespace vesper::cli
