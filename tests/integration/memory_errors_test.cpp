// Errors of the memory through the whole platform: what they cost, whom they stop, and what is said of them.
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// The camera's first tensors lie at the beginning of the memory.
constexpr const char* kAlone = VESPER_SOURCE_DIR "/scenarios/bandwidth/alone.yaml";

class BurstMemory : public ::testing::Test {
 protected:
  CommandResult run(const std::string& lines, const std::vector<std::string>& more = {},
                    const std::string& out = "out") {
    write_file(folder_ / "scenario.yaml", "scenario: errors of the memory\ninclude: " + std::string(kAlone) +
                                              "\nrun: {until: 20 ms}\n" + lines);
    std::vector<std::string> arguments = {"run", folder_ / "scenario.yaml", "--out", folder_ / out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_vesper(arguments);
  }
  [[nodiscard]] nlohmann::json summary(const std::string& out = "out") const {
    return read_summary(folder_.path() / out);
  }

  TemporaryFolder folder_;
};

class MemoryErrors : public BurstMemory, public ::testing::WithParamInterface<const char*> {};

constexpr const char* kTwoBits = "ddr: {ecc: true, faults: [{address: 0x800000040, bits: 2, from: 1 ms}]}\n";

TEST_P(MemoryErrors, AnUncorrectableOneStopsTheRunByDefault) {
  CommandResult result = run(kTwoBits, {"--placement", GetParam()});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("accelerator.store_c: read of 2048 bytes at 0x800000000 for camera "
                                          "job 0 failed at "),
                                HasSubstr("ps: TLM_GENERIC_ERROR_RESPONSE (bus error)"),
                                HasSubstr("on_error: abandon gives the job up and goes on")));
}

TEST_P(MemoryErrors, OrCostsOneJobAndTheSchedulerLivesOn) {
  CommandResult result =
      run(kTwoBits, {"--placement", GetParam(), "--set", "accelerator.on_error=abandon", "--until", "38 ms"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("jobs abandoned after errors of the memory: 1"));
  const nlohmann::json made = summary();
  const auto& camera = made["tasks"][0];
  const auto& lidar = made["tasks"][1];
  EXPECT_EQ(camera["failed"], 1);
  EXPECT_EQ(camera["missed"], 1);
  EXPECT_EQ(camera["released"], 2);
  EXPECT_EQ(lidar["failed"], 0);
  EXPECT_EQ(lidar["missed"], 0);
  EXPECT_EQ(lidar["completed"], 4);
  EXPECT_EQ(made["accelerators"][0]["memory_errors"], 1);
  EXPECT_EQ(made["memory"]["ddr"][0]["errors"]["uncorrectable"], 1);
  size_t failed = 0;
  for (const auto& row : read_csv(folder_ / "out/jobs.csv")) {
    if (row.at("failed") == "0") continue;
    ++failed;
    EXPECT_EQ(row.at("task"), "camera");
    EXPECT_EQ(row.at("missed"), "1");
    EXPECT_EQ(row.at("finish_s"), "");
  }
  EXPECT_EQ(failed, 1U);
}

INSTANTIATE_TEST_SUITE_P(Placements, MemoryErrors, ::testing::Values("software", "hardware", "ideal"),
                         [](const auto& placement) { return placement.param; });

TEST_F(BurstMemory, CorrectedErrorsCostNothingButAreCounted) {
  ASSERT_EQ(run("ddr: {ecc: true}\n", {}, "right").status, 0);
  ASSERT_EQ(
      run("ddr: {ecc: true, error_rate: {single: 1000000}, faults: [{address: 0x800000040}]}\n", {}, "wrong")
          .status,
      0);
  EXPECT_EQ(read_file(folder_ / "right/jobs.csv"), read_file(folder_ / "wrong/jobs.csv"));
  EXPECT_EQ(summary("right")["memory"]["ddr"][0]["errors"]["corrected"], 0);
  const nlohmann::json errors = summary("wrong")["memory"]["ddr"][0]["errors"];
  EXPECT_GT(errors["corrected"], 100);
  EXPECT_EQ(errors["uncorrectable"], 0);
}

TEST_F(BurstMemory, TheSameSeedMeetsTheSameErrorsAnotherSeedOthers) {
  const std::string rates = "ddr: {ecc: true, error_rate: {single: 100000, double: 2000}}\n";
  const std::vector<std::string> survive = {"--set", "accelerator.on_error=abandon"};
  auto with = [&](const std::string& seed, const std::string& out) {
    std::vector<std::string> more = survive;
    more.insert(more.end(), {"--seed", seed});
    EXPECT_EQ(run(rates, more, out).status, 0);
    return read_file(folder_.path() / out / "summary.json");
  };
  const std::string first = with("5", "a");
  EXPECT_EQ(with("5", "b"), first);
  EXPECT_NE(nlohmann::json::parse(with("6", "c"))["memory"], nlohmann::json::parse(first)["memory"]);
}

TEST_F(BurstMemory, WithoutItWrongWordsGoUndetectedAndThatIsSaid) {
  CommandResult result = run("ddr: {faults: [{address: 0x800000040, bits: 2}]}\n");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("ddr: 1 words were read wrong, undetected: ecc is false"));
}

TEST_F(BurstMemory, ATrafficGeneratorCountsErrorsIfToldTo) {
  const std::string traffic =
      "ddr: {ecc: true, faults: [{address: 0x900000040, bits: 2}]}\n"
      "traffic: [{name: noise, type: linear_reader, port: pl.4, size: 4 KiB, requests: 40";
  CommandResult stopped = run(traffic + "}]\n", {"--until", "1 ms"});
  EXPECT_EQ(stopped.status, 1);
  EXPECT_THAT(stopped.err, AllOf(HasSubstr("noise: read of 1024 bytes at 0x900000000 failed at "),
                                 HasSubstr("on_error: count goes on")));
  CommandResult counted = run(traffic + ", on_error: count}]\n", {"--until", "1 ms"});
  EXPECT_EQ(counted.status, 0);
  EXPECT_THAT(counted.err, HasSubstr("noise: 10 requests failed"));
  const nlohmann::json noise = summary()["memory"]["traffic"][0];
  EXPECT_EQ(noise["errors"], 10);
  EXPECT_EQ(noise["reads"], 40);
  EXPECT_EQ(noise["read_bytes"], 40 * 1024);
}

/// The ledger of a run, read as a user would.
TEST_F(BurstMemory, LatencyReconcilesToBandwidthAndSummary) {
  CommandResult result =
      run("traffic: [{name: noise, type: mixed, port: pl.4, requests: 5000}]\n", {"--bandwidth=1 ms"});
  ASSERT_EQ(result.status, 0) << result.err;
  std::map<std::string, uint64_t> passed;
  for (const auto& row : read_csv(folder_ / "out/bandwidth.csv")) {
    const std::string owner = row.at("task") + " " + row.at("port");
    passed[owner + " read"] += std::stoull(row.at("read_bytes"));
    passed[owner + " write"] += std::stoull(row.at("write_bytes"));
  }
  std::map<std::string, int64_t> latency;
  std::map<std::string, uint64_t> payloads;
  for (const auto& row : read_csv(folder_ / "out/latency.csv")) {
    int64_t sum = 0;
    for (const auto& [column, text] : row) {
      if (column.ends_with("_s") && column != "latency_s") sum += picoseconds(text);
    }
    EXPECT_EQ(sum, picoseconds(row.at("latency_s")));
    EXPECT_EQ(std::stoull(row.at("bytes")),
              passed.at(row.at("task") + " " + row.at("port") + " " + row.at("direction")));
    latency[row.at("task")] += picoseconds(row.at("latency_s"));
    payloads[row.at("task")] += std::stoull(row.at("payloads"));
  }
  const nlohmann::json made = summary();
  ASSERT_EQ(made["memory"]["latency"].size(), 3U);
  for (const auto& task : made["memory"]["latency"]) {
    const std::string name = task["name"];
    EXPECT_EQ(std::llround(task["latency_s"].get<double>() * 1e12), latency.at(name));
    EXPECT_EQ(task["payloads"], payloads.at(name));
  }
  EXPECT_EQ(payloads.at("noise"), 5000U);
  const nlohmann::json noise = made["memory"]["traffic"][0];
  const uint64_t bytes = noise["read_bytes"].get<uint64_t>() + noise["write_bytes"].get<uint64_t>();
  EXPECT_EQ(made["memory"]["latency"][2]["bytes"], bytes);
  for (const auto& task : made["memory"]["ddr"][0]["tasks"]) {
    if (task["name"] != "noise") continue;
    EXPECT_EQ(task["read_bytes"].get<uint64_t>() + task["write_bytes"].get<uint64_t>(), bytes);
  }
}

TEST_F(BurstMemory, InterferenceSumsToArbitrationAndTheMatrixToItsEntries) {
  ASSERT_EQ(run("traffic: [{name: noise, type: random_reader, port: pl.4}]\n", {"--until", "4 ms"}).status,
            0);
  std::map<std::string, int64_t> at_ddr, pairs;
  for (const auto& row : read_csv(folder_ / "out/interference.csv")) {
    if (row.at("where") == "ddr") at_ddr[row.at("task")] += picoseconds(row.at("time_s"));
    pairs[row.at("task") + "," + row.at("waited_for")] += picoseconds(row.at("time_s"));
  }
  const nlohmann::json made = summary();
  for (const auto& task : made["memory"]["ddr"][0]["tasks"]) {
    int64_t parts = 0;
    for (const auto& [name, time] : task["time_s"].items()) parts += std::llround(time.get<double>() * 1e12);
    EXPECT_EQ(parts, std::llround(task["latency_s"].get<double>() * 1e12));
    EXPECT_EQ(std::llround(task["time_s"]["arbitration"].get<double>() * 1e12), at_ddr[task["name"]]);
  }
  EXPECT_GT(at_ddr["camera"], 0);
  const auto matrix = read_csv(folder_ / "out/interference_matrix.csv");
  ASSERT_EQ(matrix.size(), 3U);
  for (const auto& row : matrix) {
    for (const char* other : {"camera", "lidar", "noise"})
      EXPECT_EQ(picoseconds(row.at(other)), pairs[row.at("task") + "," + other]);
  }
}

}  // namespace
}  // namespace vesper::test
