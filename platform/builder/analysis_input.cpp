#include "platform/builder/analysis_input.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/scheduler/micro_architecture.h"
#include "platform/builder/lowered_task.h"

namespace vesper::builder {
namespace {

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

accelerator::TileProperties tile_properties_of(const Instance& instance) {
  if (instance.effective.find("tile") == nullptr) {
    throw InputError(instance.where,
                     fmt::format("'{}' goes layer by layer; the schedulability analysis and "
                                 "placed preemption points are of accelerators that go tile by "
                                 "tile: choose granularity layer or model",
                                 instance.name));
  }
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
  return lower_tasks(scenario);
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

/// A release delay may leave nothing of a period, a jitter nothing of a deadline.
void check_time_left(const scenario::Task& task, const offline::Task& analysed, Cycles release_delay) {
  if (std::min(analysed.deadline, analysed.period) > release_delay) return;
  throw InputError(task.where,
                   fmt::format("task '{}': its jitter and {} cycles until a release is seen leave no time of "
                               "its deadline",
                               task.name, release_delay));
}

Cycles in_cycles_of(uint64_t clock_hz, Cycles cycles, uint64_t own_hz) {
  auto scaled = static_cast<unsigned __int128>(cycles) * clock_hz;
  return static_cast<Cycles>((scaled + own_hz - 1) / own_hz);
}

/// Worst case of the scheduler block, if the platform has one that takes time.
Cycles block_cycles(const Scenario& scenario, uint32_t tasks, uint64_t clock_hz) {
  for (const Instance& instance : scenario.instances) {
    if (instance.type != "scheduler_block") continue;
    const Node* name = instance.effective.find("micro_architecture");
    scheduler::ComputeUnit unit;
    schema_of<scheduler::ComputeUnit>().read(*instance.effective.find("compute_unit"), unit,
                                             instance.name + ".compute_unit");
    core::Cycles worst = scheduler::find_micro_architecture(name->text())->make(unit)->worst_pass(tasks);
    return in_cycles_of(clock_hz, worst, clock_of(instance).hz);
  }
  return 0;
}

Cycles scheduler_cycles(const Scenario& scenario, const AnalysisTerms& terms, const AnalysisInput& input) {
  if (terms.scheduler_cycles) return static_cast<Cycles>(*terms.scheduler_cycles);
  if (const auto& bound = scenario.scheduler.decision_bound) {
    return whole_cycles(bound->ps, input.clock_hz) + 1;
  }
  return block_cycles(scenario, static_cast<uint32_t>(input.set.tasks.size()), input.clock_hz);
}

Cycles kernel_cycles(const Instance& accelerator) {
  Cycles cycles = 1;
  for (const char* part : {"lookup_cycles", "launch_cycles", "feedback_cycles"}) {
    uint32_t value = 0;
    Codec<uint32_t>::read(*accelerator.effective.find(part), value, part);
    cycles += value;
  }
  return cycles;
}

void add_terms(const Scenario& scenario, const Instance& accelerator, const AnalysisTerms& terms,
               AnalysisInput& input) {
  if (terms.published) {
    input.set.terms = offline::published_terms();
    return;
  }
  Cycles scheduler = scheduler_cycles(scenario, terms, input);
  input.set.terms.scheduler = input.set.terms.release_delay = scheduler;
  input.set.terms.kernel = kernel_cycles(accelerator);
  input.set.terms.kernel_entry = offline::kKernelEntryCycles;
  bool known = terms.scheduler_cycles || scenario.scheduler.decision_bound;
  if (scenario::has_firmware(scenario.scheduler.placement) && !known) {
    input.notes.emplace_back(
        "the firmware's time for a decision is left out: scheduler.decision_bound adds one");
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
  input.clock_hz = clock_of(instance).hz;
  accelerator::TileProperties properties = tile_properties_of(instance);
  input.set.tile = properties.tile;
  input.set.costs = operation_costs(properties);
  for (size_t i = 0; i < scenario.tasks.size(); ++i) {
    if (scenario.tasks[i].accelerator != instance.name) continue;
    input.tasks.push_back(i);
    input.periods_ps.push_back(lowered[i].period_ps);
    input.set.tasks.push_back(task_of(scenario, i, lowered[i], input.clock_hz));
  }
  add_terms(scenario, instance, terms, input);
  for (size_t i = 0; i < input.tasks.size(); ++i) {
    check_time_left(scenario.tasks[input.tasks[i]], input.set.tasks[i], input.set.terms.release_delay);
  }
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

const offline::Design& design_of(const scenario::Scheduler& scheduler) {
  // By granularity, then preemption.
  static constexpr const char* kNames[][3] = {
      {"np", "np", "np"}, {"lw", "lw", "lw"}, {"ir", "ip", "if"}, {"ir-ppp", "ip-ppp", "if-ppp"}};
  return *offline::find_design(
      kNames[static_cast<size_t>(scheduler.granularity)][static_cast<size_t>(scheduler.preemption)]);
}

offline::Analysis analyse(const AnalysisInput& input, const offline::Design& design) {
  try {
    return offline::analyse(input.set, design);
  } catch (const offline::AnalysisError& error) {
    throw InputError(
        fmt::format("'{}' cannot be analysed as {}: {}", input.accelerator, design.title, error.what()));
  }
}

std::string verdict_text(const Scenario& scenario, const AnalysisInput& input,
                         const offline::Analysis& analysis) {
  std::string text = name_of(analysis.verdict);
  bool about_all = analysis.passes() || analysis.verdict == offline::Verdict::overload;
  return about_all ? text : text + ": " + scenario.tasks[input.tasks[analysis.culprit]].name;
}

}  // namespace vesper::builder
