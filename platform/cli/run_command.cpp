#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>

#include "platform/builder/run.h"
#include "platform/cli/commands.h"
#include "platform/cli/options.h"
#include "platform/observe/fst.h"
#include "platform/observe/terminal_summary.h"
#include "platform/report/report.h"
#include "platform/scenario/isolation.h"

namespace vesper::cli {
namespace {

namespace po = boost::program_options;

po::options_description run_options() {
  po::options_description options("options");
  auto add = options.add_options();
  add("help,h", "this text");
  add("set", po::value<Arguments>()->composing(), "a.b=v: override a property; the last one wins");
  add("out", po::value<std::string>(), "folder of the outputs; traces/<scenario name> by default");
  add("vcd", po::value<std::string>()->implicit_value(""),
      "write trace.vcd; groups and patterns: --vcd=scheduler,ddr,noc.*");
  add("vcd-from", po::value<std::string>(), "simulated time at which trace.vcd begins");
  add("vcd-to", po::value<std::string>(), "simulated time at which trace.vcd ends");
  add("fst", "write trace.fst, GTKWave's compressed format, in place of trace.vcd");
  add("log", po::value<Arguments>()->composing(),
      "events on standard error: a level (trace, debug, info, warn, error, off) for all, or by place: "
      "--log scheduler=debug,noc=trace");
  add("break-on", po::value<std::string>(),
      "end the run there and tell all states: miss, preemption or a time; status 3 on a miss");
  add("gdb", po::value<std::string>(),
      "wait for GDB on this port of localhost, to debug the firmware; 0: any");
  add("steps", "write steps.csv: a row an accelerator operation");
  add("timeline", "write timeline.json for Perfetto or Chrome");
  add("bandwidth", po::value<std::string>()->implicit_value("100 us"),
      "write bandwidth.csv, with this window");
  add("report", "write report.html, as vesper report does");
  add("isolate", "run each task alone first, and write slowdown.csv");
  add("until", po::value<std::string>(), "simulated time to run to, like run.until");
  add("seed", po::value<std::string>(), "seed, like run.seed");
  add("placement", po::value<std::string>(), "like scheduler.placement");
  add("compare", po::value<std::string>(), "also print this run beside the one in another run's folder");
  add("fail-on", po::value<std::string>(), "exit with status 3 on: miss, violation");
  return options;
}

Arguments overrides(const Parsed& parsed) {
  Arguments all = parsed.all("set");
  const std::pair<const char*, const char*> shorthands[] = {
      {"until", "run.until"}, {"seed", "run.seed"}, {"placement", "scheduler.placement"}};
  for (const auto& [option, path] : shorthands) {
    if (parsed.has(option)) all.push_back(fmt::format("{}={}", path, parsed.text(option)));
  }
  return all;
}

uint64_t time_of(const Parsed& parsed, const std::string& option) {
  Duration time;
  Codec<Duration>::read(Node::scalar(parsed.text(option.c_str())), time, "--" + option);
  return time.ps;
}

void choose_wave(const Parsed& parsed, builder::RunOptions& options) {
  options.fst = parsed.has("fst");
  if (options.fst && !observe::can_write_fst()) {
    throw InputError(
        "--fst: the program vcd2fst is not there; install Debian's package gtkwave, or use --vcd");
  }
  const std::string selection = parsed.has("vcd") ? parsed.text("vcd") : "";
  if (parsed.has("vcd") || options.fst) {
    options.vcd = selection.empty() ? observe::VcdSelection{} : observe::parse_vcd_selection(selection);
  }
  for (const char* end : {"vcd-from", "vcd-to"}) {
    if (parsed.has(end) && !options.vcd) throw InputError(fmt::format("--{} takes --vcd or --fst", end));
  }
  if (parsed.has("vcd-from")) options.vcd_window.from = time_of(parsed, "vcd-from");
  if (parsed.has("vcd-to")) options.vcd_window.to = time_of(parsed, "vcd-to");
  if (options.vcd_window.from >= options.vcd_window.to) {
    throw InputError("--vcd-from: the wave must begin before it ends, at --vcd-to");
  }
}

/// Where events can happen: instances, groups of signals, and what is no instance.
std::vector<std::string> places_of(const scenario::Scenario& scenario) {
  std::vector<std::string> places = observe::signal_groups();
  for (const char* place : {"firmware", "interrupts", "jobs", "tasks"}) places.emplace_back(place);
  for (const scenario::Instance& instance : scenario.instances) places.push_back(instance.name);
  std::ranges::sort(places);
  const auto same = std::ranges::unique(places);
  places.erase(same.begin(), same.end());
  return places;
}

builder::BreakOn break_on_of(const Parsed& parsed) {
  const std::string what = parsed.text("break-on");
  if (what == "miss") return {.miss = true};
  if (what == "preemption") return {.preemption = true};
  if (what.empty() || !std::isdigit(static_cast<unsigned char>(what[0]))) {
    throw InputError(
        fmt::format("--break-on takes miss, preemption or a time such as '2.5 ms', not '{}'", what));
  }
  return {.ps = time_of(parsed, "break-on")};
}

uint16_t port_of(const Parsed& parsed) {
  const std::string text = parsed.text("gdb");
  uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw InputError(fmt::format("--gdb: '{}' is no port; it takes a number from 0 to 65535", text));
  }
  return port;
}

void choose_debugging(const Parsed& parsed, const scenario::Scenario& scenario,
                      builder::RunOptions& options) {
  for (const std::string& levels : parsed.all("log")) {
    if (!options.log) options.log.emplace();
    options.log->add(levels, places_of(scenario));
  }
  if (parsed.has("break-on")) options.break_on = break_on_of(parsed);
  if (parsed.has("gdb")) options.gdb_port = port_of(parsed);
}

builder::RunOptions options_of(const Parsed& parsed, const scenario::Scenario& scenario) {
  builder::RunOptions options;
  std::filesystem::path out = std::filesystem::path("traces") / scenario::slug(scenario.title);
  if (parsed.has("out")) {
    out = parsed.text("out");
    if (parsed.scenarios.size() > 1) out /= scenario::slug(scenario.title);
  }
  options.out = out.string();
  choose_wave(parsed, options);
  choose_debugging(parsed, scenario, options);
  options.steps = parsed.has("steps");
  options.timeline = parsed.has("timeline");
  if (parsed.has("bandwidth")) {
    options.bandwidth_window_ps = time_of(parsed, "bandwidth");
    if (options.bandwidth_window_ps == 0) throw InputError("--bandwidth: a window must be longer than 0");
  }
  options.interrupted = interrupted;
  options.firmware_log = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  return options;
}

bool found(const observe::Summary& summary, const std::string& what) {
  if (what == "miss") return summary.missed() > 0;
  return summary.metrics.violation_rate.value_or(0) > 0;
}

std::string written_line(const builder::RunResult& result, const std::string& out) {
  std::string files;
  for (const std::string& file : result.files) files += (files.empty() ? "" : ", ") + file;
  return fmt::format("{}/ ({})", out, files);
}

std::string memory_line(const builder::RunResult& result) {
  std::vector<std::string> parts;
  if (result.memory.contains("ddr")) {
    for (const auto& ddr : result.memory["ddr"]) {
      parts.push_back(fmt::format("{} {:.0f} % busy, row hits {:.0f} %", ddr["name"].get<std::string>(),
                                  100 * ddr["utilisation"].get<double>(),
                                  100 * ddr["row_hit_rate"].get<double>()));
    }
  }
  if (!result.worst_interference.empty()) parts.push_back(result.worst_interference);
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::vector<observe::Summary> run_baselines(const scenario::Scenario& scenario,
                                            const builder::RunOptions& options) {
  std::vector<observe::Summary> baselines;
  for (size_t i = 0; i < scenario.tasks.size() && !scenario.tasks[i].stage; ++i) {
    builder::RunOptions own;
    own.out =
        (std::filesystem::path(options.out) / "alone" / scenario::slug(scenario.tasks[i].name)).string();
    own.interrupted = options.interrupted;
    std::filesystem::create_directories(std::filesystem::path(own.out).parent_path());
    int status = in_child([&] {
      builder::run(scenario::alone(scenario, i), own);
      return kDone;
    });
    if (status != kDone)
      throw std::runtime_error(fmt::format("the run of task '{}' alone failed", scenario.tasks[i].name));
    baselines.push_back(observe::read_summary((std::filesystem::path(own.out) / "summary.json").string()));
  }
  return baselines;
}

void print_slowdowns(const builder::RunResult& result) {
  if (result.slowdowns.empty()) return;
  std::vector<std::string> parts;
  for (const builder::Slowdown& slowdown : result.slowdowns) {
    parts.push_back(slowdown.mean ? fmt::format("{} {:.3f}x", slowdown.task, *slowdown.mean)
                                  : slowdown.task + " -");
  }
  fmt::print("slowdown  against each task alone: {}\n", fmt::join(parts, ", "));
}

/// The summary of the run to compare with, read before the work begins.
std::optional<observe::Summary> compared_run(const Parsed& parsed) {
  if (!parsed.has("compare")) return std::nullopt;
  return observe::read_summary((std::filesystem::path(parsed.text("compare")) / "summary.json").string());
}

int run_one(const Parsed& parsed, const std::string& path) {
  scenario::Scenario scenario = scenario::read_scenario(path, overrides(parsed));
  builder::RunOptions options = options_of(parsed, scenario);
  std::optional<observe::Summary> other = compared_run(parsed);
  heed_interrupts();
  if (parsed.has("isolate")) options.baselines = run_baselines(scenario, options);
  if (parsed.has("report")) report::check_page();
  builder::RunResult result = builder::run(scenario, options);
  if (parsed.has("report")) {
    report::write_report({options.out}, std::filesystem::path(options.out) / "report.html", {});
    result.files.emplace_back("report.html");
    std::ranges::sort(result.files);
  }
  observe::TerminalExtras extras;
  extras.wall_s = result.wall_s;
  extras.memory = memory_line(result);
  extras.written = written_line(result, options.out);
  if (!result.broke_on.empty()) fmt::print("stopped at {}\n{}\n", result.broke_on, result.state);
  fmt::print("{}", observe::terminal_summary(result.summary, extras));
  print_slowdowns(result);
  for (const std::string& warning : result.warnings) fmt::print(stderr, "vesper: {}\n", warning);
  if (other) {
    const observe::Summary runs[] = {*other, result.summary};
    fmt::print("\n{}", observe::compare(runs));
  }
  std::fflush(stdout);
  if (interrupted() || result.killed) return kSimulationFailed;
  if (result.missed) return kFoundMisses;
  return parsed.has("fail-on") && found(result.summary, parsed.text("fail-on")) ? kFoundMisses : kDone;
}

int run_scenarios(const Arguments& arguments) {
  Parsed parsed = parse(arguments, run_options(), "usage: vesper run SCENARIO... [OPTIONS]");
  if (parsed.help) return kDone;
  if (parsed.has("fail-on") && parsed.text("fail-on") != "miss" && parsed.text("fail-on") != "violation") {
    throw InputError(fmt::format("--fail-on takes miss or violation, not '{}'", parsed.text("fail-on")));
  }
  if (parsed.scenarios.size() == 1) return run_one(parsed, parsed.scenarios[0]);
  int worst = kDone;
  for (const std::string& path : parsed.scenarios) {
    int status = in_child([&] { return run_one(parsed, path); });
    bool graver = worst == kDone || (worst == kFoundMisses && status != kDone);
    if (graver) worst = status;
  }
  return worst;
}

const Command command{"run", "run scenarios and write what they leave", run_scenarios};

}  // namespace
}  // namespace vesper::cli
