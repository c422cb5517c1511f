/// The policies that weigh jobs at each decision: SJF, PREMA, Planaria, SDRM3, Dysta and the oracle.
#include <cmath>

#include "platform/property/random.h"
#include "schedulers/policy/dysta_score.h"
#include "schedulers/policy/estimates.h"
#include "tests/unit/policy/policy_fixture.h"

namespace vesper::policy {
namespace {

constexpr Time kMs = 1'000'000'000;  // picoseconds
constexpr uint32_t kOutputs = 1000;

/// Regions of given milliseconds, half of their outputs zero on average; `pattern` scales the pattern's own
/// times.
std::vector<RegionEstimate> table(std::initializer_list<double> ms, double pattern = 1) {
  std::vector<RegionEstimate> estimates;
  for (double one : ms) estimates.push_back({one * 1e-3, 0, one * 1e-3 * pattern, 0, 0.5, kOutputs});
  sum_up(estimates.data(), static_cast<uint32_t>(estimates.size()));
  return estimates;
}

TaskParameters task(const std::vector<RegionEstimate>& estimates, uint32_t weight = 1) {
  TaskParameters parameters;
  parameters.regions = static_cast<uint32_t>(estimates.size());
  parameters.weight = weight;
  parameters.estimates = estimates.data();
  return parameters;
}

uint16_t chosen(Scheduler& scheduler, Time now) {
  Instruction instruction;
  EXPECT_TRUE(scheduler->next(now, instruction));
  return instruction.task;
}

TEST(Estimates, TimeLeftIsSummedFromTheEnd) {
  std::vector<RegionEstimate> estimates = table({1, 2, 4}, 2);
  EXPECT_DOUBLE_EQ(estimates[0].left, 7e-3);
  EXPECT_DOUBLE_EQ(estimates[2].left, 4e-3);
  EXPECT_DOUBLE_EQ(estimates[1].pattern_left, 12e-3);
}

TEST(Estimates, WithoutATableTheIsolatedEstimateIsSpreadEvenly) {
  Job job;
  job.regions = 4;
  job.next_region = 1;
  job.isolated_estimate = 8 * kMs;
  EXPECT_DOUBLE_EQ(left(job), 6e-3);
  EXPECT_DOUBLE_EQ(next_latency(job), 2e-3);
}

TEST(Estimates, WaitedIsTheTimeWithoutExecution) {
  auto estimates = table({1, 1, 1});
  Scheduler scheduler("sjf", {task(estimates)});
  scheduler->release(0, 0, 10 * kMs, 100 * kMs);
  Instruction instruction;
  scheduler->next(12 * kMs, instruction);
  scheduler->region_done({15 * kMs, 0});
  const Job& job = scheduler->jobs()[scheduler->policy().queued(0)];
  EXPECT_EQ(job.executed, 3 * kMs);
  EXPECT_DOUBLE_EQ(waited(job, 20 * kMs), 7e-3);
  EXPECT_DOUBLE_EQ(idle(job, 20 * kMs), 5e-3);
}

TEST(Sjf, LooksAnewAtEachBoundary) {
  auto longer = table({6, 2}), shorter = table({3, 3});
  Scheduler scheduler("sjf", {task(longer), task(shorter)});
  scheduler->release(0, 0, 0, 100 * kMs);
  EXPECT_EQ(chosen(scheduler, 0), 0);
  scheduler->release(1, 0, kMs, 100 * kMs);
  scheduler->region_done({6 * kMs, 0});
  EXPECT_EQ(chosen(scheduler, 6 * kMs), 0);  // 2 ms left against 6
  scheduler->region_done({8 * kMs, 0});
  EXPECT_EQ(chosen(scheduler, 8 * kMs), 1);
}

TEST(Planaria, OverdueJobsGoLast) {
  auto any = table({1, 1});
  Scheduler scheduler("planaria", {task(any, 9), task(any, 1), task(any, 3)});
  scheduler->release(0, 0, 0, 5 * kMs);
  scheduler->release(1, 0, 0, 40 * kMs);
  scheduler->release(2, 0, 0, 100 * kMs);
  EXPECT_EQ(chosen(scheduler, kMs), 0);  // 9 / 4
  scheduler->region_done({10 * kMs, 0});
  EXPECT_EQ(chosen(scheduler, 10 * kMs), 1);  // overdue by 5; 1 / 30 against 3 / 90, a tie: the earlier
}

TEST(Planaria, ThePublishedScanTakesTheLastOfTheOverdue) {
  auto any = table({1, 1});
  Scheduler scheduler("planaria", {task(any), task(any), task(any)}, {{"published_scan", 1}});
  for (uint16_t i = 0; i < 3; ++i) scheduler->release(i, 0, 0, (i + 1) * kMs);
  EXPECT_EQ(chosen(scheduler, 10 * kMs), 2);
}

TEST(Sdrm3, UrgencyIsBoundedAndFairnessCountsIdleness) {
  auto small = table({1, 1}), large = table({10, 10});
  for (double alpha : {0.0, 1.0}) {
    Scheduler scheduler("sdrm3", {task(large), task(small)}, {{"alpha", alpha}});
    scheduler->release(0, 0, 0, 30 * kMs);
    scheduler->release(1, 0, 0, 400 * kMs);
    // Urgency 20/20 against 2/390; idle time over the next region 1 against 10.
    EXPECT_EQ(chosen(scheduler, 10 * kMs), alpha == 0 ? 0 : 1);
  }
}

TEST(Sdrm3, AnOverdueJobIsMostUrgentUnlessNegative) {
  auto any = table({1, 1});
  for (double negative : {0.0, 1.0}) {
    Scheduler scheduler("sdrm3", {task(any), task(any)}, {{"alpha", 0}, {"overdue", negative}});
    scheduler->release(0, 0, 0, 5 * kMs);
    scheduler->release(1, 0, 0, 14 * kMs);
    EXPECT_EQ(chosen(scheduler, 10 * kMs), negative == 0 ? 0 : 1);
  }
}

TEST(Prema, HighPriorityRunsFirstUntilOthersHaveGatheredTokens) {
  auto small = table({1, 1}), large = table({10, 10});
  Scheduler scheduler("prema", {task(small, 1), task(large, 9)});
  scheduler->release(0, 0, 0, 100 * kMs);
  scheduler->release(1, 0, 0, 100 * kMs);
  EXPECT_EQ(chosen(scheduler, 0), 1);  // tokens 1 and 9: the threshold is 9
  scheduler->region_done({16 * kMs, 0});
  EXPECT_EQ(chosen(scheduler, 16 * kMs), 0);  // 1 + 16/2 reach it as well, and less is left
}

TEST(Prema, AStretchOfWaitingCountsOnceOrAtEachDecision) {
  auto waiting = table({1, 1}), running = table({10, 10, 10});
  for (bool again : {false, true}) {
    Scheduler scheduler("prema", {task(waiting, 1), task(running, 9)}, {{"waiting", again ? 1 : 0}});
    scheduler->release(0, 0, 0, 100 * kMs);
    scheduler->release(1, 0, 0, 100 * kMs);
    EXPECT_EQ(chosen(scheduler, 0), 1);
    scheduler->region_done({6 * kMs, 0});
    EXPECT_EQ(chosen(scheduler, 6 * kMs), 1);  // 1 + 6/2 = 4
    scheduler->region_done({10 * kMs, 0});
    EXPECT_EQ(chosen(scheduler, 10 * kMs), again ? 0 : 1);  // 4 + 10/2 = 9, or 4 + 4/2 = 6
  }
}

TEST(Prema, NewJobsMayNotCountForTheThreshold) {
  auto small = table({1, 1}), large = table({10, 10});
  Scheduler scheduler("prema", {task(small, 1), task(large, 9)}, {{"count_new", 0}});
  scheduler->release(0, 0, 0, 100 * kMs);
  scheduler->release(1, 0, 0, 100 * kMs);
  EXPECT_EQ(chosen(scheduler, 0), 0);  // the threshold is 1: all are candidates
}

class DystaTest : public ::testing::Test {
 protected:
  /// Two jobs of one model; the first has run one region and showed `zeros`. Whether it goes on.
  static bool goes_on(uint32_t zeros, const Scheduler::Settings& set) {
    auto running = table({5, 5, 5}), other = table({5, 4});
    Scheduler scheduler("dysta", {task(running), task(other)}, set);
    scheduler->release(0, 0, 0, 1000 * kMs);
    EXPECT_EQ(chosen(scheduler, 0), 0);
    scheduler->release(1, 0, 0, 1000 * kMs);
    scheduler->region_done({5 * kMs, zeros});
    return chosen(scheduler, 5 * kMs) == 0;
  }
};

TEST_F(DystaTest, MoreZerosThanUsualMeanLessTime) {
  const Scheduler::Settings only_remaining{{"eta", 0}};
  EXPECT_FALSE(goes_on(500, only_remaining));  // 10 ms against 9
  EXPECT_TRUE(goes_on(600, only_remaining));   // 8 ms
  EXPECT_FALSE(goes_on(400, only_remaining));
  EXPECT_TRUE(goes_on(5000, only_remaining)) << "a reading beyond the outputs is all zeros";
}

TEST_F(DystaTest, PredictorsAverageOverTheirRegions) {
  auto run = table({1, 1, 1, 1, 10}), other = table({7.8, 0.1});
  auto goes_on = [&](double predictor, double last_n) {
    Scheduler scheduler("dysta", {task(run), task(other)},
                        {{"eta", 0}, {"predictor", predictor}, {"last_n", last_n}});
    scheduler->release(0, 0, 0, 1000 * kMs);
    for (uint32_t zeros : {1000U, 500U, 500U, 800U}) {  // gamma 0, 1, 1, 0.4
      Instruction instruction;
      EXPECT_TRUE(scheduler->next(0, instruction));
      scheduler->region_done({kMs, zeros});
    }
    scheduler->release(1, 0, 0, 1000 * kMs);
    return chosen(scheduler, kMs) == 0;
  };
  EXPECT_TRUE(goes_on(0, 3));   // 0.4: 4 ms against 7.9
  EXPECT_FALSE(goes_on(1, 3));  // 0.8: 8 ms
  EXPECT_TRUE(goes_on(1, 2));   // 0.7
  EXPECT_TRUE(goes_on(2, 3));   // 0.6
}

TEST_F(DystaTest, SlackWeighsAndMayBeClamped) {
  auto any = table({5, 5});
  for (bool clamp : {false, true}) {
    Scheduler scheduler("dysta", {task(any), task(any)},
                        {{"eta", 1}, {"waiting", 1}, {"clamp_slack", clamp ? 1 : 0}});
    scheduler->release(0, 0, 0, 12 * kMs);
    scheduler->release(1, 0, 0, 11 * kMs);
    EXPECT_EQ(chosen(scheduler, 10 * kMs), clamp ? 0 : 1);  // slack -8 and -9 ms: equal when clamped
  }
}

TEST_F(DystaTest, TheStaticScoreIsOfTheArrival) {
  auto large = table({10, 10}), small = table({8, 8});
  for (double beta : {0.0, 0.5}) {
    Scheduler scheduler("dysta", {task(large), task(small)}, {{"level", 1}, {"beta", beta}});
    scheduler->release(0, 0, 0, 40 * kMs);
    scheduler->release(1, 0, 0, 60 * kMs);
    EXPECT_EQ(chosen(scheduler, 0), beta == 0 ? 1 : 0);  // 20 and 16; 30 and 38
  }
}

TEST(Oracle, KnowsTheTrueTimes) {
  auto estimates = table({5, 5});
  const double truly_short[] = {4e-3, 2e-3}, truly_long[] = {20e-3, 10e-3};
  const TrueTimes first[] = {truly_long}, second[] = {truly_short};
  TaskParameters a = task(estimates), b = task(estimates);
  a.true_left = first;
  b.true_left = second;
  Scheduler scheduler("oracle", {a, b});
  scheduler->release(0, 0, 0, 100 * kMs);
  scheduler->release(1, 0, 0, 100 * kMs);
  EXPECT_EQ(chosen(scheduler, 0), 1);
}

template <class Number>
bool a_number(Number score) {
  auto value = static_cast<double>(score);
  return !std::isnan(value);
}

TEST(DystaScore, NoNanEntersAScore) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const double extremes[] = {
      0, 5e-324, 1e-300, 1e-9, 1, 6e4, 1e7, 1e300, std::numeric_limits<double>::max(), none};
  for (double eta : {0.0, 0.01, 1e3}) {
    for (bool clamp : {false, true}) {
      DystaScore<Half> half(1e3, eta, clamp);
      DystaScore<float> single(1e3, eta, clamp);
      DystaScore<double> exact(1e3, eta, clamp);
      for (double left : extremes) {
        for (double waited : extremes) {
          for (double isolated : extremes) {
            for (double to_deadline : {-1e300, -1e7, -1.0, 0.0, 1e7, none}) {
              for (uint32_t zeros : {0U, 5U, 10U}) {
                ScoreTerms terms{to_deadline, waited, isolated, 512};
                Half gamma = DystaScore<Half>::coefficient(zeros, 10, 0.999999);
                ASSERT_TRUE(a_number(half.score(half.remaining(gamma, left), terms)));
                double gamma64 = DystaScore<double>::coefficient(zeros, 10, 0.999999);
                ASSERT_TRUE(a_number(exact.score(exact.remaining(gamma64, left), terms)));
                float gamma32 = DystaScore<float>::coefficient(zeros, 10, 0.999999);
                ASSERT_TRUE(a_number(single.score(single.remaining(gamma32, left), terms)));
              }
            }
          }
        }
      }
    }
  }
}

/// Whatever is estimated and monitored, a job is chosen and each is ended.
TEST(DystaScore, HostileEstimatesLeaveAnOrder) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (double arithmetic : {0.0, 1.0, 2.0}) {
    for (double predictor : {0.0, 1.0, 2.0}) {
      for (double average : {0.0, 0.5, 1 - 1e-16, 1.0, 2.0, none}) {
        for (double latency : {0.0, 5e-324, 65504.0, 1e300, none}) {
          std::vector<RegionEstimate> hostile(3, {latency, latency, latency, latency, average, 10});
          std::vector<RegionEstimate> fair = table({1, 2, 3});
          Scheduler scheduler("dysta", {task(hostile, 1), task(fair, 1)},
                              {{"arithmetic", arithmetic}, {"predictor", predictor}, {"eta", 1000}});
          for (uint16_t i = 0; i < 2; ++i) ASSERT_TRUE(scheduler->release(i, 0, 0, 50));
          Instruction instruction;
          uint32_t regions = 0;
          for (Time now = 1; scheduler->next(now, instruction); ++now) {
            scheduler->region_done({now, regions % 2 == 0 ? 0xFFFF'FFFFU : 0U});
            ++regions;
          }
          EXPECT_EQ(regions, 6U);
        }
      }
    }
  }
}

TEST(DystaScore, FormatsAgreeToTheirPrecision) {
  SplitMix64 random(4);
  auto draw = [&](double most) { return most * static_cast<double>(random.up_to(1'000'000)) / 1e6; };
  for (int i = 0; i < 10'000; ++i) {
    ScoreTerms terms{draw(1), draw(1), 0.01 + draw(0.1), 1 + std::floor(draw(30))};
    double left = 0.001 + draw(0.1);
    auto zeros = static_cast<uint32_t>(random.up_to(kOutputs));
    auto score = [&]<class Number>(Number) {
      DystaScore<Number> unit(1, 0.01, true);
      return static_cast<double>(
          unit.score(unit.remaining(DystaScore<Number>::coefficient(zeros, kOutputs, 0.5), left), terms));
    };
    double exact = score(0.0);
    ASSERT_NEAR(score(0.0F), exact, 1e-6 * exact + 1e-9);
    ASSERT_NEAR(score(Half{}), exact, 5e-3 * exact + 1e-6);
  }
}

class WeighingPolicy : public ::testing::TestWithParam<const char*> {
 protected:
  static std::vector<TaskParameters> many_tasks(const std::vector<std::vector<RegionEstimate>>& tables) {
    std::vector<TaskParameters> tasks;
    for (size_t i = 0; i < tables.size(); ++i) tasks.push_back(task(tables[i], i % 3 == 0 ? 9 : 1));
    return tasks;
  }
  const std::vector<std::vector<RegionEstimate>> tables_{table({1, 2}), table({2, 1, 4}), table({9}),
                                                         table({3, 3, 3, 3})};
};

TEST_P(WeighingPolicy, HoldsAsManyJobsAsTheTableAndEndsThemAll) {
  Scheduler scheduler(GetParam(), many_tasks(tables_));
  for (uint32_t i = 0; i < kMaxJobs; ++i)
    ASSERT_TRUE(scheduler->release(static_cast<uint16_t>(i % 4), i, i, i + 50 * kMs));
  EXPECT_FALSE(scheduler->has_room());
  Time now = kMs;
  Instruction instruction;
  uint32_t regions = 0;
  for (; scheduler->next(now, instruction); ++regions) scheduler->region_done({now += kMs, 400});
  EXPECT_EQ(regions, kMaxJobs / 4 * (2 + 3 + 1 + 4));
  EXPECT_EQ(scheduler->jobs().used(), 0);
}

TEST_P(WeighingPolicy, AskingAgainAtTheSameTimeChangesNothing) {
  SplitMix64 random(6);
  Scheduler asked(GetParam(), many_tasks(tables_)), once(GetParam(), many_tasks(tables_));
  Time now = 0;
  for (uint32_t i = 0; i < 3000; ++i) {
    auto next_task = static_cast<uint16_t>(random.up_to(3));
    Time deadline = now + random.up_to(60) * kMs;
    if (random.up_to(9) < 2 && asked->has_room()) {
      asked->release(next_task, i, now, deadline);
      once->release(next_task, i, now, deadline);
    }
    for (int again = 0; again < 3; ++again) asked->policy().next(now);
    Instruction first, second;
    ASSERT_EQ(asked->next(now, first), once->next(now, second));
    ASSERT_EQ(first.job, second.job) << "decision " << i;
    now += (1 + random.up_to(3)) * kMs;
    if (asked->accelerator_idle()) continue;
    uint32_t zeros = static_cast<uint32_t>(random.up_to(kOutputs));
    asked->region_done({now, zeros});
    once->region_done({now, zeros});
  }
}

TEST_P(WeighingPolicy, EqualJobsKeepTheOrderOfAcceptance) {
  std::vector<TaskParameters> alike(4, task(tables_[2]));
  Scheduler scheduler(GetParam(), alike);
  for (uint16_t i : std::initializer_list<uint16_t>{2, 0, 3, 1}) scheduler->release(i, 0, 0, 100 * kMs);
  for (uint16_t i : std::initializer_list<uint16_t>{2, 0, 3, 1}) {
    EXPECT_EQ(chosen(scheduler, 5 * kMs), i);
    scheduler->region_done({5 * kMs, 0});
  }
}

TEST_P(WeighingPolicy, TakesTasksOfWhichNothingIsKnown) {
  Scheduler scheduler(GetParam(), std::vector<TaskParameters>(3, {2, 0, 0}));
  for (uint16_t i = 0; i < 3; ++i) scheduler->release(i, 0, i, 10);
  Instruction instruction;
  int regions = 0;
  for (; scheduler->next(100, instruction); ++regions) scheduler->region_done({100, 0});
  EXPECT_EQ(regions, 6);
}

TEST_P(WeighingPolicy, CountsAScoreAJob) {
  Scheduler scheduler(GetParam(), many_tasks(tables_));
  for (uint32_t i = 0; i < 17; ++i) scheduler->release(1, i, 0, 50 * kMs);
  scheduler->policy().take_work();
  chosen(scheduler, kMs);
  EXPECT_EQ(scheduler->policy().take_work().scores, 17U);
}

INSTANTIATE_TEST_SUITE_P(Policies, WeighingPolicy,
                         ::testing::Values("sjf", "prema", "planaria", "sdrm3", "dysta", "oracle"),
                         [](const auto& tested) { return std::string(tested.param); });

// Of 512 jobs; the queue of this build is larger, its tables grow with it.
TEST(PolicyRegistryTest, AQueueOf512TakesAtMost256KiB) {
  constexpr size_t kTimesLarger = kMaxJobs / kPublishedJobs;
  for (const PolicyInfo* info = first_policy(); info != nullptr; info = info->next)
    EXPECT_LE(sizeof(Dispatcher) + info->size, 256U * 1024 * kTimesLarger) << info->name;
}

TEST(PolicyRegistryTest, DefaultsPresetsAndChoicesFitTheRanges) {
  for (const PolicyInfo* info = first_policy(); info != nullptr; info = info->next) {
    for (size_t i = 0; i < info->parameter_count; ++i) {
      SCOPED_TRACE(std::string(info->name) + "." + info->parameters[i].name);
      const ParameterInfo& parameter = info->parameters[i];
      auto fits = [&](double value) {
        EXPECT_GE(value, parameter.least);
        EXPECT_LE(value, parameter.most);
      };
      fits(parameter.default_value);
      for (size_t p = 0; p < info->preset_count; ++p) fits(info->presets[p].values[i]);
      if (parameter.choices == nullptr) continue;
      EXPECT_EQ(std::ranges::count(std::string(parameter.choices), ' '), parameter.most);
    }
  }
}

TEST(PolicyRegistryTest, PresetsAreFoundByName) {
  EXPECT_NE(find_policy("dysta")->find_preset("artifact"), nullptr);
  EXPECT_EQ(find_policy("dysta")->find_preset("artefact"), nullptr);
  EXPECT_EQ(find_policy("edf")->find_preset("artifact"), nullptr);
}

}  // namespace
}  // namespace vesper::policy
