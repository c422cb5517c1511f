// Errors of the latency predictors, as a user asks for them.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kTrace = "tests/conformance/dysta/attnn30.json";

/// A model of three layers of 1 s and sparsity 0.5 on average; one request that takes 2, 1 and 1 s.
std::string trace_of(const std::string& sparsity) {
  return "{\"models\": {\"net\": {\"average_latency_s\": [1, 1, 1], \"average_sparsity\": [0.5, 0.5, 0.5]}},"
         "\"requests\": [{\"arrival_ps\": 0, \"model\": \"net\", \"slo_ps\": 1, \"layer_ps\": "
         "[2000000000000, "
         "1000000000000, 1000000000000], \"layer_sparsity\": " +
         sparsity + "}]}";
}

TEST(Predict, ErrorsOfARequestAreThoseAtItsBoundaries) {
  TemporaryFolder folder;
  write_file(folder / "trace.json", trace_of("[0, 0.5, 0.5]"));
  CommandResult result =
      run_vesper({"predict", folder / "trace.json", "--out", folder / "out", "--last-n", "1"});
  ASSERT_EQ(result.status, 0) << result.err;
  auto rows = read_csv(folder.path() / "out/prediction.csv");
  ASSERT_EQ(rows.size(), 8U) << "four predictors, of the model and of all";
  // Left: 2 s and 1 s, on average so; gamma is 2 after the first layer, then 1 (average_all: 1.5).
  const double expected[] = {0, std::sqrt(4.0 / 2), std::sqrt(4.0 / 2), std::sqrt((4 + 0.25) / 2)};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(rows[i].at("model"), "net");
    EXPECT_EQ(rows[i].at("boundaries"), "2");
    EXPECT_NEAR(std::stod(rows[i].at("rmse_s")), expected[i], 1e-5) << rows[i].at("predictor");
    EXPECT_NEAR(std::stod(rows[i].at("relative_rmse")), expected[i] / 4, 1e-5);
    EXPECT_EQ(rows[i + 4].at("rmse_s"), rows[i].at("rmse_s"));
  }
}

TEST(Predict, MonitoringBeatsTheAverageOnThePublishedTable) {
  TemporaryFolder folder;
  ASSERT_EQ(run_vesper({"predict", kTrace, "--out", folder / "out"}).status, 0);
  std::map<std::string, double> of_all;
  for (const auto& row : read_csv(folder.path() / "out/prediction.csv")) {
    if (row.at("model") != "all") continue;
    EXPECT_EQ(row.at("boundaries"), "11000");
    of_all[row.at("predictor")] = std::stod(row.at("relative_rmse"));
  }
  ASSERT_EQ(of_all.size(), 4U);
  EXPECT_LT(of_all["last_one"], of_all["none"] / 3);
  // The layers' own noise in this table is independent: the more layers are averaged, the less of it is left.
  EXPECT_LT(of_all["average_all"], of_all["last_n"]);
  EXPECT_LT(of_all["last_n"], of_all["last_one"]);
}

TEST(Predict, TheRequestsOfAScenarioFollowItsSeed) {
  TemporaryFolder folder;
  write_file(
      folder / "mix.yaml",
      "include: " VESPER_SOURCE_DIR
      "/scenarios/platforms/eyeriss_v2.yaml\nscenario: a mix\n"
      "scheduler: {policy: dysta, placement: ideal, granularity: layer}\n"
      "requests:\n  arrival: poisson\n  rate: 30\n  count: 50\n  slo: 10\n  patterns: [{name: a}, {name: b, "
      "factor: 1.1}]\n  models: [{name: net, layers: 5, time: 10 ms, variation: 0.2, sparsity: [0.4, 0.6]}]\n"
      "run: {seed: 3}\n");
  auto predicted = [&](const char* seed, const char* out) {
    CommandResult result = run_vesper(
        {"predict", folder / "mix.yaml", "--set", std::string("run.seed=") + seed, "--out", folder / out});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("net.a"));
    return read_file(folder.path() / out / "prediction.csv");
  };
  std::string first = predicted("3", "a");
  EXPECT_EQ(predicted("3", "b"), first);
  EXPECT_NE(predicted("4", "c"), first);
}

TEST(Predict, NonsenseIsRefusedInWords) {
  TemporaryFolder folder;
  write_file(folder / "bad.json", trace_of("[0, 0.5]"));
  write_file(folder / "dense.json", trace_of("[0, 1.5, 0.5]"));
  struct Wrong {
    std::vector<std::string> arguments;
    const char* says;
  };
  const Wrong all[] = {{{}, "no scenario is named"},
                       {{kTrace, kTrace}, "name one scenario or trace"},
                       {{"nowhere.json"}, "cannot read"},
                       {{"nowhere.yaml"}, "cannot read"},
                       {{folder / "bad.json"}, "has 2 items; model 'net' has 3 layers"},
                       {{folder / "dense.json"}, "between 0 and 1"},
                       {{kTrace, "--set", "run.seed=1"}, "a trace is as it is"},
                       {{kTrace, "--last-n", "0"}, "--last-n is between 1 and 8"},
                       {{kTrace, "--last-n", "9"}, "--last-n is between 1 and 8"},
                       {{kTrace, "--alpha", "nan"}, "--alpha is between 0 and 1000"},
                       {{kTrace, "--out", "/dev/null/x"}, "cannot make the folder"},
                       {{"scenarios/demo/camera_and_lidar.yaml"}, "has no requests"}};
  for (const Wrong& wrong : all) {
    std::vector<std::string> words{"predict"};
    words.insert(words.end(), wrong.arguments.begin(), wrong.arguments.end());
    CommandResult result = run_vesper(words);
    EXPECT_EQ(result.status, 2) << wrong.says;
    EXPECT_THAT(result.err, HasSubstr(wrong.says));
  }
}

}  // namespace
}  // namespace vesper::test
