#include <fmt/format.h>

#include <boost/program_options.hpp>

#include "platform/builder/lowered_task.h"
#include "platform/builder/system.h"
#include "platform/cli/commands.h"
#include "platform/cli/options.h"
#include "platform/scenario/scenario.h"

namespace vesper::cli {
namespace {

std::string milliseconds(uint64_t ps) { return fmt::format("{:.3f} ms", static_cast<double>(ps) / 1e9); }

void print_task(const scenario::Scenario& scenario, size_t index, const builder::LoweredTask& task) {
  fmt::print("  {:14} {:12} {:6} regions, {} alone", scenario.tasks[index].name,
             scenario.networks[index].name, task.program.regions.size(), milliseconds(task.isolated_ps));
  if (task.period_ps != 0) {
    fmt::print(" every {}, utilisation {:.3f}", milliseconds(task.period_ps),
               static_cast<double>(task.isolated_ps) / static_cast<double>(task.period_ps));
  }
  fmt::print("\n");
}

/// Builds the platform as well, so that nothing is left for a run to refuse.
int validate_one(const std::string& path, const Arguments& settings) {
  scenario::Scenario scenario = scenario::read_scenario(path, settings);
  builder::LoweredTasks lowered = builder::lower(scenario);
  observe::ObserverHub nobody;
  builder::System(scenario, lowered.tasks, nobody).elaborate();
  fmt::print("{}: {}: {} IPs, {} tasks\n", path, scenario.title, scenario.instances.size(),
             lowered.tasks.size());
  for (size_t i = 0; i < lowered.tasks.size(); ++i) print_task(scenario, i, lowered.tasks[i]);
  for (const builder::PlacementOutcome& outcome : lowered.placement) {
    for (const std::string& line : placement_warnings(outcome)) fmt::print(stderr, "vesper: {}\n", line);
  }
  return kDone;
}

int validate(const Arguments& arguments) {
  namespace po = boost::program_options;
  po::options_description options("options");
  options.add_options()("help,h", "this text")("set", po::value<Arguments>()->composing(),
                                               "a.b=v: override a property");
  Parsed parsed = parse(arguments, options, "usage: vesper validate SCENARIO... [--set a.b=v]");
  if (parsed.help) return kDone;
  int worst = kDone;
  for (const std::string& path : parsed.scenarios) {
    int status = in_child([&] { return validate_one(path, parsed.all("set")); });
    if (worst == kDone) worst = status;
  }
  return worst;
}

const Command command{"validate", "check scenarios without running them", validate};

}  // namespace
}  // namespace vesper::cli
