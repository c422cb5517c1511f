// Traffic in scenarios, through the command: what it does to deadlines, what it leaves, what is refused.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct Outcome {
  uint64_t missed = 0;
  std::map<std::string, uint64_t> bytes;  ///< through each requester's own ports
};

class TrafficScenarios : public ::testing::Test {
 protected:
  std::string write(const std::string& text) {
    std::string path = folder_ / "scenario.yaml";
    write_file(path, text);
    return path;
  }
  /// A scenario without tasks on the VCK190, with these generators.
  std::string with_traffic(const std::string& items,
                           const std::string& rest = "memory: {fidelity: burst}\n") {
    return write("scenario: traffic alone\ninclude: " VESPER_SOURCE_DIR "/scenarios/platforms/vck190.yaml\n" +
                 rest + "run: {until: 20 us}\ntraffic:\n" + items);
  }
  CommandResult run(const std::string& scenario, const std::string& out = "out") {
    return run_vesper({"run", scenario, "--out", folder_ / out, "--bandwidth=10 us"});
  }
  Outcome outcome(const std::string& scenario) {
    CommandResult result = run("scenarios/bandwidth/" + scenario);
    EXPECT_EQ(result.status, 0) << result.err;
    Outcome outcome;
    auto summary = read_summary(folder_ / "out");
    for (const auto& task : summary["tasks"]) outcome.missed += task["missed"].get<uint64_t>();
    for (const auto& row : read_csv(folder_ / "out/bandwidth.csv")) {
      if (row.at("port").starts_with("ddr.")) continue;
      outcome.bytes[row.at("task")] += std::stoull(row.at("read_bytes")) + std::stoull(row.at("write_bytes"));
    }
    return outcome;
  }
  void expect_refused(const std::string& items, const std::string& place_and_message) {
    std::string scenario = with_traffic(items);
    CommandResult result = run(scenario);
    EXPECT_EQ(result.status, 2) << result.out;
    EXPECT_THAT(result.err, HasSubstr(scenario + ":" + place_and_message));
  }

  TemporaryFolder folder_;
};

TEST_F(TrafficScenarios, AHostileReaderCostsDeadlinesAndRegulationSavesThem) {
  Outcome alone = outcome("alone.yaml");
  Outcome hostile = outcome("hostile.yaml");
  Outcome regulated = outcome("regulated.yaml");
  EXPECT_EQ(alone.missed, 0U);
  EXPECT_GT(hostile.missed, 0U);
  EXPECT_EQ(regulated.missed, 0U);
  EXPECT_EQ(alone.bytes.count("hostile"), 0U);
  EXPECT_GT(hostile.bytes["hostile"], 2 * regulated.bytes["hostile"]);
  EXPECT_LT(hostile.bytes["camera"], alone.bytes["camera"]);
  EXPECT_GT(alone.bytes["lidar"], 0U);
  // A bucket of 4 KiB that fills at 500 MB/s for 40 ms, and the reads under way at the end.
  EXPECT_LE(regulated.bytes["hostile"], 20'000'000U + 4096U);
  EXPECT_GE(regulated.bytes["hostile"], 20'000'000U - 16 * 128U);
}

TEST_F(TrafficScenarios, TheEffectiveConfigurationIsTheSameScenario) {
  write_file(folder_ / "trace.txt", "0x800000000 READ 100\n0x800000040 WRITE 200\n");
  std::string scenario = with_traffic(
      "  - {name: replayed, type: trace_replay, port: pl.3, file: trace.txt}\n"
      "  - {name: noise, type: mixed, port: pl.4, rate: 1 GB/s}\n");
  ASSERT_EQ(run(scenario).status, 0);
  std::string effective = read_file(folder_ / "out/effective.yaml");
  EXPECT_THAT(effective, HasSubstr("file: trace.txt"));
  write_file(folder_ / "effective.yaml", effective);
  CommandResult again = run(folder_ / "effective.yaml", "again");
  ASSERT_EQ(again.status, 0) << again.err;
  for (const char* file : {"summary.json", "effective.yaml", "bandwidth.csv"}) {
    EXPECT_EQ(read_file(folder_.path() / "out" / file), read_file(folder_.path() / "again" / file));
  }
  std::set<std::string> names;
  for (const auto& row : read_csv(folder_ / "out/bandwidth.csv")) names.insert(row.at("task"));
  EXPECT_THAT(names, ::testing::ElementsAre("noise", "replayed"));
}

TEST_F(TrafficScenarios, InFixedMemoryGeneratorsAreLeftOutAndThatIsSaid) {
  CommandResult result = run(with_traffic("  - {name: noise, type: mixed, port: pl.4}\n", ""));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("traffic generators are left out"));
  EXPECT_TRUE(read_csv(folder_ / "out/bandwidth.csv").empty());
  EXPECT_THAT(read_file(folder_ / "out/effective.yaml"), HasSubstr("name: noise"));
}

TEST_F(TrafficScenarios, AnAddressThatNothingDecodesEndsTheRun) {
  CommandResult result =
      run(with_traffic("  - {name: lost, type: linear_reader, port: pl.3, base: 0x1000}\n"));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("lost: read of 1024 bytes at 0x1000 failed at "));
}

TEST_F(TrafficScenarios, WrongTrafficIsRefusedWithItsPlace) {
  expect_refused("  - {name: a, type: linear_raeder, port: pl.3}\n",
                 "6:21: there is no IP type 'linear_raeder' (did you mean 'linear_reader'?)");
  expect_refused("  - {name: a, type: linear_reader, port: pl.3, rat: 1 GB/s}\n",
                 "6:48: unknown key 'traffic[0].rat' (did you mean 'rate'?)");
  expect_refused("  - {name: a, type: linear_reader, port: pl.3, rate: 1 GHz}\n", "6:54: traffic[0].rate: ");
  expect_refused("  - {name: a, type: linear_reader}\n", "6:5: 'traffic[0].port' is missing");
  expect_refused("  - {name: a, port: pl.3}\n", "6:5: 'traffic[0].type' is missing");
  expect_refused("  - {name: noc, type: linear_reader, port: pl.3}\n", "6:12: the name 'noc' is taken");
  expect_refused("  - {name: a, type: linear_reader, port: pl.0}\n",
                 "6:42: 'noc.pl.0' is taken by 'accelerator.a'");
  expect_refused("  - {name: a, type: linear_reader, port: pl.99}\n",
                 "6:42: cannot connect a.port to noc.pl.99");
  expect_refused("  - {name: a, type: uart, port: pl.3}\n", "6:33: cannot connect a.port to noc.pl.3");
  expect_refused("  - {name: a, type: strided_reader, port: pl.3, stride: 1000 B}\n",
                 "6:5: cannot build 'a': stride 1 kB is not a multiple");
  expect_refused("  a: {type: linear_reader}\n", "6:3: traffic takes a list, not a map");
}

TEST_F(TrafficScenarios, AWrongTraceIsRefusedWithItsPlace) {
  write_file(folder_ / "trace.txt", "0x800000000 READ 100\n0x800000040 SCRUB 200\n");
  CommandResult result =
      run(with_traffic("  - {name: a, type: trace_replay, port: pl.3, file: trace.txt}\n"));
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr(folder_ / "trace.txt:2: 'SCRUB' is no operation"));
}

}  // namespace
}  // namespace vesper::test
