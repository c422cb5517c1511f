// `vesper run` of tables of requests: every request ends at the picosecond that the published semantics give.
#include <gmock/gmock.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "platform/property/random.h"
#include "tests/conformance/dysta/published.h"
#include "tests/conformance/dysta/reference_server.h"
#include "tests/support/command.h"

namespace vesper::test {
namespace {

using workload::RequestTable;

constexpr const char* kPublished = VESPER_SOURCE_DIR "/tests/conformance/dysta/attnn30.json";

/// When each request of the table ended in a run that left `folder`; 0 where it did not.
std::vector<uint64_t> finish_of(const RequestTable& table, const std::filesystem::path& folder) {
  std::map<std::pair<std::string, uint64_t>, uint64_t> finish;
  for (const auto& row : read_csv(folder / "jobs.csv")) {
    if (!row.at("finish_s").empty())
      finish[{row.at("task"), std::stoull(row.at("job"))}] =
          static_cast<uint64_t>(picoseconds(row.at("finish_s")));
  }
  std::vector<uint64_t> in_order;
  std::map<uint16_t, uint64_t> jobs;
  for (const workload::Request& request : table.requests)
    in_order.push_back(finish[{table.kinds[request.kind].name(), jobs[request.kind]++}]);
  return in_order;
}

std::vector<uint64_t> replay(const std::string& trace, const RequestTable& table, const std::string& policy) {
  TemporaryFolder folder;
  CommandResult result = run_vesper({"run", "scenarios/dysta/replay.yaml", "--set", "requests.trace=" + trace,
                                     "--set", "scheduler.policy=" + policy, "--out", folder / "out"});
  EXPECT_EQ(result.status, 0) << result.err;
  return finish_of(table, folder.path() / "out");
}

size_t differing(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  size_t differ = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) differ += a[i] == b[i] ? 0 : 1;
  return differ;
}

class Replay : public ::testing::TestWithParam<PublishedPolicy> {
 protected:
  static std::string policy() { return GetParam().first; }
  static std::string key() { return GetParam().second; }
};

TEST_P(Replay, OfThePublishedTableEndsEveryRequestAtItsPicosecond) {
  RequestTable table = workload::read_request_json(kPublished, {});
  ASSERT_EQ(table.requests.size(), 1000U);
  auto published =
      nlohmann::json::parse(read_file(kPublished)).at("finish_ps").at(key()).get<std::vector<uint64_t>>();
  EXPECT_EQ(differing(reference_finish(table, key()), published), 0U) << "by the reference";
  EXPECT_EQ(differing(replay(kPublished, table, policy()), published), 0U) << "by the platform";
}

/// Convolutional networks in patterns, among them two requests in one instant, at three times the load that
/// can be served: in the end most of them wait.
RequestTable overload() {
  constexpr uint32_t kRequests = 1000;
  SplitMix64 random(7);
  auto between = [&](uint64_t least, uint64_t most) { return least + random.up_to(most - least); };
  RequestTable table;
  for (const char* name :
       {"vgg16.random", "vgg16.channel", "mobilenet.random", "mobilenet.channel", "resnet50.random"}) {
    workload::RequestKind kind{name, "", {}};
    for (uint64_t i = between(8, 30); i > 0; --i) {
      double pattern = static_cast<double>(between(300'000, 9'000'000)) * 1e-9;
      kind.layers.push_back({pattern * static_cast<double>(between(900, 1100)) * 1e-3, pattern,
                             static_cast<double>(between(100'000'000, 450'000'000)) * 1e-9});
    }
    table.kinds.push_back(kind);
  }
  uint64_t now = 0;
  for (uint32_t i = 0; i < kRequests; ++i) {
    workload::Request request;
    now += i % 50 == 1 ? 0 : between(1, 40'000'000'000);
    request.arrival_ps = now;
    request.kind = static_cast<uint16_t>(random.up_to(table.kinds.size() - 1));
    request.priority = std::array{1U, 3U, 9U}[random.up_to(2)];
    for (const workload::LayerAverage& layer : table.kinds[request.kind].layers) {
      double factor = static_cast<double>(between(600, 1400)) * 1e-3;
      request.layer_ps.push_back(static_cast<uint64_t>(layer.pattern_latency_s * factor * 1e12));
      request.sparsity.push_back(static_cast<double>(between(50'000'000, 600'000'000)) / 1e9);
    }
    request.deadline_ps = now + 10 * request.isolated_ps();
    table.requests.push_back(request);
  }
  return table;
}

TEST_P(Replay, OfAnOverloadEndsEveryRequestAtThePicosecondOfTheReference) {
  TemporaryFolder folder;
  write_file(folder / "overload.json", to_request_json(overload()));
  RequestTable table = workload::read_request_json(folder / "overload.json", {});
  std::vector<uint64_t> expected = reference_finish(table, key());
  EXPECT_GT(reference_queue(), 512U);
  EXPECT_EQ(differing(replay(folder / "overload.json", table, policy()), expected), 0U);
}

INSTANTIATE_TEST_SUITE_P(Policies, Replay, ::testing::ValuesIn(kPublishedPolicies),
                         [](const auto& tested) { return std::string(tested.param.first); });

}  // namespace
}  // namespace vesper::test
