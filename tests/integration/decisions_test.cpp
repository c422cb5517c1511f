// Where a decision's time goes.
#include <gmock/gmock.h>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

TEST(Decisions, PartsOfEverySoftwareDecisionAddUpExactly) {
  TemporaryFolder folder;
  CommandResult result =
      run_vesper({"run", "scenarios/demo/camera_and_lidar_software.yaml", "--out", folder / "out"});
  ASSERT_EQ(result.status, 0) << result.err;
  auto rows = read_csv(folder / "out/decisions.csv");
  ASSERT_GT(rows.size(), 100U);
  for (auto& row : rows) {
    int64_t sum = 0;
    for (const char* part : {"trigger_to_interrupt_s", "interrupt_to_vector_s", "vector_to_policy_s",
                             "policy_s", "policy_to_instruction_s"}) {
      ASSERT_FALSE(row.at(part).empty()) << part << " of decision " << row.at("decision");
      int64_t picoseconds_of_part = picoseconds(row.at(part));
      EXPECT_GE(picoseconds_of_part, 0) << part << " of decision " << row.at("decision");
      sum += picoseconds_of_part;
    }
    EXPECT_EQ(sum, picoseconds(row.at("total_s"))) << "decision " << row.at("decision");
    EXPECT_EQ(sum, picoseconds(row.at("instruction_s")) - picoseconds(row.at("trigger_s")));
  }
}

TEST(Decisions, HardwareDecidesFasterThanSoftware) {
  TemporaryFolder folder;
  int64_t total[2] = {0, 0};
  for (int i = 0; i < 2; ++i) {
    const char* scenario =
        i == 0 ? "scenarios/demo/camera_and_lidar.yaml" : "scenarios/demo/camera_and_lidar_software.yaml";
    ASSERT_EQ(run_vesper({"run", scenario, "--out", folder / "out"}).status, 0);
    for (auto& row : read_csv(folder / "out/decisions.csv")) total[i] += picoseconds(row.at("total_s"));
  }
  EXPECT_LT(total[0], total[1]);
}

TEST(Decisions, PreemptionWithinLayersSavesTheLidarsDeadlines) {
  TemporaryFolder folder;
  EXPECT_EQ(
      run_vesper({"run", "scenarios/demo/camera_and_lidar.yaml", "--out", folder / "a", "--fail-on", "miss"})
          .status,
      0);
  EXPECT_EQ(run_vesper({"run", "scenarios/demo/camera_and_lidar_layerwise.yaml", "--out", folder / "b",
                        "--fail-on", "miss"})
                .status,
            3);
}

}  // namespace
}  // namespace vesper::test
