#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "platform/cli/analysis_report.h"
#include "platform/cli/commands.h"
#include "platform/cli/options.h"

namespace vesper::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

po::options_description analyze_options() {
  po::options_description options("options");
  auto add = options.add_options();
  add("help,h", "this text");
  add("set", po::value<Arguments>()->composing(), "a.b=v: override a property; the last one wins");
  add("out", po::value<std::string>(), "folder of the outputs; traces/<scenario name> by default");
  add("design", po::value<std::string>()->default_value("all"),
      "designs, with commas: np, lw, ir, ip, if, ir-ppp, ip-ppp, if-ppp");
  add("scheduler-cycles", po::value<uint64_t>(),
      "worst cycles of the accelerator's clock that a decision takes, and a release until it can be issued");
  add("published",
      "analyse as DERCA's published code: no scheduler, kernel management or release delay; the hyperperiod "
      "untested");
  return options;
}

std::vector<const offline::Design*> chosen_designs(const std::string& text) {
  std::vector<const offline::Design*> chosen;
  std::vector<std::string> names;
  for (const offline::Design& design : offline::designs()) {
    names.emplace_back(design.name);
    if (text == "all") chosen.push_back(&design);
  }
  if (text == "all") return chosen;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find(',', begin), text.size());
    std::string name = text.substr(begin, end - begin);
    const offline::Design* design = offline::find_design(name);
    if (design == nullptr) {
      throw InputError(fmt::format("--design: there is no design '{}'{}", name, did_you_mean(name, names)));
    }
    chosen.push_back(design);
    begin = end + 1;
  }
  return chosen;
}

builder::AnalysisTerms terms_of(const Parsed& parsed) {
  builder::AnalysisTerms terms;
  terms.published = parsed.has("published");
  if (parsed.has("scheduler-cycles")) {
    terms.scheduler_cycles = parsed.values["scheduler-cycles"].as<uint64_t>();
    if (*terms.scheduler_cycles > UINT32_MAX) throw InputError("--scheduler-cycles is at most 2^32-1");
    if (terms.published) throw InputError("--published has no scheduler: leave --scheduler-cycles out");
  }
  return terms;
}

std::vector<offline::Analysis> analyses_of(const AnalysisInput& input,
                                           const std::vector<const offline::Design*>& designs) {
  std::vector<offline::Analysis> analyses;
  for (const offline::Design* design : designs) analyses.push_back(builder::analyse(input, *design));
  return analyses;
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw InputError(fmt::format("cannot write '{}'", path.string()));
}

fs::path folder_of(const Parsed& parsed, const scenario::Scenario& scenario) {
  std::string name = scenario::slug(scenario.title);
  fs::path folder = parsed.has("out") ? fs::path(parsed.text("out")) : fs::path("traces") / name;
  if (parsed.has("out") && parsed.scenarios.size() > 1) folder /= name;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw InputError(fmt::format("cannot make the folder '{}': {}", folder.string(), error.message()));
  return folder;
}

void analyze_one(const Parsed& parsed, const std::string& path) {
  scenario::Scenario scenario = scenario::read_scenario(path, parsed.all("set"));
  std::vector<const offline::Design*> designs = chosen_designs(parsed.text("design"));
  nlohmann::ordered_json json{{"scenario", scenario.title},
                              {"accelerators", nlohmann::ordered_json::array()}};
  std::string csv = analysis_csv_header();
  std::string text;
  for (const AnalysisInput& input : builder::analysis_inputs(scenario, terms_of(parsed))) {
    std::vector<offline::Analysis> analyses = analyses_of(input, designs);
    text += analysis_text(scenario, input, analyses);
    json["accelerators"].push_back(analysis_json(scenario, input, analyses));
    csv += analysis_csv(scenario, input, analyses);
  }
  fs::path folder = folder_of(parsed, scenario);
  write(folder / "analysis.json", json.dump(2) + "\n");
  write(folder / "analysis.csv", csv);
  fmt::print("{}written {}/ (analysis.json, analysis.csv)\n", text, folder.string());
}

int analyze(const Arguments& arguments) {
  Parsed parsed = parse(arguments, analyze_options(), "usage: vesper analyze SCENARIO... [OPTIONS]");
  if (parsed.help) return kDone;
  for (const std::string& path : parsed.scenarios) analyze_one(parsed, path);
  return kDone;
}

const Command command{"analyze", "schedulability and preemption-point placement, without simulation",
                      analyze};

}  // namespace
}  // namespace vesper::cli
