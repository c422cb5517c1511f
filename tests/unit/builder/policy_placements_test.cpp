// What policies know of tasks (estimates of their regions, weights) reaches them in every placement.
#include <gmock/gmock.h>

#include <set>

#include "tests/support/command.h"
#include "tests/unit/builder/tiny_platform.h"

namespace vesper::test {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kPlacements[] = {"software", "hardware", "bi_level", "ideal"};

class PolicyPlacements : public ::testing::Test {
 protected:
  void SetUp() override {
    network("early", {40, 1});  // most of its work in the first layer
    network("late", {1, 40});   // in the last
    network("middle", {10});
    network("deep", {3, 9, 3, 1, 14, 2});
    network("wide", {11, 11, 11});
  }
  void network(const std::string& name, const std::vector<int>& depths) {
    std::string text = "name: " + name + "\nlayers:\n";
    for (int depth : depths) text += "  - {matmul: [1, " + std::to_string(depth) + ", 1]}\n";
    write_file(folder / (name + ".yaml"), text);
  }
  /// On a platform without cost, of clocks whose edges firmware's timer meets.
  void write(const Lines& tasks) {
    write_file(folder / "s.yaml",
               kTinyPlatformWithoutCosts +
                   "run: {until: 4 ms}\nscheduler: {granularity: layer, queue_capacity: 512}\n"
                   "timer: {clock: 1 GHz}\n" +
                   task_list(tasks));
  }
  /// Every decision: who, and when.
  Lines decisions(const std::string& policy, const std::string& placement, bool with_times = true,
                  const std::string& scenario = "s.yaml") {
    CommandResult result = run_vesper({"run", folder / scenario, "--placement", placement, "--set",
                                       "scheduler.policy=" + policy, "--out", folder / "out"});
    EXPECT_EQ(result.status, 0) << result.err;
    Lines lines;
    for (auto& row : read_csv(folder / "out/decisions.csv")) {
      std::string line = row.at("task") + '#' + row.at("job") + '.' + row.at("region");
      lines.push_back(with_times ? line + " at " + row.at("instruction_s") : line);
    }
    return lines;
  }
  /// Four tasks that together want more than there is, so that queues build up.
  void write_overload() {
    write({"name: a, model: deep.yaml, period: 7001 ns, deadline: 40 us, weight: 9",
           "name: b, model: wide.yaml, period: 8009 ns, deadline: 15 us, weight: 3",
           "name: c, model: late.yaml, period: 9013 ns, deadline: 90 us, offset: 77 ns",
           "name: d, model: middle.yaml, period: 11003 ns, deadline: 12 us, weight: 3"});
  }

  TemporaryFolder folder;
};

TEST_F(PolicyPlacements, SjfCountsTheWorkThatIsReallyLeft) {
  for (const char* placement : kPlacements) {
    SCOPED_TRACE(placement);
    const std::string middle =
        "name: middle, model: middle.yaml, arrival: trace, times: [1 us], deadline: 1 ms";
    // Of the first job 61 cycles are left after its first layer, of the other 241.
    write({"name: first, model: early.yaml, arrival: trace, times: [0 s], deadline: 1 ms", middle});
    EXPECT_THAT(decisions("sjf", placement, false),
                ::testing::ElementsAre("first#0.0", "first#0.1", "middle#0.0"));
    // Here 841 are left, of the other 783; equal shares of the first job's time would leave 451.
    write({"name: first, model: late.yaml, arrival: trace, times: [0 s], deadline: 1 ms",
           "name: wide, model: wide.yaml, arrival: trace, times: [100 ns], deadline: 1 ms"});
    EXPECT_THAT(decisions("sjf", placement, false),
                ::testing::ElementsAre("first#0.0", "wide#0.0", "wide#0.1", "wide#0.2", "first#0.1"));
  }
}

TEST_F(PolicyPlacements, WeightsArrive) {
  for (const char* placement : kPlacements) {
    SCOPED_TRACE(placement);
    for (const char* policy : {"prema", "planaria"}) {
      SCOPED_TRACE(policy);
      auto second = [&](const std::string& weight_of_b) {
        write({"name: first, model: middle.yaml, arrival: trace, times: [0 s], deadline: 1 ms",
               "name: a, model: middle.yaml, arrival: trace, times: [100 ns], deadline: 100 us",
               "name: b, model: wide.yaml, arrival: trace, times: [100 ns], deadline: 150 us" + weight_of_b});
        return decisions(policy, placement, false).at(1);
      };
      EXPECT_EQ(second(""), "a#0.0");
      EXPECT_EQ(second(", weight: 1"), "a#0.0");
      EXPECT_EQ(second(", weight: 9"), "b#0.0");
      EXPECT_EQ(second(", weight: 1000000"), "b#0.0");
    }
  }
}

class SameDecisions : public PolicyPlacements, public ::testing::WithParamInterface<const char*> {};

TEST_P(SameDecisions, InEveryPlacementTimesIncluded) {
  write_overload();
  Lines expected = decisions(GetParam(), "ideal");
  ASSERT_GT(expected.size(), 500U);
  EXPECT_EQ(decisions(GetParam(), "hardware"), expected);
  EXPECT_EQ(decisions(GetParam(), "bi_level"), expected);
  EXPECT_EQ(decisions(GetParam(), "software"), expected);
}

INSTANTIATE_TEST_SUITE_P(EveryPolicy, SameDecisions,
                         ::testing::Values("fcfs", "sjf", "prema", "planaria", "sdrm3", "dysta", "oracle"),
                         [](const auto& policy) { return std::string(policy.param); });

TEST_P(SameDecisions, WithAQueueTooSmallForTheLoad) {
  write_overload();
  write_file(folder / "small.yaml", "include: s.yaml\nscheduler: {queue_capacity: 3}\n");
  Lines expected = decisions(GetParam(), "ideal", true, "small.yaml");
  ASSERT_GT(expected.size(), 500U);
  EXPECT_NE(expected, decisions(GetParam(), "ideal"));
  EXPECT_EQ(decisions(GetParam(), "hardware", true, "small.yaml"), expected);
  EXPECT_EQ(decisions(GetParam(), "bi_level", true, "small.yaml"), expected);
  EXPECT_EQ(decisions(GetParam(), "software", true, "small.yaml"), expected);
}

// Else the tests above would compare nothing. In fixed memory the estimates are the truth, so that the
// oracle has nothing over Dysta.
TEST_F(PolicyPlacements, PoliciesDecideDifferently) {
  write_overload();
  std::set<Lines> seen;
  for (const char* policy : {"fcfs", "sjf", "prema", "planaria", "sdrm3", "dysta"}) {
    EXPECT_TRUE(seen.insert(decisions(policy, "ideal")).second) << policy;
  }
  EXPECT_TRUE(seen.contains(decisions("oracle", "ideal")));
}

}  // namespace
}  // namespace vesper::test
