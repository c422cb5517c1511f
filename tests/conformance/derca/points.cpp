#include "tests/conformance/derca/points.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace vesper::test {
namespace {

using nlohmann::json;
using offline::LayerShape;

DercaPoint::Simulated simulated_of(const json& sim) {
  DercaPoint::Simulated simulated;
  simulated.horizon = sim.at("horizon").get<int64_t>();
  simulated.meets_all_deadlines = sim.at("meets_all_deadlines").get<bool>();
  simulated.max_response = sim.at("max_response").get<std::vector<int64_t>>();
  simulated.released = sim.at("released").get<std::vector<int64_t>>();
  simulated.finished = sim.at("finished").get<std::vector<int64_t>>();
  simulated.regions_run = sim.at("regions_run").get<int64_t>();
  simulated.preemptions = sim.at("preemptions").get<int64_t>();
  return simulated;
}

DercaPoint point_of(const json& line, int number) {
  DercaPoint point;
  point.line = number;
  point.family = line.at("family").get<std::string>();
  point.strategy = line.at("strategy").get<std::string>();
  point.utilisations = line.at("utilisations").get<std::vector<double>>();
  point.periods = line.at("periods").get<std::vector<int64_t>>();
  point.execution = line.at("exec").get<std::vector<int64_t>>();
  point.hyperperiod = line.at("hyperperiod").get<int64_t>();
  point.passes = line.at("analysis_pass").get<bool>();
  point.beta = line.at("beta").get<std::vector<int64_t>>();
  if (!line.at("q_max").is_null()) point.q_max = line.at("q_max").get<std::vector<int64_t>>();
  for (const json& task : line.at("regions")) {
    point.regions.push_back({task.at("count").get<uint64_t>(), task.at("max_wcet").get<int64_t>(),
                             task.at("total_wcet").get<int64_t>(), task.at("first_overhead").get<int64_t>()});
  }
  point.placed = line.at("simulated") == "placed";
  point.simulated = simulated_of(line.at("sim"));
  return point;
}

/// b inputs of s tokens, width w, h heads, MLP ratio 4.
std::vector<LayerShape> transformer(uint32_t b, uint32_t s, uint32_t w, uint32_t h, uint32_t blocks) {
  std::vector<LayerShape> layers;
  for (uint32_t block = 0; block < blocks; ++block) {
    layers.push_back({s * b, w, 3 * w});
    layers.insert(layers.end(), h, {s * b, w / h, s});
    layers.insert(layers.end(), h, {s * b, s, w / h});
    for (LayerShape shape : {LayerShape{s * b, w, w}, {s * b, w, 4 * w}, {s * b, 4 * w, w}})
      layers.push_back(shape);
  }
  return layers;
}

}  // namespace

std::string DercaPoint::text() const {
  return "line " + std::to_string(line) + ": " + family + " " + strategy;
}

std::vector<DercaPoint> read_derca_points() {
  std::ifstream file(VESPER_SOURCE_DIR "/tests/conformance/derca/points.jsonl");
  if (!file) throw std::runtime_error("cannot read points.jsonl");
  std::vector<DercaPoint> points;
  std::string line;
  while (std::getline(file, line)) {
    points.push_back(point_of(json::parse(line), static_cast<int>(points.size()) + 1));
  }
  return points;
}

std::vector<LayerShape> layers_of_family(const std::string& family) {
  if (family == "fig11a") return {{1024, 8192, 1024}, {1024, 8192, 1024}};
  if (family == "bert-t") return transformer(6, 512, 128, 2, 2);
  if (family == "pointnet") {
    return {{64, 3, 1024},   {64, 64, 1024}, {64, 64, 1024}, {128, 64, 1024}, {1024, 128, 1024},
            {1024, 1024, 1}, {512, 1024, 1}, {256, 512, 1},  {40, 256, 1}};
  }
  throw std::runtime_error("an unknown family: " + family);
}

accelerator::OperationCosts derca_costs() {
  // Loading the partial output back and the inputs of one tile takes 293512 cycles, a load 17200 of them.
  return {.load = 17200,
          .compute = 23362,
          .store = 228288,
          .clean = 15200,
          .persist = 228288,
          .resume = 293512 - 17200};
}

offline::TaskSet task_set(const DercaPoint& point) {
  offline::TaskSet set;
  for (int64_t period : point.periods) set.tasks.push_back({layers_of_family(point.family), period, period});
  set.tile = {1536, 128, 1024};
  set.costs = derca_costs();
  set.terms = offline::published_terms();
  return set;
}

}  // namespace vesper::test
