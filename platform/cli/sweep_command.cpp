#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "platform/cli/commands.h"
#include "platform/cli/options.h"
#include "platform/cli/sweep_point.h"
#include "platform/scenario/yaml.h"
#include "platform/sweep/files.h"
#include "platform/sweep/launcher.h"
#include "platform/sweep/plot.h"
#include "platform/sweep/workers.h"

namespace vesper::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using sweep::Rows;
using sweep::Sweep;

constexpr const char* kUsage =
    "usage: vesper sweep SWEEP [OPTIONS]\n"
    "       vesper sweep --merge FOLDER... --out FOLDER";
constexpr uint64_t kShards = 16;
constexpr unsigned kMostProcesses = 1024;
constexpr const char* kSweepFile = "sweep.yaml";

po::options_description sweep_options() {
  po::options_description options("options");
  auto add = options.add_options();
  add("help,h", "this text");
  add("set", po::value<Arguments>()->composing(),
      "a.b=v: override a key of the sweep file: grid.set.count=100");
  add("out", po::value<std::string>(), "folder of journal and results; traces/<sweep name> by default");
  add("jobs", po::value<unsigned>(), "processes at once; by default one a core");
  add("shard", po::value<std::string>(), "i/n: compute this share of the points only; merge the shares then");
  add("merge", "merge the folders of shards instead of computing");
  add("launcher", po::value<std::string>()->default_value("local"), "local, or slurm: as a Slurm job array");
  add("shards", po::value<uint64_t>()->default_value(kShards), "slurm: elements of the job array");
  add("sbatch", po::value<Arguments>()->composing(),
      "slurm: an option of sbatch: --sbatch=--partition=short");
  add("no-plot", "leave SVG and PNG out; gnuplot is not needed then");
  return options;
}

const sweep::Launcher& launcher_of(const std::string& name) {
  std::vector<std::string> names;
  for (const sweep::Launcher& launcher : sweep::launchers()) {
    if (name == launcher.name) return launcher;
    names.emplace_back(launcher.name);
  }
  throw InputError(fmt::format("--launcher: there is no launcher '{}'{}; there are: {}", name,
                               did_you_mean(name, names), fmt::join(names, ", ")));
}

/// What is computed a second time with the same words; paths hold in any folder.
std::vector<std::string> shard_command(const Parsed& parsed) {
  std::vector<std::string> words{fs::read_symlink("/proc/self/exe").string(), "sweep",
                                 fs::absolute(parsed.scenarios[0]).string()};
  for (const std::string& assignment : parsed.all("set")) words.insert(words.end(), {"--set", assignment});
  return words;
}

/// What the points came to, and the figures that no point has a value of.
struct Overview {
  std::map<sweep::Outcome, uint64_t> outcomes;
  std::vector<bool> has_figure;
};

Overview overview_of(const Sweep& sweep, const Rows& rows) {
  Overview overview{{}, std::vector<bool>(sweep.figures.size(), false)};
  for (const auto& [point, line] : rows) {
    sweep::Result result = sweep::read_row(sweep, line);
    ++overview.outcomes[result.outcome];
    for (size_t i = 0; i < result.figures.size(); ++i) {
      if (!result.figures[i].empty()) overview.has_figure[i] = true;
    }
  }
  return overview;
}

std::string outcomes_line(const Overview& overview) {
  std::vector<std::string> parts;
  for (const auto& [outcome, count] : overview.outcomes)
    parts.push_back(fmt::format("{} {}", Codec<sweep::Outcome>::write(outcome).text(), count));
  return fmt::format("{}", fmt::join(parts, ", "));
}

void finish(const Sweep& sweep, const Rows& rows, const fs::path& folder, bool plots) {
  std::vector<std::string> files = sweep::write_results(sweep, rows, folder, plots);
  Overview overview = overview_of(sweep, rows);
  for (size_t i = 0; i < sweep.figures.size(); ++i) {
    if (!overview.has_figure[i])
      fmt::print(stderr, "vesper: no point has a value of the figure '{}'\n", sweep.figures[i].path);
  }
  fmt::print("{}\noutcomes  {}\nwritten   {}/ ({})\n", sweep.title, outcomes_line(overview), folder.string(),
             fmt::join(files, ", "));
}

fs::path folder_of(const Parsed& parsed, const Sweep& sweep, const sweep::Shard& shard) {
  if (parsed.has("out")) return parsed.text("out");
  fs::path folder = fs::path("traces") / scenario::slug(sweep.title);
  return shard.count == 1 ? folder : folder / fmt::format("shard-{}-of-{}", shard.number, shard.count);
}

void keep_sweep_file(const Sweep& sweep, const fs::path& folder) {
  sweep::write_file(folder / kSweepFile, scenario::to_yaml(sweep.root));
}

sweep::JournalKey key_of(const Sweep& sweep, const SweepPoints& points, const sweep::Shard& shard) {
  return {sweep::fingerprint(sweep, points.base()), shard, sweep.space.size(), sweep::columns(sweep).size()};
}

int compute(const Parsed& parsed) {
  const sweep::Launcher& launcher = launcher_of(parsed.text("launcher"));
  sweep::Shard shard;
  if (parsed.has("shard")) shard = sweep::parse_shard(parsed.text("shard"));
  Sweep sweep = sweep::read_sweep(parsed.scenarios[0], parsed.all("set"));
  bool plots = !parsed.has("no-plot");
  if (plots && shard.count == 1) sweep::check_gnuplot(sweep);
  SweepPoints points(sweep);
  points.check();

  sweep::LaunchRequest request;
  request.sweep = &sweep;
  request.folder = folder_of(parsed, sweep, shard);
  request.key = key_of(sweep, points, shard);
  request.processes = parsed.has("jobs") ? parsed.values["jobs"].as<unsigned>() : sweep::usable_cores();
  request.judge = [&](uint64_t point) { return points.judge(point); };
  request.interrupted = interrupted;
  request.tell = [](const std::string& line) { fmt::print(stderr, "vesper: {}\n", line); };
  request.command = shard_command(parsed);
  request.shards = std::min(parsed.values["shards"].as<uint64_t>(), sweep.space.size());
  request.batch_options = parsed.all("sbatch");
  if (request.processes == 0 || request.processes > kMostProcesses || request.shards == 0)
    throw InputError(fmt::format("--jobs is between 1 and {}, --shards at least 1", kMostProcesses));
  heed_interrupts();
  std::optional<Rows> rows = launcher.run(request);
  if (!rows) {
    fmt::print(stderr, "vesper: interrupted; the same command goes on where this ended\n");
    return kSimulationFailed;
  }
  keep_sweep_file(sweep, request.folder);
  if (shard.count == 1) {
    finish(sweep, *rows, request.folder, plots);
  } else {
    fmt::print("shard {} of {} points is done; vesper sweep --merge takes {} and the others together\n",
               shard.text(), rows->size(), request.folder.string());
  }
  return kDone;
}

std::string missing_points(const Rows& rows, uint64_t points) {
  std::vector<std::string> some;
  for (uint64_t point = 0; point < points && some.size() < 5; ++point) {
    if (!rows.contains(point)) some.push_back(std::to_string(point));
  }
  return fmt::format("{}{}", fmt::join(some, ", "), points - rows.size() > some.size() ? ", ..." : "");
}

int merge(const Parsed& parsed) {
  if (!parsed.has("out")) throw InputError("--merge: name the folder of the merged results with --out");
  std::vector<fs::path> folders(parsed.scenarios.begin(), parsed.scenarios.end());
  sweep::ReadJournal journal = sweep::merge_journals(folders);
  const Rows& rows = journal.rows;
  fs::path file = folders[0] / kSweepFile;
  if (!fs::exists(file))
    throw InputError(fmt::format("'{}' is missing: that shard has not ended", file.string()));
  Sweep sweep = sweep::read_sweep(file.string(), parsed.all("set"));
  if (sweep::computed_part(sweep) != sweep::computed_part(sweep::read_sweep(file.string(), {})))
    throw InputError(
        "--merge: --set can change the title, plots and tables of what was computed, nothing else");
  if (journal.key.points != sweep.space.size() || journal.key.columns != sweep::columns(sweep).size())
    throw InputError(fmt::format("'{}' is not of the results beside it", file.string()));
  if (rows.size() != sweep.space.size()) {
    throw InputError(fmt::format("{} of {} points are missing ({}): a shard is not there, or has not ended",
                                 sweep.space.size() - rows.size(), sweep.space.size(),
                                 missing_points(rows, sweep.space.size())));
  }
  bool plots = !parsed.has("no-plot");
  if (plots) sweep::check_gnuplot(sweep);
  fs::path out = parsed.text("out");
  std::error_code error;
  fs::create_directories(out, error);
  if (error) throw InputError(fmt::format("cannot make the folder '{}': {}", out.string(), error.message()));
  finish(sweep, rows, out, plots);
  return kDone;
}

int run_sweep(const Arguments& arguments) {
  Parsed parsed = parse(arguments, sweep_options(), kUsage);
  if (parsed.help) return kDone;
  if (parsed.has("merge")) return merge(parsed);
  if (parsed.scenarios.size() != 1) throw InputError("name one sweep file; see vesper sweep --help");
  return compute(parsed);
}

const Command command{"sweep", "run a design space on all cores or a cluster; CSV and plots", run_sweep};

}  // namespace
}  // namespace vesper::cli
