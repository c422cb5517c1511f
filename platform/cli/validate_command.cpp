#include <fmt/format.h>

#include <boost/program_options.hpp>

#include "platform/builder/lowered_task.h"
#include "platform/cli/commands.h"
#include "platform/cli/options.h"
#include "platform/scenario/scenario.h"

namespace vesper::cli {
namespace {

int validate(const Arguments& arguments) {
  namespace po = boost::program_options;
  po::options_description options("options");
  options.add_options()("help,h", "this text")("set", po::value<Arguments>()->composing(),
                                               "a.b=v: override a property");
  Parsed parsed = parse(arguments, options, "usage: vesper validate SCENARIO... [--set a.b=v]");
  if (parsed.help) return kDone;
  for (const std::string& path : parsed.scenarios) {
    scenario::Scenario scenario = scenario::read_scenario(path, parsed.all("set"));
    std::vector<builder::LoweredTask> tasks = builder::lower_tasks(scenario);
    size_t regions = 0;
    for (const builder::LoweredTask& task : tasks) regions += task.program.regions.size();
    fmt::print("{}: {}: {} tasks, {} regions, {} IPs; sound\n", path, scenario.title, tasks.size(), regions,
               scenario.instances.size());
  }
  return kDone;
}

const Command command{"validate", "check scenarios without running them", validate};

}  // namespace
}  // namespace vesper::cli
