// The micro-architecture `dysta`, cycle by cycle. With look-up 1, conversion 1, multiplication 3, addition 3
// and comparison 1 a coefficient takes 1 + 1 + 2 x 3 = 8 cycles and a score 1 + 1 + 6 + 3 + 3 + 3 + 1 = 18.
#include "schedulers/policy/estimates.h"
#include "tests/unit/scheduler/scheduler_bench.h"

namespace vesper::scheduler {
namespace {

using test::RecordingObserver;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr uint32_t kOutputs = 1000;
constexpr Cycles kGamma = 8, kScore = 18;

class DystaBlock : public test::SchedulerBench {
 protected:
  explicit DystaBlock(std::vector<std::string> traced = {}) : SchedulerBench(std::move(traced)) {
    adjust = [this](core::Environment& environment) { add_estimates(environment); };
  }
  void make_dysta(const std::vector<uint32_t>& regions, uint32_t capacity = 512) {
    make(regions, {.micro_architecture = "dysta", .compute_unit = unit}, "dysta", capacity);
  }
  /// `policy::dysta` parameters by name.
  std::map<std::string, double> set;
  ComputeUnit unit;

 private:
  void add_estimates(core::Environment& environment) {
    for (core::TaskInfo& task : environment.tasks) {
      std::vector<policy::RegionEstimate> table(task.regions, {1e-3, 0, 1e-3, 0, 0.5, kOutputs});
      policy::sum_up(table.data(), task.regions);
      task.estimates = std::make_shared<const std::vector<policy::RegionEstimate>>(std::move(table));
    }
    const policy::PolicyInfo& info = *policy::find_policy(environment.policy.name.c_str());
    for (size_t i = 0; i < info.parameter_count; ++i) {
      auto given = set.find(info.parameters[i].name);
      environment.policy.parameters.push_back(given != set.end() ? given->second
                                                                 : info.parameters[i].default_value);
    }
  }
};

TEST_F(DystaBlock, ScoresAnArrivalAndTheQueueOfOne) {
  make_dysta({2});
  release_at(10, 0, ms(1).ps);  // seen at once, for the controller does not poll
  run_until(edge(100));
  EXPECT_THAT(issued, ElementsAre(Issued{10 + (1 + kScore + 1) + (kScore + 2), 0, 0, 0}));
}

TEST_F(DystaBlock, ALastRegionFreesItsEntry) {
  make_dysta({1});
  release_at(11, 0, ms(1).ps);
  run_until(edge(100));
  EXPECT_THAT(issued, ElementsAre(Issued{11 + 20 + kScore + 2 + 1, 0, 0, 0}));
}

/// Cycles from the feedback at edge 3000 to the instruction, with `jobs` in the queue.
class FromFeedback : public DystaBlock {
 protected:
  Cycles measure(uint32_t jobs) {
    make_dysta({9});
    for (uint32_t i = 0; i < jobs; ++i) release_at(10, 0, ms(10).ps);
    agenda.at(edge(3000), [this] { EXPECT_EQ(give_feedback(), tlm::TLM_OK_RESPONSE); });
    run_until(edge(5000));
    EXPECT_THAT(issued, SizeIs(2));
    return issued.back().cycle - 3000;
  }
};

TEST_F(FromFeedback, OneJob) { EXPECT_EQ(measure(1), (1 + kGamma + 1) + (kScore + 2)); }
TEST_F(FromFeedback, SixtyFourJobs) { EXPECT_EQ(measure(64), (1 + kGamma + 1) + (kScore + 63 + 2)); }
TEST_F(FromFeedback, AnIntervalOfTwo) {
  unit.initiation_interval = 2;
  EXPECT_EQ(measure(64), (1 + kGamma + 1) + (kScore + 2 * 63 + 2));
}
TEST_F(FromFeedback, OtherOperators) {
  unit = {.look_up = 2, .convert = 3, .multiply = 5, .add = 7, .compare = 4, .initiation_interval = 1};
  EXPECT_EQ(measure(1), (1 + (2 + 3 + 10) + 1) + (2 + 3 + 12 + 7 + 5 + 7 + 4) + 2);
}
TEST_F(FromFeedback, AMeanOfThreeHasOneCoefficientSoFar) {
  set["predictor"] = 1;
  EXPECT_EQ(measure(1), (1 + kGamma + 1) + (kScore + 2));
}

TEST_F(DystaBlock, MeansAddTheirTerms) {
  set["predictor"] = 1;  // last_n, of three
  make_dysta({9});
  run_time = [](const Issued&) { return 100; };
  release_at(10, 0, ms(10).ps);
  run_until(edge(10'000));
  ASSERT_THAT(issued, SizeIs(9));
  auto took = [&](size_t i) { return issued[i].cycle - issued[i - 1].cycle - 100; };
  EXPECT_EQ(took(1), 1 + kGamma + 1 + kScore + 2);
  EXPECT_EQ(took(2), 1 + kGamma + (3 + 3) + 1 + kScore + 2);
  EXPECT_EQ(took(3), 1 + kGamma + (2 * 3 + 3) + 1 + kScore + 2);
  EXPECT_EQ(took(4), took(3));
  EXPECT_EQ(took(8), took(3) + 1) << "the last region frees its entry";
}

TEST_F(DystaBlock, AnOrderedQueuePassesTheUnitAsWell) {
  make({1, 1, 1}, {.micro_architecture = "dysta"}, "edf");
  run_time = [](const Issued&) { return 500; };
  for (uint16_t task = 0; task < 3; ++task) release_at(10, task, ms(1).ps + task);
  run_until(edge(5000));
  // Releases of 2 cycles each, then three entries, two, one.
  EXPECT_THAT(issued,
              ElementsAre(Issued{10 + 6 + kScore + 2 + 3, 0, 0, 0}, Issued{539 + 2 + kScore + 1 + 3, 1, 0, 0},
                          Issued{539 + 24 + 500 + 2 + kScore + 3, 2, 0, 0}));
}

TEST_F(DystaBlock, TakesReleasesWhileTheAcceleratorWorks) {
  make_dysta({9, 1, 1});
  run_time = [](const Issued&) { return 500; };
  release_at(10, 0, ms(10).ps);
  release_at(100, 1, ms(10).ps);
  release_at(100, 2, ms(10).ps);
  run_until(edge(200));
  EXPECT_EQ(cpu.read32(0x0C), 3U);
  run_until(edge(700));
  EXPECT_THAT(issued, SizeIs(2));
  EXPECT_EQ(issued[1].cycle, 50U + 500 + 10 + kScore + 2 + 2 + 1);
}

TEST_F(DystaBlock, AFullFifoLeavesRequestsInTheirReleaseFifos) {
  make_dysta({2, 2}, 1);
  run_time = [](const Issued&) { return 300; };
  for (uint16_t task = 0; task < 2; ++task) release_at(10, task, ms(10).ps);
  run_until(edge(200));
  EXPECT_EQ(releases.waiting(1), 1U);
  run_until(edge(5000));
  EXPECT_EQ(releases.waiting(1), 0U);
  EXPECT_THAT(issued, SizeIs(4)) << "nothing is lost";
}

class DystaWaves : public DystaBlock {
 protected:
  DystaWaves() : DystaBlock({"scheduler.scores", "scheduler.gamma", "scheduler.chosen", "scheduler.full"}) {}
};

// Regions of 1 ms on average; the first shows 600 zeros of 1000 where half are expected: gamma 0.4 / 0.5.
TEST_F(DystaWaves, ShowScoresGammaAndTheChosenRequest) {
  set["eta"] = 0;  // the score is the time left
  monitor = 600;
  make_dysta({3, 1}, 2);
  release_at(10, 0, ms(10).ps);
  release_at(60, 1, ms(10).ps);
  run_time = [](const Issued&) { return 300; };
  run_until(edge(600));
  using Change = RecordingObserver::Change;
  EXPECT_THAT(
      observer.changes["scheduler.scores"],
      ElementsAre(Change{edge(50), "0:0=0.003"}, Change{edge(50 + 300 + 10 + 22), "0:0=0.0016 1:0=0.001"}));
  EXPECT_THAT(observer.changes["scheduler.gamma"],
              ElementsAre(Change{edge(50), ""}, Change{edge(382), "0:0=0.8"}));
  EXPECT_THAT(observer.changes["scheduler.chosen"],
              ElementsAre(Change{edge(50), "0:0"}, Change{edge(382), "1:0"}));
  ASSERT_THAT(observer.changes["scheduler.full"], SizeIs(3));
  EXPECT_EQ(observer.changes["scheduler.full"][1].value, "1");
  EXPECT_EQ(observer.changes["scheduler.full"][2], (Change{edge(382), "0"}));
}

}  // namespace
}  // namespace vesper::scheduler
