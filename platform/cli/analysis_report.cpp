#include "platform/cli/analysis_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "platform/observe/format.h"

namespace vesper::cli {
namespace {

using nlohmann::ordered_json;
using offline::Analysis;
using offline::Cycles;
using offline::RegionSummary;
using offline::Strategy;
using offline::TaskAnalysis;

constexpr size_t kPictureWidth = 72;
constexpr size_t kPointsPrinted = 12;

std::string or_dash(std::optional<Cycles> cycles) { return cycles ? std::to_string(*cycles) : "-"; }

const std::string& task_name(const scenario::Scenario& scenario, const AnalysisInput& input, size_t task) {
  return scenario.tasks[input.tasks[task]].name;
}

double utilisation(const AnalysisInput& input, const Analysis& analysis, size_t task) {
  return static_cast<double>(analysis.tasks[task].regions.wcet) /
         static_cast<double>(input.set.tasks[task].period);
}

struct PointCounts {
  uint64_t between_layers = 0, recompute = 0, persist = 0;
};

PointCounts count_points(const AnalysisInput& input, const Analysis& analysis, size_t task) {
  PointCounts counts;
  bool first = true;
  offline::for_each_region(input.set, analysis, task, [&](const offline::Region& region) {
    uint64_t* of_strategy[] = {&counts.between_layers, &counts.recompute, &counts.persist};
    if (!first) ++*of_strategy[static_cast<size_t>(region.strategy_at_start)];
    first = false;
  });
  return counts;
}

std::string points_line(const scenario::Scenario& scenario, const AnalysisInput& input,
                        const Analysis& analysis, size_t task) {
  std::string line;
  std::vector<offline::CutPoint> points = offline::cut_points(input.set, analysis, task);
  for (size_t i = 0; i < std::min(points.size(), kPointsPrinted); ++i) {
    const workload::Layer& layer = scenario.networks[input.tasks[task]].layers[points[i].layer];
    line +=
        fmt::format("{}{} {}:{} {}", i == 0 ? "" : ", ", points[i].layer, layer.name, points[i].iteration,
                    points[i].strategy == Strategy::none ? "between layers" : name_of(points[i].strategy));
  }
  if (points.size() > kPointsPrinted) line += fmt::format(", and {} more", points.size() - kPointsPrinted);
  return line;
}

std::string task_lines(const scenario::Scenario& scenario, const AnalysisInput& input,
                       const Analysis& analysis, size_t task) {
  const TaskAnalysis& of = analysis.tasks[task];
  const RegionSummary& regions = of.regions;
  std::string out =
      fmt::format("  {:14} {:>7} {:>13} {:>13} {:>9} {:>9} {:>13} {:>7.4f} {:>11} {:>13} {:>13}\n",
                  task_name(scenario, input, task), regions.count, regions.wcet, regions.execution,
                  regions.management, regions.first_overhead, regions.swap_in,
                  utilisation(input, analysis, task), regions.longest, or_dash(of.bound), or_dash(of.beta));
  out += fmt::format("    {}\n", region_picture(input.set, analysis, task, kPictureWidth));
  if (!of.placed.empty() && of.placed.size() > 1) {
    out += fmt::format("    points {}\n", points_line(scenario, input, analysis, task));
  }
  return out;
}

ordered_json optional_json(std::optional<Cycles> cycles) {
  return cycles ? ordered_json(*cycles) : ordered_json();
}

ordered_json placed_points(const scenario::Scenario& scenario, const AnalysisInput& input,
                           const Analysis& analysis, size_t task) {
  ordered_json points = ordered_json::array();
  for (const offline::CutPoint& point : offline::cut_points(input.set, analysis, task)) {
    points.push_back({{"layer", point.layer},
                      {"layer_name", scenario.networks[input.tasks[task]].layers[point.layer].name},
                      {"before_iteration", point.iteration},
                      {"strategy", name_of(point.strategy)}});
  }
  return points;
}

ordered_json task_json(const scenario::Scenario& scenario, const AnalysisInput& input,
                       const Analysis& analysis, size_t task) {
  const TaskAnalysis& of = analysis.tasks[task];
  PointCounts counts = count_points(input, analysis, task);
  ordered_json json{{"name", task_name(scenario, input, task)},
                    {"regions", of.regions.count},
                    {"wcet", of.regions.wcet},
                    {"execution", of.regions.execution},
                    {"management", of.regions.management},
                    {"first_overhead", of.regions.first_overhead},
                    {"swap_in", of.regions.swap_in},
                    {"utilisation", utilisation(input, analysis, task)},
                    {"q_max", of.regions.longest},
                    {"bound", optional_json(of.bound)},
                    {"beta", optional_json(of.beta)},
                    {"points_between_layers", counts.between_layers},
                    {"points_recompute", counts.recompute},
                    {"points_persist", counts.persist}};
  if (!of.placed.empty()) json["points"] = placed_points(scenario, input, analysis, task);
  return json;
}

ordered_json costs_json(const accelerator::OperationCosts& costs) {
  return {{"load", costs.load},   {"compute", costs.compute}, {"store", costs.store},
          {"clean", costs.clean}, {"persist", costs.persist}, {"resume", costs.resume}};
}

ordered_json terms_json(const offline::Terms& terms) {
  return {{"scheduler", terms.scheduler},
          {"kernel", terms.kernel},
          {"kernel_entry", terms.kernel_entry},
          {"release_delay", terms.release_delay},
          {"first_region_overhead", terms.first_region_overhead},
          {"persist_always_loads", terms.persist_always_loads},
          {"hyperperiod_tested", terms.hyperperiod_tested}};
}

std::string header_text(const scenario::Scenario& scenario, const AnalysisInput& input) {
  const accelerator::OperationCosts& costs = input.set.costs;
  const offline::Terms& terms = input.set.terms;
  std::string out = fmt::format("{}: {} under limited-preemptive EDF, in cycles at {}\n", scenario.title,
                                input.accelerator, to_text(Frequency{input.clock_hz}));
  out += fmt::format("costs   load {}, compute {}, store {}; clean {}, persist {}, resume {}\n", costs.load,
                     costs.compute, costs.store, costs.clean, costs.persist, costs.resume);
  out += fmt::format("terms   scheduler {}, kernel {} (+{} a further layer) a region; release delay {}\n",
                     terms.scheduler, terms.kernel, terms.kernel_entry, terms.release_delay);
  for (size_t i = 0; i < input.set.tasks.size(); ++i) {
    out +=
        fmt::format("task    {}: {} layers, period {}, deadline {}\n", task_name(scenario, input, i),
                    input.set.tasks[i].layers.size(), input.set.tasks[i].period, input.set.tasks[i].deadline);
  }
  for (const std::string& note : input.notes) out += fmt::format("note    {}\n", note);
  return out;
}

}  // namespace

std::string analysis_text(const scenario::Scenario& scenario, const AnalysisInput& input,
                          const std::vector<Analysis>& analyses) {
  std::string out = header_text(scenario, input);
  out += fmt::format("\n  {:14} {:>7} {:>13} {:>13} {:>9} {:>9} {:>13} {:>7} {:>11} {:>13} {:>13}\n", "",
                     "regions", "WCET", "= execution", "+ manage", "+ first", "+ swap-in", "WCET/p", "q_max",
                     "bound", "beta");
  for (const Analysis& analysis : analyses) {
    out += fmt::format("{}: {}\n", analysis.design->title, verdict_text(scenario, input, analysis));
    for (size_t i = 0; i < analysis.tasks.size(); ++i) out += task_lines(scenario, input, analysis, i);
  }
  return out + "points: R recompute, P persist, | between layers, + of several kinds\n";
}

ordered_json analysis_json(const scenario::Scenario& scenario, const AnalysisInput& input,
                           const std::vector<Analysis>& analyses) {
  ordered_json tasks = ordered_json::array();
  for (size_t i = 0; i < input.set.tasks.size(); ++i) {
    tasks.push_back({{"name", task_name(scenario, input, i)},
                     {"model", scenario.networks[input.tasks[i]].name},
                     {"layers", input.set.tasks[i].layers.size()},
                     {"period", input.set.tasks[i].period},
                     {"deadline", input.set.tasks[i].deadline}});
  }
  ordered_json designs = ordered_json::array();
  for (const Analysis& analysis : analyses) {
    ordered_json of_tasks = ordered_json::array();
    for (size_t i = 0; i < analysis.tasks.size(); ++i)
      of_tasks.push_back(task_json(scenario, input, analysis, i));
    designs.push_back({{"design", analysis.design->name},
                       {"schedulable", analysis.passes()},
                       {"verdict", verdict_text(scenario, input, analysis)},
                       {"tasks", of_tasks}});
  }
  return {{"name", input.accelerator},
          {"clock_hz", input.clock_hz},
          {"costs", costs_json(input.set.costs)},
          {"terms", terms_json(input.set.terms)},
          {"notes", input.notes},
          {"tasks", tasks},
          {"designs", designs}};
}

std::string analysis_csv_header() {
  return "accelerator,design,schedulable,verdict,task,regions,wcet,execution,management,first_overhead,swap_"
         "in,"
         "period,q_max,bound,beta,points_between_layers,points_recompute,points_persist\n";
}

std::string analysis_csv(const scenario::Scenario& scenario, const AnalysisInput& input,
                         const std::vector<Analysis>& analyses) {
  std::string out;
  auto field = [](std::optional<Cycles> cycles) { return cycles ? std::to_string(*cycles) : ""; };
  for (const Analysis& analysis : analyses) {
    for (size_t i = 0; i < analysis.tasks.size(); ++i) {
      const TaskAnalysis& of = analysis.tasks[i];
      PointCounts points = count_points(input, analysis, i);
      out +=
          fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n",
                      observe::csv_field(input.accelerator), analysis.design->name, analysis.passes() ? 1 : 0,
                      observe::csv_field(verdict_text(scenario, input, analysis)),
                      observe::csv_field(task_name(scenario, input, i)), of.regions.count, of.regions.wcet,
                      of.regions.execution, of.regions.management, of.regions.first_overhead,
                      of.regions.swap_in, input.set.tasks[i].period, of.regions.longest, field(of.bound),
                      field(of.beta), points.between_layers, points.recompute, points.persist);
    }
  }
  return out;
}

}  // namespace vesper::cli
