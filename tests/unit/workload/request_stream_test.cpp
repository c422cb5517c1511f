// The `requests:` section: what is drawn of it, and which combinations are refused.
#include "platform/workload/request_stream.h"

#include <gmock/gmock.h>

#include "platform/scenario/yaml.h"
#include "tests/support/command.h"

namespace vesper::workload {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RequestStreamTest : public ::testing::Test {
 protected:
  std::unique_ptr<RequestStream> stream(const std::string& yaml) {
    FileAccess files{[this](const std::string& path, const Location&) { return folder_ / path; },
                     [](const std::string&, const Shape&, const Location&) {
                       return Network{"net", {{"one", 4, 4, 4}, {"two", 8, 8, 8}}};
                     }};
    return std::make_unique<RequestStream>(scenario::parse_yaml(yaml, "s.yaml"), files);
  }
  RequestTable drawn(const std::string& yaml, uint64_t seed = 1, uint64_t first = 0) {
    return stream(yaml)->draw({seed, first}, [](size_t task, size_t layer, double sparsity) {
      return static_cast<uint64_t>(1000 * static_cast<double>(10 * task + layer + 1) * (1 - sparsity));
    });
  }
  std::string refused(const std::string& yaml) {
    try {
      drawn(yaml);
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing was refused";
  }
  void file(const std::string& name, const std::string& text) { test::write_file(folder_ / name, text); }

  test::TemporaryFolder folder_;
};

constexpr const char* kTwoModels =
    "models: [{name: a, layers: 4, time: 8 ms, sparsity: [0.2, 0.5]}, {name: b, layers: 1, time: 1 ms}]\n";

TEST_F(RequestStreamTest, DrawnTimesSparsitiesAndDeadlinesAreThoseOfTheModels) {
  RequestTable table =
      drawn(std::string("{rate: 100, count: 50, slo: 3, layer_noise: 0, ") + kTwoModels + "}");
  ASSERT_EQ(table.requests.size(), 50U);
  ASSERT_EQ(table.kinds.size(), 2U);
  EXPECT_EQ(table.kinds[0].name(), "a");
  EXPECT_DOUBLE_EQ(table.kinds[0].layers[1].latency_s, 2e-3);
  EXPECT_DOUBLE_EQ(table.kinds[0].layers[1].sparsity, 0.3);
  for (const Request& request : table.requests) {
    EXPECT_EQ(request.isolated_ps(), request.kind == 0 ? ms(8).ps : ms(1).ps);
    EXPECT_EQ(request.deadline_ps - request.arrival_ps, 3 * request.isolated_ps());
  }
}

TEST_F(RequestStreamTest, APatternsFactorAppliesAndItsNameFollowsTheModels) {
  RequestTable table =
      drawn(std::string("{rate: 100, layer_noise: 0, patterns: [{name: x, factor: 2}, {name: y}], ") +
            kTwoModels + "}");
  ASSERT_EQ(table.kinds.size(), 4U);
  EXPECT_EQ(table.kinds[1].name(), "a.y");
  EXPECT_DOUBLE_EQ(table.kinds[0].layers[0].pattern_latency_s, 4e-3);
  EXPECT_DOUBLE_EQ(table.kinds[0].layers[0].latency_s, 3e-3);  // over both patterns
  for (const Request& request : table.requests) {
    if (request.kind != 0) continue;
    EXPECT_EQ(request.isolated_ps(), 2 * ms(8).ps);
  }
}

TEST_F(RequestStreamTest, LayersOfANetworkTakeWhatTheCostModelSays) {
  RequestTable table = drawn(
      "{rate: 100, count: 20, layer_noise: 0, patterns: [{name: x}, {name: y}], models: [{name: a, network: "
      "n, sparsity: [0.5]}]}");
  EXPECT_DOUBLE_EQ(table.kinds[1].layers[1].pattern_latency_s, 6e-9);
  EXPECT_DOUBLE_EQ(table.kinds[1].layers[1].latency_s, 3.5e-9);
  for (const Request& request : table.requests) {
    if (request.kind != 1) continue;
    EXPECT_THAT(request.layer_ps, ElementsAre(5500, 6000));
  }
}

TEST_F(RequestStreamTest, SameSeedSameRequestsOtherSeedOrStreamsOthers) {
  const std::string yaml = std::string("{rate: 100, ") + kTwoModels + "}";
  auto arrivals = [&](uint64_t seed, uint64_t first) {
    std::vector<uint64_t> all;
    for (const Request& request : drawn(yaml, seed, first).requests) all.push_back(request.arrival_ps);
    return all;
  };
  EXPECT_EQ(arrivals(1, 0), arrivals(1, 0));
  EXPECT_NE(arrivals(1, 0), arrivals(2, 0));
  EXPECT_NE(arrivals(1, 0), arrivals(1, 3));
}

TEST_F(RequestStreamTest, AnyArrivalProcessServes) {
  RequestTable uniform = drawn(std::string("{arrival: uniform, rate: 4, count: 3, ") + kTwoModels + "}");
  EXPECT_EQ(uniform.requests[2].arrival_ps, ms(500).ps);
  RequestTable listed = drawn(std::string("{arrival: trace, times: [1 ms, 5 ms], ") + kTwoModels + "}");
  ASSERT_EQ(listed.requests.size(), 2U);
  EXPECT_EQ(listed.requests[1].arrival_ps, ms(5).ps);
}

TEST_F(RequestStreamTest, ATraceInCsvBringsWhatItHasAndTheRestIsDrawn) {
  file("r.csv", "arrival,model,slo\n1 ms,b,7 ms\n2 ms,a,8 ms\n");
  RequestTable table = drawn(std::string("{trace: r.csv, priorities: [5], ") + kTwoModels + "}");
  ASSERT_EQ(table.requests.size(), 2U);
  EXPECT_EQ(table.requests[0].kind, 1U);
  EXPECT_EQ(table.requests[0].deadline_ps, ms(8).ps);
  EXPECT_EQ(table.requests[1].priority, 5U);
}

TEST_F(RequestStreamTest, SamplesOfAFileServeInTurnOrByName) {
  file("r.csv",
       "arrival,model,pattern,sample\n1 ms,a,x,\n2 ms,a,x,\n3 ms,a,x,\n4 ms,a,x,second\n4 ms,a,y,\n");
  file("s.csv",
       "model,pattern,sample,layer,latency_ps,sparsity\n"
       "a,x,first,0,10,0.5\na,x,second,0,30,0.7\na,y,first,0,80,0.1\n");
  RequestTable table = drawn("{trace: r.csv, samples: s.csv}");
  std::vector<uint64_t> times;
  for (const Request& request : table.requests) times.push_back(request.isolated_ps());
  EXPECT_THAT(times, ElementsAre(10, 30, 10, 30, 80));
  EXPECT_DOUBLE_EQ(table.kinds[0].layers[0].pattern_latency_s, 20e-12);
  EXPECT_DOUBLE_EQ(table.kinds[0].layers[0].latency_s, 40e-12);
  EXPECT_DOUBLE_EQ(table.kinds[0].layers[0].sparsity, 0.6);
}

TEST_F(RequestStreamTest, SamplesWithoutLatenciesTakeTheCostModels) {
  file("s.csv", "model,layer,sparsity\nnet,0,0.5\nnet,1,0\n");
  RequestTable table = drawn("{rate: 10, count: 4, samples: s.csv, models: [{name: net, network: n}]}");
  for (const Request& request : table.requests) EXPECT_THAT(request.layer_ps, ElementsAre(500, 2000));
}

TEST_F(RequestStreamTest, WhatDoesNotFitTogetherIsRefused) {
  file("r.csv", "arrival,model\n1 ms,c\n");
  file("s.csv", "model,layer,sparsity\na,0,0.5\n");
  file("t.json", "{}");
  const std::pair<std::string, const char*> cases[] = {
      {"{rate: 10}", "requests need 'models', a file of 'samples' or a 'trace' in JSON"},
      {std::string("{") + kTwoModels + "}", "'requests.rate' is missing"},
      {std::string("{rate: 10, count: 0, ") + kTwoModels + "}", "requests.count is 0"},
      {std::string("{rate: 10, count: 2000000, ") + kTwoModels + "}", "requests.count is 2000000"},
      {std::string("{rate: -1, ") + kTwoModels + "}", "requests.rate"},
      {std::string("{rate: 10, slo: 0, ") + kTwoModels + "}", "requests.slo is 0"},
      {std::string("{rate: 10, priorities: [], ") + kTwoModels + "}", "requests.priorities"},
      {std::string("{rate: 10, priorities: [0], ") + kTwoModels + "}", "requests.priorities"},
      {std::string("{rate: 10, count: 5, warm_up: 5, ") + kTwoModels + "}",
       "all of the 5 requests are warm-up"},
      {std::string("{rate: 10, arrival: posson, ") + kTwoModels + "}", "did you mean 'poisson'?"},
      {std::string("{trace: r.csv, ") + kTwoModels + "}", "r.csv:2: there is no model 'c'"},
      {std::string("{trace: r.csv, rate: 10, ") + kTwoModels + "}", "unknown key 'requests.rate'"},
      {std::string("{trace: t.json, ") + kTwoModels + "}", "requests.models cannot stand beside 'trace'"},
      {"{trace: t.txt}", "neither a .json nor a .csv file"},
      {"{rate: 10, samples: s.csv}", "the samples of model 'a' have no latencies"},
      {"{rate: 10, samples: s.csv, models: [{name: a, network: n}]}", "have 1 layers, its network has 2"},
      {"{rate: 10, models: [{name: a, layers: 3}]}", "needs a 'network', or 'layers' and their 'time'"},
      {"{rate: 10, models: [{name: a, network: n, time: 1 s}]}", "has both a network and a time"},
      {"{rate: 10, models: [{name: a, layers: 3, time: 1 s, sparsity: [0.1, 0.2, 0.3, 0.4]}]}",
       "4 sparsities for 3 layers"},
      {"{rate: 10, models: [{name: a, layers: 3, time: 1 s, sparsity: [1.5]}]}", "at least 0 and below 1"},
      {"{rate: 10, models: [{name: a, layers: 1, time: 1 s}, {name: a, layers: 1, time: 1 s}]}",
       "has the name of one above"},
      {std::string("{rate: 10, patterns: [{name: x}, {name: x}], ") + kTwoModels + "}",
       "two patterns are named 'x'"}};
  for (const auto& [yaml, says] : cases) EXPECT_THAT(refused(yaml), HasSubstr(says)) << yaml;
}

TEST_F(RequestStreamTest, TheEffectiveSectionDrawsTheSame) {
  for (const std::string& yaml :
       {std::string("{arrival: bursty, rate: 50, on: 1 s, off: 500 ms, count: 40, ") + kTwoModels + "}",
        std::string("{rate: 50, patterns: [{name: x}, {name: y}], ") + kTwoModels + "}"}) {
    Node effective = stream(yaml)->effective([](const std::string& path) { return path; });
    RequestTable again = drawn(scenario::to_yaml(effective));
    RequestTable first = drawn(yaml);
    ASSERT_EQ(again.requests.size(), first.requests.size());
    for (size_t i = 0; i < first.requests.size(); ++i) {
      EXPECT_EQ(again.requests[i].arrival_ps, first.requests[i].arrival_ps);
      EXPECT_EQ(again.requests[i].layer_ps, first.requests[i].layer_ps);
    }
  }
}

}  // namespace
}  // namespace vesper::workload
