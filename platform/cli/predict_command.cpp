#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>

#include "platform/builder/lowered_task.h"
#include "platform/cli/commands.h"
#include "platform/cli/options.h"
#include "platform/observe/format.h"
#include "platform/scenario/scenario.h"
#include "platform/sweep/files.h"
#include "platform/workload/request_table.h"
#include "schedulers/offline/prediction.h"
#include "schedulers/policy/estimates.h"

namespace vesper::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using offline::PredictionError;
using offline::PredictorChoice;

constexpr const char* kUsage =
    "usage: vesper predict SCENARIO|TRACE.json [OPTIONS]\n"
    "Error of Sparse-Dysta's predictors of the time that a request has left, at every layer boundary.";
constexpr uint32_t kOutputs = UINT32_MAX;  // that the monitor counts over, where layers have no shape

po::options_description predict_options() {
  po::options_description options("options");
  auto add = options.add_options();
  add("help,h", "this text");
  add("set", po::value<Arguments>()->composing(), "a.b=v: override a property of the scenario");
  add("last-n", po::value<uint32_t>()->default_value(policy::kRemembered), "layers that last_n remembers");
  add("alpha", po::value<double>()->default_value(1), "how far sparsity turns into time");
  add("out", po::value<std::string>(), "folder of prediction.csv; by default nothing is written");
  return options;
}

/// Requests of one kind, as the policy would see them region by region.
struct Observed {
  std::string name;
  std::vector<policy::RegionEstimate> estimates;
  struct Job {
    std::vector<double> true_left;
    std::vector<uint32_t> zeros;
  };
  std::vector<Job> jobs;
};

uint32_t zeros_of(double sparsity, uint32_t outputs) {
  return static_cast<uint32_t>(std::llround(sparsity * outputs));
}

Observed observed(const std::string& name, const builder::LoweredTask& task) {
  Observed kind{name, *task.estimates, {}};
  size_t regions = task.program.regions.size();
  for (uint32_t i = 0; i < task.requests->releases().size(); ++i) {
    std::span<const core::LayerSample> layers = task.requests->layers(i);
    policy::TrueTimes left = task.requests->true_left()[i];
    Observed::Job& job = kind.jobs.emplace_back();
    job.true_left.assign(left, left + regions);
    for (size_t region = 0; region < regions; ++region) {
      const abi::IndexEntry& entries = task.program.regions[region];
      job.zeros.push_back(
          zeros_of(layers[entries.first + entries.count - 1].sparsity, kind.estimates[region].outputs));
    }
  }
  return kind;
}

std::vector<Observed> observed_of_scenario(const std::string& path, const Arguments& settings) {
  scenario::Scenario scenario = scenario::read_scenario(path, settings);
  if (scenario.requests == nullptr)
    throw InputError(fmt::format("'{}' has no requests: there is nothing to predict", path));
  std::vector<builder::LoweredTask> tasks = builder::lower_tasks(scenario);
  std::vector<Observed> all;
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].requests != nullptr) all.push_back(observed(scenario.tasks[i].name, tasks[i]));
  }
  return all;
}

Observed::Job observed_job(const workload::Request& request) {
  Observed::Job job;
  std::vector<double> times;
  for (uint64_t ps : request.layer_ps) times.push_back(policy::seconds(ps));
  for (size_t i = 0; i < times.size(); ++i) {
    job.true_left.push_back(builder::sum_from(times, i));
    job.zeros.push_back(zeros_of(request.sparsity[i], kOutputs));
  }
  return job;
}

std::vector<Observed> observed_of_trace(const std::string& path) {
  workload::RequestTable table = workload::read_request_json(path, {});
  std::vector<Observed> all;
  for (const workload::RequestKind& kind : table.kinds) {
    Observed& one = all.emplace_back();
    one.name = kind.name();
    for (const workload::LayerAverage& layer : kind.layers)
      one.estimates.push_back({layer.latency_s, 0, layer.pattern_latency_s, 0, layer.sparsity, kOutputs});
    policy::sum_up(one.estimates.data(), static_cast<uint32_t>(one.estimates.size()));
  }
  for (const workload::Request& request : table.requests)
    all[request.kind].jobs.push_back(observed_job(request));
  return all;
}

std::vector<Observed> observed_of(const std::string& path, const Arguments& settings) {
  if (fs::path(path).extension() != ".json") return observed_of_scenario(path, settings);
  if (!settings.empty()) throw InputError("--set changes a scenario; a trace is as it is");
  return observed_of_trace(path);
}

/// Errors of one kind of requests, or of all: one a predictor.
struct Line {
  std::string name;
  uint64_t requests = 0;
  std::vector<PredictionError> errors;
};

Line line_of(const Observed& kind, const std::vector<PredictorChoice>& choices, double alpha) {
  Line line{kind.name, kind.jobs.size(), std::vector<PredictionError>(choices.size())};
  for (size_t i = 0; i < choices.size(); ++i) {
    for (const Observed::Job& job : kind.jobs)
      add_errors({kind.estimates, job.true_left, job.zeros}, choices[i], alpha, line.errors[i]);
  }
  return line;
}

Line sum_of(const std::vector<Line>& lines, size_t choices) {
  Line all{"all", 0, std::vector<PredictionError>(choices)};
  for (const Line& line : lines) {
    all.requests += line.requests;
    for (size_t i = 0; i < choices; ++i) all.errors[i].add(line.errors[i]);
  }
  return all;
}

std::string table_of(const std::vector<Line>& lines, const std::vector<PredictorChoice>& choices) {
  std::string text = fmt::format("{:24} {:>8} {:>10}", "RMSE of the time left", "requests", "boundaries");
  for (const PredictorChoice& choice : choices) text += fmt::format(" {:>20}", choice.name);
  text += "\n";
  for (const Line& line : lines) {
    text += fmt::format("{:24} {:>8} {:>10}", line.name, line.requests, line.errors[0].boundaries());
    for (const PredictionError& error : line.errors)
      text += fmt::format(" {:>8.4g} ms {:>6.2f} %", error.rmse_s() * 1e3, error.relative_rmse() * 100);
    text += "\n";
  }
  return text;
}

std::string csv_of(const std::vector<Line>& lines, const std::vector<PredictorChoice>& choices) {
  std::string csv = "model,predictor,requests,boundaries,rmse_s,relative_rmse,relative_bias\n";
  for (const Line& line : lines) {
    for (size_t i = 0; i < choices.size(); ++i) {
      const PredictionError& error = line.errors[i];
      csv += fmt::format("{},{},{},{},{:.6g},{:.6g},{:.6g}\n", observe::csv_field(line.name), choices[i].name,
                         line.requests, error.boundaries(), error.rmse_s(), error.relative_rmse(),
                         error.relative_bias());
    }
  }
  return csv;
}

void write(const fs::path& folder, const std::string& csv) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw InputError(fmt::format("cannot make the folder '{}': {}", folder.string(), error.message()));
  sweep::write_file(folder / "prediction.csv", csv);
  fmt::print("written {}/ (prediction.csv)\n", folder.string());
}

int predict(const Arguments& arguments) {
  Parsed parsed = parse(arguments, predict_options(), kUsage);
  if (parsed.help) return kDone;
  if (parsed.scenarios.size() != 1) throw InputError(fmt::format("name one scenario or trace; {}", kUsage));
  auto window = parsed.values["last-n"].as<uint32_t>();
  if (window < 1 || window > policy::kMostRemembered)
    throw InputError(fmt::format("--last-n is between 1 and {}", policy::kMostRemembered));
  auto alpha = parsed.values["alpha"].as<double>();
  if (!(alpha >= 0 && alpha <= 1000)) throw InputError("--alpha is between 0 and 1000");
  std::vector<PredictorChoice> choices = offline::predictor_choices(window);
  std::vector<Line> lines;
  for (const Observed& kind : observed_of(parsed.scenarios[0], parsed.all("set")))
    lines.push_back(line_of(kind, choices, alpha));
  lines.push_back(sum_of(lines, choices.size()));
  fmt::print("{}percentages are of the request's time alone\n", table_of(lines, choices));
  if (parsed.has("out")) write(parsed.text("out"), csv_of(lines, choices));
  return kDone;
}

const Command command{"predict",
                      "errors of Sparse-Dysta's latency predictors over the requests of a scenario", predict};

}  // namespace
}  // namespace vesper::cli
