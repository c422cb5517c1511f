#include "platform/scenario/design_section.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/spatial/plan.h"

namespace vesper::scenario {
namespace {

constexpr const char* kEach = "each";

Task stage_task(const Scenario& scenario, size_t parent, const std::string& stage,
                const std::string& accelerator) {
  const Task& of = scenario.tasks[parent];
  Task task;
  task.name = of.name + "." + stage;
  task.accelerator = accelerator;
  task.priority = of.priority;
  task.weight = of.weight;
  task.stage = Stage{parent, stage};
  task.stream = static_cast<uint32_t>(scenario.tasks.size());
  task.where = of.where;
  return task;
}

/// A job is one visit; all visits are alike.
workload::Network stage_network(const workload::Graph& graph, const std::string& stage) {
  return {stage, {workload::layer_of(graph.operators[graph.products_of(stage).front()])}};
}

void check_names(const Scenario& scenario) {
  for (const Task& task : scenario.tasks) {
    if (std::ranges::count(scenario.tasks, task.name, &Task::name) == 1) continue;
    throw InputError(task.where, fmt::format("a task and a stage of one are both named '{}'", task.name));
  }
}

}  // namespace

std::optional<spatial::Design> read_design(const Node& root) {
  const Node* section = root.find("design");
  if (section == nullptr) return std::nullopt;
  const std::string foreign[] = {kEach};
  spatial::Design design;
  schema_of<spatial::Design>().read(*section, design, "design", foreign);
  const Node* each = section->find(kEach);
  if (each != nullptr && !each->is_map())
    throw InputError(each->where(),
                     fmt::format("design.each takes a map of IP types, not {}", each->kind_name()));
  return design;
}

void add_stage_tasks(Scenario& scenario, const Location& where) {
  const size_t users = scenario.tasks.size();
  for (size_t i = 0; i < users; ++i) {
    const std::shared_ptr<const workload::Graph> graph = scenario.graphs[i];
    for (const std::string& stage : graph->stages()) {
      const std::optional<uint16_t> at = spatial::accelerator_of(*scenario.design, stage);
      if (!at) continue;  // the check of the design says so
      scenario.tasks.push_back(stage_task(scenario, i, stage, scenario.design->accelerators[*at].name));
      scenario.networks.push_back(stage_network(*graph, stage));
      scenario.graphs.push_back(nullptr);
    }
  }
  if (scenario.tasks.size() > policy::kMaxTasks) {
    throw InputError(where,
                     fmt::format("{} tasks with {} stages in all, each a task for the schedulers; at most {} "
                                 "of both are possible",
                                 users, scenario.tasks.size() - users, policy::kMaxTasks));
  }
  check_names(scenario);
  scenario.plan = plan_of(scenario, where);
}

std::shared_ptr<const spatial::Plan> plan_of(const Scenario& scenario, const Location& where) {
  std::vector<spatial::GraphTask> tasks;
  for (size_t i = 0; i < scenario.tasks.size(); ++i) {
    if (!scenario.runs_in_stages(i)) continue;
    const auto first = std::ranges::find_if(
        scenario.tasks, [i](const Task& task) { return task.stage && task.stage->task == i; });
    tasks.push_back({static_cast<uint16_t>(i), scenario.graphs[i], scenario.tasks[i].batch.value_or(1),
                     static_cast<uint16_t>(first - scenario.tasks.begin())});
  }
  return std::make_shared<const spatial::Plan>(*scenario.design, std::move(tasks), where);
}

Node effective_design(const Scenario& scenario, const Node& written) {
  Node all = schema_of<spatial::Design>().write(*scenario.design);
  if (const Node* each = written.find(kEach)) all.at_or_add(kEach, {}) = *each;
  return all;
}

}  // namespace vesper::scenario
