#include "platform/scenario/isolation.h"

#include <fmt/format.h>

#include <algorithm>

namespace vesper::scenario {

Scenario alone(const Scenario& scenario, size_t index) {
  Scenario reduced = scenario;
  reduced.title = fmt::format("{}: {} alone", scenario.title, scenario.tasks[index].name);
  reduced.tasks = {scenario.tasks[index]};
  reduced.networks = {scenario.networks[index]};
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
