#include "tests/conformance/dysta/published.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "schedulers/policy/estimates.h"

namespace vesper::test {
namespace {

using nlohmann::json;

constexpr uint32_t kOutputs = 1'000'000'000;  // the table's sparsities have nine decimals

std::vector<policy::RegionEstimate> estimates_of(const json& model) {
  std::vector<policy::RegionEstimate> table;
  for (size_t i = 0; i < model.at("average_latency_s").size(); ++i) {
    table.push_back({model.at("average_latency_s")[i], 0, model.at("average_latency_of_pattern_s")[i], 0,
                     model.at("average_sparsity")[i], kOutputs});
  }
  policy::sum_up(table.data(), static_cast<uint32_t>(table.size()));
  return table;
}

ServerRequest request_of(const json& row, uint16_t task) {
  ServerRequest request;
  request.task = task;
  request.arrival = row.at("arrival_ps");
  request.deadline = request.arrival + row.at("slo_ps").get<policy::Time>();
  request.layers = row.at("layer_ps").get<std::vector<policy::Time>>();
  for (double sparsity : row.at("layer_sparsity"))
    request.zeros.push_back(static_cast<uint32_t>(std::llround(sparsity * kOutputs)));
  return request;
}

}  // namespace

Published read_published() {
  std::ifstream file(VESPER_SOURCE_DIR "/tests/conformance/dysta/attnn30.json");
  json all = json::parse(file);
  Published published;
  std::map<std::pair<std::string, uint32_t>, uint16_t> task_of;
  for (const json& row : all.at("requests")) {
    std::pair key(row.at("model").get<std::string>(), row.at("priority").get<uint32_t>());
    auto [it, fresh] = task_of.try_emplace(key, static_cast<uint16_t>(task_of.size()));
    if (fresh) published.load.tasks.push_back({key.second, estimates_of(all.at("models").at(key.first))});
    published.load.requests.push_back(request_of(row, it->second));
  }
  for (const auto& [name, times] : all.at("finish_ps").items())
    published.finish[name] = times.get<std::vector<policy::Time>>();
  return published;
}

}  // namespace vesper::test
