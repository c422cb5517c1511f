// Wrong scenarios: each file of bad/ names in its first lines the exit status and what the message must say.
#include <gmock/gmock.h>

#include <sstream>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> bad_scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(VESPER_SOURCE_DIR) / "tests/integration/bad")) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

struct Expectation {
  int status = 0;
  std::string says;
};

Expectation expectation_of(const std::string& text) {
  Expectation expected;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && line.starts_with("# ");) {
    if (line.starts_with("# status: ")) expected.status = std::stoi(line.substr(10));
    if (line.starts_with("# says: ")) expected.says = line.substr(8);
  }
  return expected;
}

class BadInput : public ::testing::TestWithParam<std::string> {};

TEST_P(BadInput, IsRefusedWithPlaceAndRemedyAndLeavesNothing) {
  TemporaryFolder folder;
  std::string scenario = "tests/integration/bad/" + GetParam() + ".yaml";
  Expectation expected = expectation_of(read_file(fs::path(VESPER_SOURCE_DIR) / scenario));
  ASSERT_FALSE(expected.says.empty());
  CommandResult result = run_vesper({"run", scenario, "--out", folder / "out"});
  EXPECT_EQ(result.status, expected.status) << result.err;
  EXPECT_THAT(result.err, ::testing::HasSubstr(expected.says));
  EXPECT_THAT(result.err, ::testing::HasSubstr("vesper: "));
  EXPECT_FALSE(fs::exists(folder.path() / "out" / "summary.json"));
  for (const auto& left : fs::directory_iterator(folder.path())) {
    EXPECT_TRUE(left.path().filename() == "out" && fs::is_empty(left.path())) << left.path();
  }
}

TEST_P(BadInput, IsFoundByValidateUnlessOnlyARunCanFindIt) {
  std::string scenario = "tests/integration/bad/" + GetParam() + ".yaml";
  Expectation expected = expectation_of(read_file(fs::path(VESPER_SOURCE_DIR) / scenario));
  CommandResult result = run_vesper({"validate", scenario});
  if (expected.status != 2) {
    EXPECT_EQ(result.status, 0) << result.err;
    return;
  }
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, ::testing::HasSubstr(expected.says));
}

INSTANTIATE_TEST_SUITE_P(Scenarios, BadInput, ::testing::ValuesIn(bad_scenarios()),
                         [](const auto& scenario) { return scenario.param; });

TEST(BadFirmware, TruncatedElfIsRefused) {
  TemporaryFolder folder;
  std::string elf = read_file(fs::path(VESPER_FIRMWARE_DIR) / "scheduler.elf");
  for (size_t bytes : {size_t{0}, size_t{3}, size_t{40}, size_t{100}, elf.size() / 2, elf.size() - 1}) {
    write_file(folder / "cut.elf", elf.substr(0, bytes));
    CommandResult result = run_vesper({"run", "scenarios/demo/camera_and_lidar_software.yaml", "--out",
                                       folder / "out", "--set", "cpu.firmware=" + (folder / "cut.elf")});
    EXPECT_EQ(result.status, 2) << bytes << " bytes: " << result.err;
    EXPECT_THAT(result.err, ::testing::HasSubstr("cut.elf"));
  }
}

TEST(BadFirmware, WrongBootInformationPanicsWithTheFirmwaresMessage) {
  TemporaryFolder folder;
  // A counter of 300 MHz has no whole number of picoseconds a tick.
  CommandResult result = run_vesper({"run", "scenarios/demo/camera_and_lidar_software.yaml", "--out",
                                     folder / "out", "--set", "timer.clock=300 MHz"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, ::testing::HasSubstr("boot information: the counter's period"));
}

// The tables begin where the CPU's memory ends: here within the stack.
TEST(BadFirmware, TablesInTheStackPanicWithTheFirmwaresMessage) {
  TemporaryFolder folder;
  CommandResult result = run_vesper({"run", "scenarios/demo/camera_and_lidar_software.yaml", "--out",
                                     folder / "out", "--set", "cpu.memory_size=956 KiB"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, ::testing::HasSubstr("boot information: estimates lie in firmware's own memory"));
}

}  // namespace
}  // namespace vesper::test
