// Request by request, against the published code's decisions.
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "schedulers/policy/estimates.h"
#include "tests/conformance/dysta/queue_simulator.h"

namespace vesper::test {
namespace {

using nlohmann::json;

constexpr uint32_t kOutputs = 1'000'000'000;  // the table's sparsities have nine decimals

struct Published {
  std::vector<ServerTask> tasks;
  std::vector<ServerRequest> requests;
  std::map<std::string, std::vector<policy::Time>> finish;
};

std::vector<policy::RegionEstimate> estimates_of(const json& model) {
  std::vector<policy::RegionEstimate> table;
  for (size_t i = 0; i < model.at("average_latency_s").size(); ++i) {
    table.push_back({model.at("average_latency_s")[i], 0, model.at("average_latency_of_pattern_s")[i], 0,
                     model.at("average_sparsity")[i], kOutputs});
  }
  policy::sum_up(table.data(), static_cast<uint32_t>(table.size()));
  return table;
}

Published read_published() {
  std::ifstream file(VESPER_SOURCE_DIR "/tests/conformance/dysta/attnn30.json");
  json all = json::parse(file);
  Published published;
  std::map<std::pair<std::string, uint32_t>, uint16_t> task_of;
  for (const json& row : all.at("requests")) {
    std::pair key(row.at("model").get<std::string>(), row.at("priority").get<uint32_t>());
    auto [it, fresh] = task_of.try_emplace(key, static_cast<uint16_t>(task_of.size()));
    if (fresh) published.tasks.push_back({key.second, estimates_of(all.at("models").at(key.first))});
    ServerRequest request;
    request.task = it->second;
    request.arrival = row.at("arrival_ps");
    request.deadline = request.arrival + row.at("slo_ps").get<policy::Time>();
    request.layers = row.at("layer_ps").get<std::vector<policy::Time>>();
    for (double sparsity : row.at("layer_sparsity"))
      request.zeros.push_back(static_cast<uint32_t>(std::llround(sparsity * kOutputs)));
    published.requests.push_back(std::move(request));
  }
  for (const auto& [name, times] : all.at("finish_ps").items())
    published.finish[name] = times.get<std::vector<policy::Time>>();
  return published;
}

class PublishedDysta : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(PublishedDysta, EveryRequestFinishesAtThePublishedPicosecond) {
  Published published = read_published();
  ASSERT_EQ(published.requests.size(), 1000U);
  QueueSimulator simulator(published.tasks, published.requests);
  std::vector<policy::Time> finish = simulator.run({GetParam().first, "artifact", {}});
  const std::vector<policy::Time>& expected = published.finish.at(GetParam().second);
  ASSERT_EQ(finish.size(), expected.size());
  size_t differ = 0;
  for (size_t i = 0; i < finish.size(); ++i) differ += finish[i] == expected[i] ? 0 : 1;
  EXPECT_EQ(differ, 0U) << "of " << finish.size() << " requests finish at another time";
}

INSTANTIATE_TEST_SUITE_P(Policies, PublishedDysta,
                         ::testing::Values(std::pair("fcfs", "fcfs"), std::pair("sjf", "sjf"),
                                           std::pair("prema", "prema"), std::pair("sdrm3", "sdrm3"),
                                           std::pair("planaria", "planaria"), std::pair("dysta", "dysta"),
                                           std::pair("oracle", "dysta_oracle")),
                         [](const auto& tested) { return std::string(tested.param.first); });

}  // namespace
}  // namespace vesper::test
