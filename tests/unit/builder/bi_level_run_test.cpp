// Sparse-Dysta's two levels through the whole platform, at their published figures: what the outputs tell.
#include <gmock/gmock.h>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

class TwoLevels : public ::testing::Test {
 protected:
  void run(const std::vector<std::string>& overrides = {}) {
    const std::string source = VESPER_SOURCE_DIR "/scenarios/";
    write_file(folder / "s.yaml", "include: [" + source + "demo/camera_and_lidar.yaml, " + source +
                                      "platforms/dysta_block.yaml]\nrun: {until: 60 ms}\n");
    std::vector<std::string> arguments{"run", folder / "s.yaml", "--out", folder / "out"};
    for (const std::string& assignment : overrides) arguments.insert(arguments.end(), {"--set", assignment});
    CommandResult result = run_vesper(arguments);
    ASSERT_EQ(result.status, 0) << result.err;
    decisions = read_csv(folder / "out/decisions.csv");
    jobs = read_csv(folder / "out/jobs.csv");
  }
  TemporaryFolder folder;
  std::vector<std::map<std::string, std::string>> decisions, jobs;
};

TEST_F(TwoLevels, ReleasesPassThroughFirmwareAndFeedbackDoesNot) {
  run();
  size_t releases = 0;
  for (auto& decision : decisions) {
    bool by_release = decision["cause"] == "release";
    EXPECT_EQ(decision["policy_s"].empty(), !by_release);
    if (!by_release) {
      // Up to two jobs: feedback 2, two scores 19, instruction 2, an entry freed 1, at 5 ns; 2 more on the
      // way.
      EXPECT_LE(picoseconds(decision["total_s"]), 26 * 5000 + 5000);
      continue;
    }
    ++releases;
    int64_t sum = 0;
    for (const char* part : {"trigger_to_interrupt_s", "interrupt_to_vector_s", "vector_to_policy_s",
                             "policy_s", "policy_to_instruction_s"}) {
      EXPECT_GE(picoseconds(decision[part]), 0) << part;
      sum += picoseconds(decision[part]);
    }
    EXPECT_EQ(sum, picoseconds(decision["total_s"]));
    EXPECT_GT(picoseconds(decision["policy_s"]), 0) << "the static score";
  }
  EXPECT_GT(releases, 0U);
}

TEST_F(TwoLevels, AFifoOfOneHoldsJobsBackAndLosesNone) {
  run({"scheduler.queue_capacity=1"});
  std::map<std::string, int> started;
  for (auto& decision : decisions) {
    if (decision["region"] == "0") {
      EXPECT_EQ(std::stoi(decision["job"]), started[decision["task"]]++);
    }
    EXPECT_EQ(decision["preempt"], "0") << "there is never another job in the queue";
  }
  EXPECT_GE(started["camera"], 2);
  EXPECT_GE(started["lidar"], 3);
}

}  // namespace
}  // namespace vesper::test
