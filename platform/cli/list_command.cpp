#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "models/core/registry.h"
#include "platform/cli/commands.h"
#include "platform/explore/explore_file.h"
#include "platform/plugin/installation.h"
#include "platform/scenario/policy_choices.h"
#include "platform/scenario/scenario.h"
#include "platform/scenario/yaml.h"
#include "platform/sweep/sweep_file.h"
#include "platform/workload/arrival.h"
#include "platform/workload/network_format.h"
#include "schedulers/policy/policy.h"

namespace vesper::cli {
namespace {

namespace fs = std::filesystem;

int list_models(const Arguments& /*rest*/) {
  for (const std::string& type : core::IpRegistry::instance().types()) {
    fmt::print("{:18} {}\n", type, core::IpRegistry::instance().find(type)->help);
  }
  return kDone;
}

int list_policies(const Arguments& /*rest*/) {
  for (const policy::Choice& info : policy::choices()) {
    fmt::print("{:18} {}\n", info.name, info.help);
    for (size_t i = 0; i < info.parameter_count; ++i) {
      const policy::ParameterInfo& p = info.parameters[i];
      std::vector<std::string> choices = policy::choices_of(p);
      std::string range = choices.empty() ? fmt::format("between {} and {}", p.least, p.most)
                                          : fmt::format("one of {}", fmt::join(choices, ", "));
      fmt::print("    {:14} {} (default {}, {})\n", p.name, p.help, policy::text_of(p, p.default_value),
                 range);
    }
    for (size_t i = 0; i < info.preset_count; ++i) {
      fmt::print("    preset: {}  {}\n", info.presets[i].name, info.presets[i].help);
    }
  }
  return kDone;
}

void print_properties(const std::string& prefix, const std::vector<PropertyInfo>& properties) {
  for (const PropertyInfo& property : properties) {
    std::string path = prefix.empty() ? property.name : prefix + "." + property.name;
    if (!property.children.empty()) {
      print_properties(path, property.children);
      continue;
    }
    std::string facts = property.kind;
    if (!property.default_text.empty()) facts += ", default " + property.default_text;
    if (!property.range.empty()) facts += ", " + property.range;
    fmt::print("{:44} {} ({})\n", path, property.help, facts);
  }
}

void print_sweep_properties() {
  fmt::print("\n# sweep files (vesper sweep): beside these, set, grid or random, seeds, generate, figures\n");
  for (const auto& [section, properties] : sweep::sweep_sections()) print_properties(section, properties);
  for (const auto& [name, generator] : sweep::task_set_generators()) {
    fmt::print("\n# sweep files with generate.task_set: {} - {}\n", name, generator.help);
    print_properties("generate", generator.properties());
    print_properties("grid", generator.axes);
  }
}

int list_properties(const Arguments& /*rest*/) {
  for (const auto& [section, properties] : scenario::scenario_sections())
    print_properties(section, properties);
  for (const workload::NetworkFormat& format : workload::network_formats())
    fmt::print("\n# models with extension {} - {}\n", format.extension, format.help);
  fmt::print("\n# workload files\n");
  print_properties("", workload::network_properties());
  for (const workload::ArrivalFactory& arrival : workload::arrival_processes()) {
    fmt::print("\n# tasks with arrival: {} - {}\n", arrival.name, arrival.help);
    print_properties("tasks[]", arrival.properties());
  }
  for (const std::string& type : core::IpRegistry::instance().types()) {
    const core::IpFactory& factory = *core::IpRegistry::instance().find(type);
    fmt::print("\n# instances of type {} - {}\n", type, factory.help);
    print_properties("<instance>", factory.properties());
  }
  print_sweep_properties();
  fmt::print("\n# searches (vesper explore)\n");
  print_properties("explore", explore::explore_properties());
  return kDone;
}

/// The files below a folder that have a title under this key.
int list_files(const Arguments& rest, const char* kind, const char* key) {
  fs::path folder = rest.empty() ? "scenarios" : rest[0];
  if (rest.empty() && !fs::is_directory(folder)) folder = plugin::shared_file("scenarios");
  if (!fs::is_directory(folder))
    throw InputError(
        fmt::format("'{}' is no folder; name one: vesper list {} FOLDER", folder.string(), kind));
  std::map<std::string, std::string> titles;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (file.path().extension() != ".yaml") continue;
    Node root = scenario::load_yaml(file.path().string());
    if (const Node* title = root.find(key)) titles[file.path().string()] = title->text();
  }
  for (const auto& [path, title] : titles) fmt::print("{:44} {}\n", path, title);
  return kDone;
}

int list_scenarios(const Arguments& rest) { return list_files(rest, "scenarios", "scenario"); }
int list_sweeps(const Arguments& rest) { return list_files(rest, "sweeps", "sweep"); }

int list(const Arguments& arguments) {
  const std::map<std::string, int (*)(const Arguments&)> kinds{{"models", list_models},
                                                               {"policies", list_policies},
                                                               {"properties", list_properties},
                                                               {"scenarios", list_scenarios},
                                                               {"sweeps", list_sweeps}};
  const char* usage = "usage: vesper list models|policies|properties|scenarios|sweeps [FOLDER]";
  if (!arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h")) {
    fmt::print("{}\n", usage);
    return kDone;
  }
  auto kind = arguments.empty() ? kinds.end() : kinds.find(arguments[0]);
  if (kind == kinds.end()) {
    std::vector<std::string> names;
    names.reserve(kinds.size());
    for (const auto& [name, run] : kinds) names.push_back(name);
    std::string given = arguments.empty() ? "" : arguments[0];
    throw InputError(fmt::format("'{}' cannot be listed{}; {}", given, did_you_mean(given, names), usage));
  }
  return kind->second({arguments.begin() + 1, arguments.end()});
}

const Command command{"list", "models, policies, properties, scenarios or sweeps", list};

}  // namespace
}  // namespace vesper::cli
