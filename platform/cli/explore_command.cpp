#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "platform/cli/commands.h"
#include "platform/cli/options.h"
#include "platform/explore/explore_results.h"
#include "platform/observe/status_line.h"
#include "platform/scenario/scenario.h"
#include "platform/sweep/files.h"
#include "platform/sweep/journal.h"
#include "platform/sweep/process.h"
#include "platform/sweep/workers.h"

namespace vesper::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using offline::Candidate;
using offline::SearchResult;

constexpr const char* kUsage = "usage: vesper explore SCENARIO [OPTIONS]";
constexpr unsigned kMostThreads = 1024;
constexpr observe::StatusLine::Seconds kBetweenLines{0.2};

po::options_description explore_options() {
  po::options_description options("options");
  auto add = options.add_options();
  add("help,h", "this text");
  add("set", po::value<Arguments>()->composing(), "a.b=v: override a property: explore.most_images=3");
  add("out", po::value<std::string>(), "folder of journal and results; traces/<title> by default");
  add("jobs", po::value<unsigned>(), "threads, and simulations at once; by default one a core");
  add("simulate", "run each design of pareto.csv on the platform, and compare");
  add("no-plot", "leave SVG and PNG out; gnuplot is not needed then");
  return options;
}

unsigned jobs_of(const Parsed& parsed) {
  unsigned jobs = parsed.has("jobs") ? parsed.values["jobs"].as<unsigned>() : sweep::usable_cores();
  if (jobs == 0 || jobs > kMostThreads)
    throw InputError(fmt::format("--jobs is between 1 and {}", kMostThreads));
  return jobs;
}

/// Searches, going on where an earlier start ended; none when interrupted.
std::optional<SearchResult> search_in(const fs::path& folder, const explore::ExploreFile& file,
                                      offline::SpatialSearch& search, unsigned jobs) {
  sweep::JournalKey key{
      file.fingerprint(), {}, search.most_candidates(), explore::journal_columns(file.search)};
  sweep::Journal journal(folder, key, "search");
  observe::StatusLine line(observe::StatusLine::Terminal::standard(), kBetweenLines);
  offline::SearchHooks hooks;
  hooks.known = [&](size_t number) -> std::optional<Candidate> {
    auto row = journal.rows().find(number);
    if (row == journal.rows().end()) return std::nullopt;
    return explore::candidate_of(row->second);
  };
  hooks.done = [&](size_t number, const Candidate& candidate) {
    journal.append(number, explore::journal_row(number, candidate));
  };
  hooks.progress = [&](uint32_t generation, uint32_t of, size_t candidates) {
    auto now = line.now();
    if (line.due(now))
      line.show(now, fmt::format("{:3} %  generation {} of {}, {} maps", generation * 100 / of, generation,
                                 of, candidates));
  };
  hooks.interrupted = interrupted;
  std::optional<SearchResult> result = search.run(jobs, hooks);
  line.wipe();
  return result;
}

/// Response time of a batch on the platform.
double simulated_s(const fs::path& folder, size_t number, const std::string& task) {
  fs::path out = folder / fs::path(explore::design_file(number)).stem();
  sweep::ProgramResult run = sweep::run_program({fs::read_symlink("/proc/self/exe").string(), "run",
                                                 fs::absolute(folder / explore::design_file(number)).string(),
                                                 "--out", fs::absolute(out).string()});
  if (run.status != 0) throw std::runtime_error(fmt::format("{}: {}", explore::design_file(number), run.err));
  nlohmann::json summary = nlohmann::json::parse(sweep::contents_of(out / "summary.json"));
  for (const nlohmann::json& one : summary.at("tasks")) {
    if (one.at("name") == task) return one.at("response_s").at("mean").get<double>();
  }
  throw std::runtime_error(
      fmt::format("{}: no task '{}' in the summary", explore::design_file(number), task));
}

/// Writes comparison.csv; false when interrupted.
bool compare(const fs::path& folder, const explore::ExploreFile& file, const explore::Results& results,
             unsigned jobs) {
  const std::string task = file.root.find("tasks")->items()[file.task].find("name")->text();
  std::map<uint64_t, std::string> rows;
  double furthest = 0;
  sweep::WorkerHooks hooks;
  hooks.work = [&](uint64_t number) { return fmt::format("{:.12g}", simulated_s(folder, number, task)); };
  hooks.done = [&](uint64_t number, const std::string& answer) {
    const offline::Best& best = results.designs()[number - 1].best;
    double model = static_cast<double>(best.latency_ps) * 1e-12;
    double simulated = std::stod(answer);
    double error = (model - simulated) / simulated;
    furthest = std::max(furthest, std::abs(error));
    rows[number] =
        fmt::format("{},{},{:.9g},{:.9g},{:.6f}\n", number, best.images, model * 1e3, simulated * 1e3, error);
  };
  hooks.interrupted = interrupted;
  std::vector<size_t> pareto = results.pareto();
  if (!sweep::run_in_workers({pareto.begin(), pareto.end()}, jobs, hooks)) return false;
  std::string csv = "design,images,model_ms,simulated_ms,error\n";
  for (const auto& [number, row] : rows) csv += row;
  sweep::write_file(folder / "comparison.csv", csv);
  fmt::print("simulated {} designs: the search's model is at most {:.2f} % off (comparison.csv)\n",
             rows.size(), furthest * 100);
  return true;
}

/// Whether some bound has no design in any space; tells it.
bool tell_impossible(const explore::ExploreFile& file, const SearchResult& result) {
  uint64_t least = UINT64_MAX;
  for (const offline::SpaceResult& space : result.spaces) {
    for (const offline::Best& best : space.best) least = std::min(least, best.latency_ps);
  }
  bool impossible = false;
  for (size_t i = 0; i < file.search.bounds.size(); ++i) {
    bool found = false;
    for (const offline::SpaceResult& space : result.spaces) found = found || space.under[i].has_value();
    if (found) continue;
    impossible = true;
    fmt::print(stderr, "vesper: no design was found under {}; {}\n", to_text(file.search.bounds[i]),
               least == UINT64_MAX
                   ? "none fits the device at all"
                   : fmt::format("the least latency found is {:.6g} ms", static_cast<double>(least) * 1e-9));
  }
  if (file.search.bounds.empty() && least == UINT64_MAX) {
    impossible = true;
    fmt::print(stderr, "vesper: no design was found: none fits the device\n");
  }
  return impossible;
}

int interrupted_status() {
  fmt::print(stderr, "vesper: interrupted; the same command goes on where this ended\n");
  return kSimulationFailed;
}

int run_explore(const Arguments& arguments) {
  Parsed parsed = parse(arguments, explore_options(), kUsage);
  if (parsed.help) return kDone;
  if (parsed.scenarios.size() != 1) throw InputError(fmt::format("name one scenario; {}", kUsage));
  unsigned jobs = jobs_of(parsed);
  const explore::ExploreFile file = explore::read_explore(parsed.scenarios[0], parsed.all("set"));
  bool plot = !parsed.has("no-plot");
  if (plot && !sweep::has_program("gnuplot"))
    throw InputError("there is no gnuplot to draw with: install it (Debian: gnuplot-nox), or pass --no-plot");
  offline::GraphModel model(file.graph, file.base);
  offline::SpatialSearch search(model, file.base, file.search);
  fs::path folder =
      parsed.has("out") ? fs::path(parsed.text("out")) : fs::path("traces") / scenario::slug(file.title);
  heed_interrupts();
  std::optional<SearchResult> result = search_in(folder, file, search, jobs);
  if (!result) return interrupted_status();
  const explore::Results results(file, model, search, *result);
  std::vector<std::string> names = results.write(folder, parsed.all("set"), plot);
  fmt::print(
      "{}\n{}tried     {} maps, {} configurations of accelerators, {} whole designs\nwritten   {}/ ({} "
      "files)\n",
      file.title, results.table(), result->candidates.size(), result->configurations, result->evaluations,
      folder.string(), names.size());
  if (parsed.has("simulate") && !compare(folder, file, results, jobs)) return interrupted_status();
  return tell_impossible(file, *result) ? kSimulationFailed : kDone;
}

const Command command{"explore", "search spatial designs of a network; Pareto front, scenarios, plot",
                      run_explore};

}  // namespace
}  // namespace vesper::cli
