#include "platform/scenario/isolation.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/scenario/design_section.h"

namespace vesper::scenario {

namespace {

/// The task and its stages.
void keep_task(const Scenario& scenario, size_t index, Scenario& reduced) {
  reduced.tasks.clear();
  reduced.networks.clear();
  reduced.graphs.clear();
  for (size_t i = 0; i < scenario.tasks.size(); ++i) {
    const Task& task = scenario.tasks[i];
    if (i != index && (!task.stage || task.stage->task != index)) continue;
    reduced.tasks.push_back(task);
    if (task.stage) reduced.tasks.back().stage->task = 0;
    reduced.networks.push_back(scenario.networks[i]);
    reduced.graphs.push_back(scenario.graphs[i]);
  }
  if (reduced.design) reduced.plan = plan_of(reduced);
}

}  // namespace

Scenario alone(const Scenario& scenario, size_t index) {
  Scenario reduced = scenario;
  reduced.title = fmt::format("{}: {} alone", scenario.title, scenario.tasks[index].name);
  keep_task(scenario, index, reduced);
  auto is_traffic = [&](const std::string& name) {
    return std::ranges::find(scenario.traffic, name, &Traffic::name) != scenario.traffic.end();
  };
  auto instance_of = [](const std::string& end) { return end.substr(0, end.find('.')); };
  std::erase_if(reduced.instances, [&](const Instance& instance) { return is_traffic(instance.name); });
  std::erase_if(reduced.connections, [&](const Connection& connection) {
    return is_traffic(instance_of(connection.from)) || is_traffic(instance_of(connection.to));
  });
  reduced.traffic.clear();
  return reduced;
}

}  // namespace vesper::scenario
