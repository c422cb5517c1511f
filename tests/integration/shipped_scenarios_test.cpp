// Every shipped scenario: runs, leaves the same bytes twice, and decides alike wherever its scheduler runs.
#include <gmock/gmock.h>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

namespace fs = std::filesystem;

class ShippedScenario : public ::testing::TestWithParam<std::string> {
 protected:
  /// Runs the scenario with zero-cost schedulers; the decisions without the columns that tell of a
  /// placement's own ways.
  std::vector<std::string> decisions_at_no_cost(const std::string& placement) {
    std::string source = VESPER_SOURCE_DIR;
    std::string scenario = folder_ / "zero.yaml";
    write_file(scenario, "include: [" + source + "/" + GetParam() + ", " + source + "/scenarios/platforms/" +
                             zero_cost() + "]\n");
    std::string out = folder_ / placement;
    std::vector<std::string> arguments{"run", scenario, "--placement", placement, "--out", out};
    if (serves()) add_exact_clocks(arguments, placement);
    CommandResult result = run_vesper(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    std::vector<std::string> decisions;
    for (auto& row : read_csv(fs::path(out) / "decisions.csv")) {
      std::string line;
      for (const char* column :
           {"task", "job", "region", "preempt", "resume", "previous_task", "previous_job", "instruction_s"}) {
        line += row.at(column) + " ";
      }
      decisions.push_back(line);
    }
    // Which of two accelerators' schedulers comes first within a picosecond means nothing.
    if (spatial()) std::ranges::sort(decisions);
    return decisions;
  }

  static const char* zero_cost() {
    if (woven()) return "npu_zero_cost.yaml";
    return spatial() ? "ssr_zero_cost.yaml" : "zero_cost.yaml";
  }

  /// Several accelerators with a scheduler each, of which none has a static level.
  static bool spatial() {
    return read_file(fs::path(VESPER_SOURCE_DIR) / GetParam()).find("platforms/ssr_") != std::string::npos ||
           GetParam().starts_with("scenarios/ssr/");
  }

  /// Scheduled ahead of time by a host, which no hardware does.
  static bool woven() {
    return read_file(fs::path(VESPER_SOURCE_DIR) / GetParam()).find("platforms/npu_") != std::string::npos;
  }

  /// Has requests, which come at any picosecond; of its ideal placement the clocks are that fine already.
  static bool serves() {
    return read_file(fs::path(VESPER_SOURCE_DIR) / GetParam()).find("\nrequests:") != std::string::npos;
  }
  /// Firmware's timer ticks in whole picoseconds, at most 2^32 times a second.
  static void add_exact_clocks(std::vector<std::string>& arguments, const std::string& placement) {
    auto set = [&](const char* assignment) { arguments.insert(arguments.end(), {"--set", assignment}); };
    set("scheduler.queue_capacity=512");
    if (placement != "ideal") set("job_release.clock=1000 GHz");
    if (placement == "hardware" || placement == "bi_level") set("scheduler_block.clock=1000 GHz");
    if (placement == "software" || placement == "bi_level") set("timer.clock=4 GHz");
  }

  TemporaryFolder folder_;
};

TEST_P(ShippedScenario, LeavesTheSameBytesTwice) {
  for (const char* out : {"first", "second"}) {
    CommandResult result = run_vesper(
        {"run", GetParam(), "--out", folder_ / out, "--vcd=all", "--steps", "--timeline", "--bandwidth"});
    ASSERT_EQ(result.status, 0) << result.err;
  }
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "first")) {
    fs::path name = entry.path().filename();
    if (name == "performance.json") continue;
    ++files;
    EXPECT_EQ(read_file(entry.path()), read_file(folder_.path() / "second" / name)) << name;
  }
  EXPECT_GE(files, 8U);
}

TEST_P(ShippedScenario, DecidesAlikeInAllPlacementsWhenSchedulingIsFree) {
  std::vector<std::string> ideal = decisions_at_no_cost("ideal");
  bool has_tasks = read_file(folder_ / "ideal/effective.yaml").find("tasks:\n  []") == std::string::npos;
  ASSERT_NE(ideal.empty(), has_tasks || serves());
  EXPECT_EQ(decisions_at_no_cost("software"), ideal);
  if (woven()) return;
  EXPECT_EQ(decisions_at_no_cost("hardware"), ideal);
  if (spatial()) return;
  EXPECT_EQ(decisions_at_no_cost("bi_level"), ideal);
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name;
  for (char c : info.param) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Shipped, ShippedScenario, ::testing::ValuesIn(shipped_scenarios()), test_name);

}  // namespace
}  // namespace vesper::test
