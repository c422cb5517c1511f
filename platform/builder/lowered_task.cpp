#include "platform/builder/lowered_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/core/clock_domain.h"
#include "models/spatial/plan.h"
#include "platform/builder/analysis_input.h"
#include "platform/property/random.h"
#include "schedulers/policy/estimates.h"

namespace vesper::builder {
namespace {

constexpr uint64_t kMostPicoseconds = std::numeric_limits<int64_t>::max();

uint64_t isolated_ps(const scenario::Task& task, Frequency clock, uint64_t cycles) {
  if (static_cast<unsigned __int128>(cycles) * 1'000'000'000'000 / clock.hz > kMostPicoseconds) {
    throw InputError(task.where, fmt::format("task '{}': a job of {} cycles takes longer than a hundred days",
                                             task.name, cycles));
  }
  return core::ClockDomain(clock).edge(cycles);
}

/// The times left are rounded up to picoseconds once, so that no error adds up over the regions.
core::EstimateTable estimates_of(const lowering::Program& program, Frequency frequency) {
  const core::ClockDomain clock(frequency);
  std::vector<policy::RegionEstimate> table(program.region_cycles.size());
  uint64_t cycles_left = 0;
  for (size_t i = table.size(); i-- > 0;) {
    cycles_left += program.region_cycles[i];
    table[i].latency = table[i].pattern_latency = policy::seconds(clock.edge(program.region_cycles[i]));
    table[i].left = table[i].pattern_left = policy::seconds(clock.edge(cycles_left));
    if (program.monitors.empty()) continue;
    table[i].average_sparsity = program.monitors[i].average_sparsity;
    table[i].outputs = program.monitors[i].outputs;
  }
  return std::make_shared<const std::vector<policy::RegionEstimate>>(std::move(table));
}

const scenario::Instance& accelerator_of(const scenario::Scenario& scenario, const scenario::Task& task) {
  const scenario::Instance* accelerator = scenario.find_instance(task.accelerator);
  if (accelerator == nullptr || lowering::find_pass(accelerator->type) == nullptr) {
    throw InputError(
        fmt::format("task '{}': '{}' is no accelerator of this platform", task.name, task.accelerator));
  }
  return *accelerator;
}

lowering::Program program_of(const scenario::Scenario& scenario, size_t index,
                             const lowering::Options& options) {
  const scenario::Instance& accelerator = accelerator_of(scenario, scenario.tasks[index]);
  lowering::Options own = options;
  const scenario::Task& task = scenario.tasks[index];
  own.sparsity = task.sparsity;
  if (task.stage) {
    const workload::Graph& graph = *scenario.graphs[task.stage->task];
    own.design = &*scenario.design;
    own.product = &graph.operators[graph.products_of(task.stage->name).front()];
  }
  try {
    return (*lowering::find_pass(accelerator.type))(scenario.networks[index], accelerator.effective,
                                                    accelerator.name, own);
  } catch (const InputError& error) {
    throw InputError(task.where, fmt::format("task '{}': {}", task.name, error.what()));
  }
}

/// Its program, and what it takes alone.
LoweredTask lower_program(const scenario::Scenario& scenario, size_t index,
                          const lowering::Options& options) {
  const scenario::Task& task = scenario.tasks[index];
  const Frequency clock = clock_of(accelerator_of(scenario, task));
  LoweredTask lowered;
  lowered.program = program_of(scenario, index, options);
  lowered.isolated_ps = isolated_ps(task, clock, lowered.program.execution_cycles);
  lowered.estimates = estimates_of(lowered.program, clock);
  return lowered;
}

/// The port of image DMA in `fixed` memory.
offline::SpatialMemory memory_of_design(const scenario::Scenario& scenario) {
  offline::SpatialMemory memory;
  for (const scenario::Instance& instance : scenario.instances) {
    if (instance.type != "image_dma") continue;
    Codec<Bandwidth>::read(*instance.effective.find("bandwidth"), memory.bandwidth,
                           instance.name + ".bandwidth");
    Codec<Duration>::read(*instance.effective.find("latency"), memory.latency, instance.name + ".latency");
  }
  return memory;
}

/// Of a task that runs on the design as its stages: it has no program itself.
LoweredTask estimate_on_design(const scenario::Scenario& scenario, size_t index) {
  LoweredTask lowered;
  lowered.isolated_ps = analytic_estimate(scenario, index).latency_ps;
  lowered.estimates = std::make_shared<const std::vector<policy::RegionEstimate>>();
  return lowered;
}

LoweredTask lower_task(const scenario::Scenario& scenario, size_t index, const lowering::Options& options) {
  const scenario::Task& task = scenario.tasks[index];
  LoweredTask lowered = scenario.runs_in_stages(index) ? estimate_on_design(scenario, index)
                                                       : lower_program(scenario, index, options);
  lowered.arrival = task.arrival_properties;
  if (task.utilisation) {
    unsigned __int128 scaled = static_cast<unsigned __int128>(lowered.isolated_ps) * 1'000'000;
    Duration period{static_cast<uint64_t>(scaled / task.utilisation->millionths)};
    lowered.arrival.at_or_add("period", task.where) = Node::scalar(to_text(period), task.where);
  }
  std::unique_ptr<workload::ArrivalProcess> arrivals = make_arrivals(scenario, index, lowered.arrival);
  lowered.period_ps = arrivals->period_ps().value_or(0);
  lowered.single_stream = arrivals->single_stream();
  lowered.deadline_ps = arrivals->relative_deadline_ps().value_or(0);
  return lowered;
}

/// Its jobs are released by others of the platform, and due when those of its task are.
LoweredTask lower_stage(const scenario::Scenario& scenario, size_t index, const lowering::Options& options,
                        const std::vector<LoweredTask>& tasks) {
  LoweredTask lowered = lower_program(scenario, index, options);
  lowered.deadline_ps = tasks[scenario.tasks[index].stage->task].deadline_ps;
  return lowered;
}

/// The tasks that serve requests, from `first` on.
class RequestTasks {
 public:
  RequestTasks(const scenario::Scenario& scenario, size_t first) : scenario_(scenario), first_(first) {}

  void lower(const std::vector<lowering::Options>& options, std::vector<LoweredTask>& lowered) {
    for (size_t i = first_; i < scenario_.tasks.size(); ++i) {
      programs_.push_back(program_of(scenario_, i, options[i]));
      check(i);
    }
    const workload::RequestStream& stream = *scenario_.requests;
    workload::RequestTable table = stream.draw(
        scenario_.request_streams(),
        [this](size_t kind, size_t layer, double sparsity) { return layer_ps(kind, layer, sparsity); });
    for (size_t i = first_; i < scenario_.tasks.size(); ++i) lowered.push_back(task_of(i, table));
  }

 private:
  void check(size_t i) const {
    const lowering::Program& program = programs_[i - first_];
    if (!program.monitors.empty() && program.layer_cycles) return;
    const scenario::Task& task = scenario_.tasks[i];
    throw InputError(task.where,
                     fmt::format("requests are served layer by layer; '{}' is of type {}, which is none that "
                                 "does: choose a sparse_accelerator",
                                 task.accelerator, accelerator_of(scenario_, task).type));
  }

  /// By the cost model; a scenario reduced to some of its tasks draws all requests all the same.
  [[nodiscard]] uint64_t layer_ps(size_t kind, size_t layer, double sparsity) const {
    for (size_t i = first_; i < scenario_.tasks.size(); ++i) {
      const scenario::Task& task = scenario_.tasks[i];
      if (task.kind != kind) continue;
      const core::ClockDomain clock(clock_of(accelerator_of(scenario_, task)));
      return clock.edge(programs_[i - first_].layer_cycles(static_cast<uint32_t>(layer), sparsity));
    }
    return 1;
  }

  [[nodiscard]] LoweredTask task_of(size_t i, const workload::RequestTable& table) {
    const scenario::Task& task = scenario_.tasks[i];
    const workload::RequestKind& kind = table.kinds[*task.kind];
    const workload::RequestStream& stream = *scenario_.requests;
    LoweredTask lowered;
    lowered.program = std::move(programs_[i - first_]);
    lowered.estimates = request_estimates(kind, lowered.program);
    lowered.isolated_ps = static_cast<uint64_t>(std::llround(lowered.estimates->front().pattern_left * 1e12));
    lowered.requests = std::make_shared<const RequestJobs>(table, static_cast<uint16_t>(*task.kind),
                                                           stream.properties().warm_up, lowered.program,
                                                           stream.tasks()[*task.kind].network == nullptr);
    return lowered;
  }

  const scenario::Scenario& scenario_;
  const size_t first_;
  std::vector<lowering::Program> programs_;
};

/// Rate monotonic: the shorter period (for a trace, deadline) first, ties in order of the scenario. A stage
/// has the priority of its task.
void assign_priorities(const scenario::Scenario& scenario, std::vector<LoweredTask>& lowered) {
  auto given =
      std::ranges::count_if(scenario.tasks, [](const scenario::Task& t) { return t.priority.has_value(); });
  if (given != 0 && static_cast<size_t>(given) != scenario.tasks.size()) {
    throw InputError(
        "some tasks have a priority and some have none: give all of them one, or none for rate monotonic");
  }
  std::vector<size_t> order;
  for (size_t i = 0; i < lowered.size(); ++i) {
    if (!scenario.tasks[i].stage) order.push_back(i);
  }
  auto rate = [&](size_t i) {
    return lowered[i].period_ps != 0 ? lowered[i].period_ps : lowered[i].deadline_ps;
  };
  std::ranges::stable_sort(order, {}, rate);
  for (size_t rank = 0; rank < order.size(); ++rank) {
    size_t i = order[rank];
    lowered[i].priority = scenario.tasks[i].priority.value_or(static_cast<uint32_t>(rank));
  }
  for (size_t i = 0; i < lowered.size(); ++i) {
    if (const auto& stage = scenario.tasks[i].stage) lowered[i].priority = lowered[stage->task].priority;
  }
}

/// The number of the first task that is `wanted`; how many there are, if none is.
size_t first_task(const scenario::Scenario& scenario, bool (*wanted)(const scenario::Task&)) {
  return static_cast<size_t>(std::ranges::find_if(scenario.tasks, wanted) - scenario.tasks.begin());
}

lowering::Options options_of(const scenario::Scenario& scenario) {
  return {scenario.scheduler.granularity,
          scenario.scheduler.preemption,
          scenario.memory.tensor_skew.count,
          {},
          scenario.scheduler.swap_out};
}

std::vector<lowering::Cut> cuts_of(const AnalysisInput& input, const offline::Analysis& analysis,
                                   size_t task) {
  std::vector<lowering::Cut> cuts;
  for (const offline::CutPoint& point : cut_points(input.set, analysis, task)) {
    cuts.push_back({point.layer, point.iteration, point.strategy == offline::Strategy::persist});
  }
  return cuts;
}

/// Puts the cuts of one accelerator's tasks into their options.
PlacementOutcome place(const scenario::Scenario& scenario, const AnalysisInput& input,
                       std::vector<lowering::Options>& options) {
  offline::Analysis analysis = analyse(input, design_of(scenario.scheduler));
  PlacementOutcome outcome{input.accelerator, analysis.passes(), verdict_text(scenario, input, analysis),
                           input.notes};
  if (!outcome.placed && scenario.scheduler.unplaceable == scenario::Unplaceable::refuse) {
    throw InputError(fmt::format(
        "no placement of preemption points on '{}' is schedulable ({}); `vesper analyze` tells more, and "
        "scheduler.unplaceable: all_points simulates the tasks without placement",
        input.accelerator, outcome.verdict));
  }
  for (size_t i = 0; i < input.tasks.size(); ++i) {
    lowering::Options& own = options[input.tasks[i]];
    if (outcome.placed) {
      own.cuts = cuts_of(input, analysis, i);
    } else {
      own.granularity = lowering::Granularity::tile;
    }
  }
  return outcome;
}

}  // namespace

Frequency clock_of(const scenario::Instance& instance) {
  Frequency clock;
  Codec<Frequency>::read(*instance.effective.find("clock"), clock, instance.name + ".clock");
  return clock;
}

offline::SpatialEstimate analytic_estimate(const scenario::Scenario& scenario, size_t index) {
  const auto task = static_cast<uint16_t>(index);
  return offline::estimate(*scenario.graphs[index], *scenario.design, scenario.plan->images_of(task),
                           memory_of_design(scenario));
}

std::unique_ptr<workload::ArrivalProcess> make_arrivals(const scenario::Scenario& scenario, size_t index,
                                                        const Node& arrival_properties) {
  const scenario::Task& task = scenario.tasks[index];
  workload::ArrivalContext context{stream_seed(scenario.run.seed, static_cast<uint32_t>(index)),
                                   task.deadline, task.where};
  return workload::find_arrival_process(task.arrival)->create(arrival_properties, task.name, {}, context);
}

std::function<std::optional<core::Release>()> releases_of(const scenario::Scenario& scenario, size_t index,
                                                          const LoweredTask& task) {
  if (scenario.tasks[index].stage) return {};
  if (task.requests != nullptr) {
    return [requests = task.requests, next = size_t{0}]() mutable -> std::optional<core::Release> {
      if (next == requests->releases().size()) return std::nullopt;
      return requests->releases()[next++];
    };
  }
  std::shared_ptr<workload::ArrivalProcess> arrivals = make_arrivals(scenario, index, task.arrival);
  return [arrivals]() -> std::optional<core::Release> {
    std::optional<workload::Arrival> arrival = arrivals->next();
    if (!arrival) return std::nullopt;
    return core::Release{arrival->release_ps, arrival->deadline_ps};
  };
}

LoweredTasks lower(const scenario::Scenario& scenario) {
  LoweredTasks lowered;
  std::vector<lowering::Options> options(scenario.tasks.size(), options_of(scenario));
  if (scenario.scheduler.granularity == lowering::Granularity::placed && !scenario.tasks.empty()) {
    for (const AnalysisInput& input : analysis_inputs(scenario, {})) {
      lowered.placement.push_back(place(scenario, input, options));
    }
  }
  auto of_requests = [](const scenario::Task& task) { return task.kind.has_value(); };
  auto of_stage = [](const scenario::Task& task) { return task.stage.has_value(); };
  const auto first = first_task(scenario, of_requests);
  const auto stages = first_task(scenario, of_stage);
  for (size_t i = 0; i < std::min(first, stages); ++i)
    lowered.tasks.push_back(lower_task(scenario, i, options[i]));
  if (first < scenario.tasks.size()) RequestTasks(scenario, first).lower(options, lowered.tasks);
  for (size_t i = stages; i < scenario.tasks.size(); ++i)
    lowered.tasks.push_back(lower_stage(scenario, i, options[i], lowered.tasks));
  assign_priorities(scenario, lowered.tasks);
  return lowered;
}

std::vector<std::string> placement_warnings(const PlacementOutcome& outcome) {
  std::vector<std::string> lines;
  if (!outcome.placed) {
    lines.push_back(fmt::format("no schedulable placement of preemption points on '{}' ({}): all are kept",
                                outcome.accelerator, outcome.verdict));
  }
  for (const std::string& note : outcome.notes) lines.push_back("placement: " + note);
  return lines;
}

std::vector<LoweredTask> lower_tasks(const scenario::Scenario& scenario) { return lower(scenario).tasks; }

}  // namespace vesper::builder
