// Bandwidth of readers and writers in programmable logic against a VCK190, measured by users of the board:
// one reader 12.9 GB/s, two 10.1 GB/s each, two and a writer 7.4 GB/s each. Scenarios at their defaults.
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Le;

class Board : public ::testing::Test {
 protected:
  /// GB/s of each generator over the run.
  std::vector<double> rates(const std::string& scenario, std::vector<std::string> settings = {}) {
    std::vector<std::string> arguments{"run", "scenarios/bandwidth/" + scenario, "--out", folder_ / "out"};
    for (std::string& setting : settings) arguments.insert(arguments.end(), {"--set", std::move(setting)});
    CommandResult result = run_vesper(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    auto summary = read_summary(folder_ / "out");
    std::vector<double> found;
    for (const auto& task : summary["memory"]["ddr"][0]["tasks"]) {
      double bytes = task["read_bytes"].get<double>() + task["write_bytes"].get<double>();
      found.push_back(bytes / summary["simulated_s"].get<double>() / 1e9);
    }
    return found;
  }
  TemporaryFolder folder_;
};

auto within_a_tenth(double of) { return Each(AllOf(Ge(0.9 * of), Le(1.1 * of))); }

TEST_F(Board, OneReader) {
  std::vector<double> found = rates("board_one_reader.yaml");
  EXPECT_EQ(found.size(), 1U);
  EXPECT_THAT(found, within_a_tenth(12.9));
}

TEST_F(Board, TwoReadersAndAWriter) {
  std::vector<double> found = rates("board_two_readers_and_a_writer.yaml");
  EXPECT_EQ(found.size(), 3U);
  EXPECT_THAT(found, within_a_tenth(7.4));
}

// How two linear streams lie in the banks is not known of the board; its figure lies between the extremes.
TEST_F(Board, TwoReadersDependOnHowTheirStreamsLieInTheBanks) {
  std::vector<double> means;
  for (uint64_t offset = 0; offset < 8; ++offset) {
    std::string base = "traffic.second.base=" + std::to_string(0x810000000 + offset * 16384);
    std::vector<double> found = rates("board_two_readers.yaml", {base, "run.until=200 us"});
    ASSERT_EQ(found.size(), 2U);
    means.push_back((found[0] + found[1]) / 2);
  }
  auto [least, most] = std::minmax_element(means.begin(), means.end());
  EXPECT_LT(*least, 10.1);
  EXPECT_GT(*most, 10.1);
}

}  // namespace
}  // namespace vesper::test
