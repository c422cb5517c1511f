#include "platform/scenario/traffic.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/registry.h"
#include "platform/scenario/yaml.h"

namespace vesper::scenario {

void Traffic::describe(Schema<Traffic>& p) {
  p("name", &Traffic::name, "name of the generator, beside the tasks in results").required();
  p("type", &Traffic::type, "IP type of the generator; its properties stand beside these keys").required();
  p("port", &Traffic::port, "endpoint of the NoC that it is connected to").required();
}

namespace {

constexpr const char* kNoc = "noc";

const core::IpFactory& factory_of(const Node& node, const std::string& path) {
  const Node* type = node.find("type");
  if (type == nullptr || !type->is_scalar()) {
    throw InputError(node.where(), fmt::format("'{}.type' is missing: the IP type of the generator", path));
  }
  if (const core::IpFactory* factory = core::IpRegistry::instance().find(type->text())) return *factory;
  std::vector<std::string> types = core::IpRegistry::instance().types();
  throw InputError(type->where(), fmt::format("there is no IP type '{}'{}; `vesper list models` names them",
                                              type->text(), did_you_mean(type->text(), types)));
}

void check_name(const Traffic& traffic, const Scenario& scenario, const Location& where) {
  auto is_taken = [&](const auto& other) { return other.name == traffic.name; };
  if (traffic.name.empty()) throw InputError(where, "a generator's name must not be empty");
  bool taken = std::ranges::any_of(scenario.tasks, is_taken) ||
               std::ranges::any_of(scenario.traffic, is_taken) ||
               std::ranges::any_of(scenario.instances, is_taken);
  if (taken)
    throw InputError(where, fmt::format("the name '{}' is taken; give the generator another", traffic.name));
}

Traffic read_item(const Node& node, const std::string& path) {
  Traffic traffic;
  traffic.where = node.where();
  if (!node.is_map())
    throw InputError(node.where(), fmt::format("{} takes a map, not {}", path, node.kind_name()));
  const core::IpFactory& factory = factory_of(node, path);
  std::vector<std::string> ip_keys = names_of(factory.properties());
  schema_of<Traffic>().read(node, traffic, path, ip_keys);
  traffic.properties = node;
  for (const char* key : {"name", "type", "port"}) traffic.properties.erase(key);
  if (Node* file = traffic.properties.find("file")) {
    *file = Node::scalar(resolve_path(file->text(), file->where()), file->where());
  }
  traffic.effective = factory.check(traffic.properties, path, {});
  return traffic;
}

void add_to_platform(const Traffic& traffic, const Location& port, Scenario& scenario) {
  if (scenario.find_instance(kNoc) == nullptr) {
    throw InputError(
        traffic.where,
        fmt::format("generator '{}' has no NoC: burst memory has no instance '{}'", traffic.name, kNoc));
  }
  std::string to = fmt::format("{}.{}", kNoc, traffic.port);
  for (const Connection& other : scenario.connections) {
    if (other.from != to && other.to != to) continue;
    throw InputError(port, fmt::format("'{}' is taken by '{}'; each initiator has a port of its own", to,
                                       other.from == to ? other.to : other.from));
  }
  scenario.instances.push_back(
      {traffic.name, traffic.type, std::nullopt, {}, traffic.properties, traffic.effective, traffic.where});
  scenario.connections.push_back({traffic.name + ".port", to, port});
}

}  // namespace

void read_traffic(const Node& list, Scenario& scenario) {
  if (!list.is_list() && list.kind() != Node::Kind::null) {
    throw InputError(list.where(), fmt::format("traffic takes a list, not {}", list.kind_name()));
  }
  for (size_t i = 0; i < list.items().size(); ++i) {
    const Node& node = list.items()[i];
    Traffic traffic = read_item(node, fmt::format("traffic[{}]", i));
    check_name(traffic, scenario, node.find("name")->where());
    if (scenario.memory.fidelity == Fidelity::burst)
      add_to_platform(traffic, node.find("port")->where(), scenario);
    scenario.traffic.push_back(std::move(traffic));
  }
}

Node effective_traffic(const Scenario& scenario,
                       const std::function<std::string(const std::string&)>& relative) {
  Node list = Node::list();
  for (const Traffic& traffic : scenario.traffic) {
    Node item = Codec<Traffic>::write(traffic);
    item.merge(traffic.effective);
    if (Node* file = item.find("file")) *file = Node::scalar(relative(file->text()));
    list.add(std::move(item));
  }
  return list;
}

}  // namespace vesper::scenario
