#include "platform/observe/summary.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "platform/observe/format.h"
#include "platform/property/node.h"

namespace vesper::observe {

using Json = nlohmann::ordered_json;

namespace {

uint64_t total(const std::vector<TaskSummary>& tasks, uint64_t TaskSummary::*member) {
  return std::accumulate(tasks.begin(), tasks.end(), uint64_t{0},
                         [=](uint64_t sum, const TaskSummary& task) { return sum + task.*member; });
}

/// The double nearest to the time in seconds: one rounding, the same on every machine.
double seconds(Time time) { return static_cast<double>(time) / static_cast<double>(kPicosecondsPerSecond); }
Time picoseconds(const Json& seconds) {
  return static_cast<Time>(std::llround(seconds.get<double>() * static_cast<double>(kPicosecondsPerSecond)));
}

Json json(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json json(const std::optional<Distribution>& d) {
  if (!d) return nullptr;
  return {{"mean", seconds(d->mean)},
          {"p50", seconds(d->p50)},
          {"p95", seconds(d->p95)},
          {"p99", seconds(d->p99)},
          {"max", seconds(d->max)}};
}

Json json(const std::optional<Slowdown>& s) {
  if (!s) return nullptr;
  return {{"mean", s->mean}, {"max", s->max}};
}

Json json(const TaskSummary& task) {
  return {{"name", task.name},
          {"released", task.released},
          {"completed", task.completed},
          {"missed", task.missed},
          {"failed", task.failed},
          {"response_s", json(task.response)},
          {"slowdown", json(task.slowdown)}};
}

Json json(const PlacedPoints& p) {
  return {{"accelerator", p.accelerator}, {"placed", p.placed}, {"verdict", p.verdict}};
}

Json json(const Metrics& m) {
  return {{"antt", json(m.antt)},
          {"stp", json(m.stp)},
          {"violation_rate", json(m.violation_rate)},
          {"miss_rate", json(m.miss_rate)},
          {"throughput_per_s", json(m.throughput_per_s)},
          {"task_antt", json(m.task_antt)},
          {"worst_slowdown", json(m.worst_slowdown)}};
}

Json json(const AcceleratorSummary& a) {
  Json out = {
      {"name", a.name}, {"busy_fraction", a.busy_fraction}, {"compute_utilisation", a.compute_utilisation}};
  if (a.fetch_utilisation) out["fetch_utilisation"] = *a.fetch_utilisation;
  if (a.mac_utilisation) out["mac_utilisation"] = *a.mac_utilisation;
  out["steps"] = a.steps;
  out["memory_errors"] = a.memory_errors;
  return out;
}

Json json(const StageSummary& s) {
  return {{"task", s.task},         {"stage", s.stage},         {"accelerator", s.accelerator},
          {"released", s.released}, {"completed", s.completed}, {"response_s", json(s.response)}};
}

Json json(const RunForwarding& f) {
  Json out = {{"task", f.task},
              {"stage", f.stage},
              {"from", f.from},
              {"to", f.to},
              {"bytes", f.bytes},
              {"through", f.on_chip ? "chip" : "ddr"},
              {"exposed_s", seconds(f.exposed)}};
  if (!f.reason.empty()) out["reason"] = f.reason;
  return out;
}

Json json(const RunResource& r) { return {{"name", r.name}, {"used", r.used}, {"available", r.available}}; }

Json json(const FunctionalTotals& f) {
  Json out = {{"jobs_checked", f.jobs_checked}, {"mismatches", f.mismatches}};
  if (!f.first.empty()) out["first_mismatch"] = f.first;
  return out;
}

template <class T>
Json list(const std::vector<T>& items) {
  Json out = Json::array();
  for (const T& item : items) out.push_back(json(item));
  return out;
}

Json json(const SchedulerSummary& s) {
  Json out = {{"placement", s.placement}, {"policy", s.policy}};
  if (!s.preemption_points.empty()) out["preemption_points"] = list(s.preemption_points);
  out["decisions"] = s.decisions;
  out["preemptions"] = s.preemptions;
  out["decision_latency_s"] = json(s.decision_latency);
  out["preemption_latency_s"] = json(s.preemption_latency);
  out["blocking_s"] = json(s.blocking);
  return out;
}

std::optional<Distribution> distribution(const Json& j) {
  if (j.is_null()) return std::nullopt;
  return Distribution{picoseconds(j.at("mean")), picoseconds(j.at("p50")), picoseconds(j.at("p95")),
                      picoseconds(j.at("p99")), picoseconds(j.at("max"))};
}

std::optional<double> number(const Json& j) {
  if (j.is_null()) return std::nullopt;
  return j.get<double>();
}

std::optional<Slowdown> slowdown(const Json& j) {
  if (j.is_null()) return std::nullopt;
  return Slowdown{j.at("mean"), j.at("max")};
}

std::optional<RunDesign> design(const Json& j) {
  if (!j.contains("resources")) return std::nullopt;
  RunDesign design;
  for (const Json& f : j.at("forwarding")) {
    design.forwarding.push_back({f.at("task"), f.at("stage"), f.at("from"), f.at("to"), f.at("bytes"),
                                 f.at("through") == "chip", picoseconds(f.at("exposed_s")),
                                 f.value("reason", "")});
  }
  for (const Json& r : j.at("resources"))
    design.resources.push_back({r.at("name"), r.at("used"), r.at("available")});
  return design;
}

Summary from_json(const Json& j) {
  Summary s;
  j.at("scenario").get_to(s.scenario);
  j.at("seed").get_to(s.seed);
  j.at("config_sha256").get_to(s.config_sha256);
  s.simulated = picoseconds(j.at("simulated_s"));
  j.at("complete").get_to(s.complete);
  for (const Json& t : j.at("tasks")) {
    s.tasks.push_back({t.at("name"), t.at("released"), t.at("completed"), t.at("missed"),
                       distribution(t.at("response_s")), t.at("failed"), slowdown(t.at("slowdown"))});
  }
  const Json& scheduler = j.at("scheduler");
  s.scheduler.placement = scheduler.at("placement");
  s.scheduler.policy = scheduler.at("policy");
  for (const Json& p : scheduler.value("preemption_points", Json::array())) {
    s.scheduler.preemption_points.push_back({p.at("accelerator"), p.at("placed"), p.at("verdict")});
  }
  s.scheduler.decisions = scheduler.at("decisions");
  s.scheduler.preemptions = scheduler.at("preemptions");
  s.scheduler.decision_latency = distribution(scheduler.at("decision_latency_s"));
  s.scheduler.preemption_latency = distribution(scheduler.at("preemption_latency_s"));
  s.scheduler.blocking = distribution(scheduler.at("blocking_s"));
  const Json& m = j.at("metrics");
  s.metrics = {number(m.at("antt")),
               number(m.at("stp")),
               number(m.at("violation_rate")),
               number(m.at("miss_rate")),
               number(m.at("throughput_per_s")),
               number(m.at("task_antt")),
               number(m.at("worst_slowdown"))};
  for (const Json& a : j.at("accelerators")) {
    s.accelerators.push_back({a.at("name"), a.at("busy_fraction"), a.at("compute_utilisation"), a.at("steps"),
                              a.at("memory_errors"), number(a.value("fetch_utilisation", Json())),
                              number(a.value("mac_utilisation", Json()))});
  }
  for (const Json& stage : j.value("stages", Json::array())) {
    s.stages.push_back({stage.at("task"), stage.at("stage"), stage.at("accelerator"), stage.at("released"),
                        stage.at("completed"), distribution(stage.at("response_s"))});
  }
  s.design = design(j);
  if (const auto found = j.find("functional"); found != j.end()) {
    s.functional = {found->at("jobs_checked"), found->at("mismatches"), found->value("first_mismatch", "")};
  }
  return s;
}

}  // namespace

uint64_t Summary::completed() const { return total(tasks, &TaskSummary::completed); }
uint64_t Summary::missed() const { return total(tasks, &TaskSummary::missed); }
uint64_t Summary::failed() const { return total(tasks, &TaskSummary::failed); }
uint64_t Summary::released() const { return total(tasks, &TaskSummary::released); }

Json to_json(const Summary& s, const Json& memory) {
  Json out = {{"scenario", s.scenario},
              {"seed", s.seed},
              {"config_sha256", s.config_sha256},
              {"simulated_s", seconds(s.simulated)},
              {"complete", s.complete},
              {"tasks", list(s.tasks)},
              {"scheduler", json(s.scheduler)},
              {"metrics", json(s.metrics)},
              {"accelerators", list(s.accelerators)}};
  if (!s.stages.empty()) out["stages"] = list(s.stages);
  if (s.design) {
    out["forwarding"] = list(s.design->forwarding);
    out["resources"] = list(s.design->resources);
  }
  if (s.functional) out["functional"] = json(*s.functional);
  if (!memory.is_null()) out["memory"] = memory;
  return out;
}

Summary read_summary(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw InputError(fmt::format("cannot read '{}'", path));
  try {
    return from_json(Json::parse(file));
  } catch (const Json::exception& error) {
    throw InputError(fmt::format("'{}' is not the summary of a run: {}", path, error.what()));
  }
}

}  // namespace vesper::observe
