#include <fmt/format.h>

#include <filesystem>
#include <limits>

#include "platform/cli/commands.h"
#include "platform/cli/options.h"
#include "platform/property/schema.h"
#include "platform/report/report.h"

namespace vesper::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr const char* kUsage =
    "usage: vesper report DIR... [OPTIONS]\n"
    "One page of what runs left in their folders: timeline, response times, why deadlines were missed, "
    "decisions,\n"
    "memory, jobs. Several runs stand side by side, with their differences to the first. Runs with "
    "--bandwidth and\n"
    "memory.fidelity=burst have more to show.";

po::options_description report_options() {
  po::options_description options("options");
  auto add = options.add_options();
  add("help,h", "this text");
  add("out", po::value<std::string>(), "the page; by default report.html, of one run in its folder");
  add("from", po::value<std::string>(), "of a long run, keep the detail of the timeline from this time on");
  add("to", po::value<std::string>(), "and until this one");
  add("rows", po::value<size_t>()->default_value(report::ReportOptions{}.rows),
      "rows of the tables of jobs and of misses, over all runs");
  return options;
}

std::optional<observe::Time> time_of(const Parsed& parsed, const char* option) {
  if (!parsed.has(option)) return std::nullopt;
  Duration time;
  Codec<Duration>::read(Node::scalar(parsed.text(option)), time, fmt::format("--{}", option));
  return time.ps;
}

std::optional<report::Window> window_of(const Parsed& parsed) {
  const auto from = time_of(parsed, "from");
  const auto to = time_of(parsed, "to");
  if (!from && !to) return std::nullopt;
  report::Window window{from.value_or(0), to.value_or(std::numeric_limits<observe::Time>::max())};
  if (window.from >= window.to) throw InputError("--from has to be before --to");
  return window;
}

int write_report(const Arguments& arguments) {
  Parsed parsed = parse(arguments, report_options(), kUsage);
  if (parsed.help) return kDone;
  report::ReportOptions options;
  options.window = window_of(parsed);
  options.rows = parsed.values["rows"].as<size_t>();
  if (options.rows < 1 || options.rows > 100'000) throw InputError("--rows is between 1 and 100000");
  const std::vector<fs::path> folders(parsed.scenarios.begin(), parsed.scenarios.end());
  fs::path file = folders.size() == 1 ? folders[0] / "report.html" : fs::path("report.html");
  if (parsed.has("out")) file = parsed.text("out");
  report::write_report(folders, file, options);
  fmt::print("written   {} ({:.1f} MB)\n", file.string(), static_cast<double>(fs::file_size(file)) * 1e-6);
  return kDone;
}

const Command command{"report", "write what runs left as one HTML page, several runs side by side",
                      write_report};

}  // namespace
}  // namespace vesper::cli
