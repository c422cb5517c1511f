// Task sets that uunifast gives to scenarios.
#include <set>

#include "platform/scenario/yaml.h"
#include "tests/unit/sweep/fixture.h"

namespace vesper::sweep {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kExecution = 3'442'592;  // cycles
constexpr uint64_t kClock = 230'000'000;

std::vector<TaskTime> two_tasks(const Node& /*scenario*/) {
  return {{kExecution, kClock}, {kExecution, kClock}};
}

struct Made {
  std::vector<uint64_t> periods_ps;
  std::vector<std::string> models;
  bool has_utilisation = false;
};

class TaskSetTest : public SweepTest {
 protected:
  Node base_ = scenario::parse_yaml(
      "{tasks: [{name: a, model: one.yaml, utilisation: 0.4}, {name: b, model: two.yaml, period: 3 ms}]}",
      "b");

  static Made made(const Node& scenario) {
    Made all;
    for (const Node& task : scenario.find("tasks")->items()) {
      Duration period;
      Codec<Duration>::read(*task.find("period"), period, "period");
      all.periods_ps.push_back(period.ps);
      all.models.push_back(task.find("model")->text());
      all.has_utilisation = all.has_utilisation || task.find("utilisation") != nullptr;
    }
    return all;
  }
  Made point(const Sweep& sweep, uint64_t index) { return made(scenario_of(sweep, base_, index, two_tasks)); }
};

constexpr const char* kSpace =
    "grid: {scheduler.placement: [ideal, hardware], utilisation: [0.5, 0.9], set: {count: 20}}\n";

TEST_F(TaskSetTest, PeriodsGiveTheTasksTheWantedUtilisation) {
  Sweep sweep = read(std::string(kSpace) + "generate: {task_set: uunifast}\n");
  for (uint64_t index = 0; index < 40; ++index) {
    Made set = point(sweep, index);
    EXPECT_FALSE(set.has_utilisation);
    double total = 0;
    for (uint64_t period : set.periods_ps)
      total += static_cast<double>(kExecution) / static_cast<double>(kClock) /
               (static_cast<double>(period) * 1e-12);
    // Periods are rounded up to whole cycles, of millions.
    EXPECT_NEAR(total, index < 20 ? 0.5 : 0.9, 1e-6);
  }
}

TEST_F(TaskSetTest, DesignsSeeTheSameSetsAndSetsDiffer) {
  Sweep sweep = read(std::string(kSpace) + "generate: {task_set: uunifast}\n");
  std::set<uint64_t> firsts;
  for (uint64_t index = 0; index < 40; ++index) {
    EXPECT_EQ(point(sweep, index).periods_ps, point(sweep, index + 40).periods_ps);
    firsts.insert(point(sweep, index).periods_ps[0]);
  }
  EXPECT_EQ(firsts.size(), 40U);
  Sweep reseeded = read(std::string(kSpace) + "seed: 2\ngenerate: {task_set: uunifast}\n");
  EXPECT_NE(point(reseeded, 0).periods_ps, point(sweep, 0).periods_ps);
}

TEST_F(TaskSetTest, MoreSetsBeginWithTheSame) {
  Sweep few = read(std::string(kSpace) + "generate: {task_set: uunifast}\n");
  Sweep more = read(std::string(kSpace) + "generate: {task_set: uunifast}\n", {"grid.set.count=30"});
  EXPECT_EQ(point(few, 20).periods_ps, point(more, 30).periods_ps) << "both set 0 of utilisation 0.9";
}

TEST_F(TaskSetTest, PublishedPeriodsAreMultiplesOfTheBase) {
  Sweep sweep = read(std::string(kSpace) + "generate: {task_set: uunifast, periods: published}\n");
  for (uint64_t index = 0; index < 40; ++index)
    EXPECT_EQ(point(sweep, index).periods_ps[1] % 1'000'000'000, 0U) << "230000 cycles are a millisecond";
}

TEST_F(TaskSetTest, NetworksAreDrawnWithoutRepetitionUnlessAskedFor) {
  std::string generate = "generate: {task_set: uunifast, networks: [x.yaml, y.yaml, z.yaml]}\n";
  Sweep sweep = read(kSpace + generate);
  std::set<std::vector<std::string>> pairs;
  for (uint64_t index = 0; index < 40; ++index) {
    Made set = point(sweep, index);
    EXPECT_NE(set.models[0], set.models[1]);
    pairs.insert(set.models);
  }
  EXPECT_EQ(pairs.size(), 6U);
  EXPECT_EQ(pairs.begin()->front(), folder_ / "x.yaml") << "relative to the sweep file";
  Sweep repeated = read(kSpace + generate, {"generate.repeat_networks=true"});
  size_t equal = 0;
  for (uint64_t index = 0; index < 40; ++index) {
    Made set = point(repeated, index);
    equal += set.models[0] == set.models[1] ? 1 : 0;
  }
  EXPECT_GT(equal, 0U);
}

TEST_F(TaskSetTest, RandomPointsHaveSetsOfTheirOwn) {
  Sweep sweep = read("random: {points: 20, over: {utilisation: [0.5]}}\ngenerate: {task_set: uunifast}\n");
  std::set<uint64_t> firsts;
  for (uint64_t index = 0; index < 20; ++index) firsts.insert(point(sweep, index).periods_ps[0]);
  EXPECT_EQ(firsts.size(), 20U);
}

TEST_F(TaskSetTest, WrongSetsAreRefused) {
  auto error_of = [&](const std::string& rest) {
    try {
      point(read(rest), 0);
    } catch (const InputError& wrong) {
      return std::string(wrong.what());
    }
    return std::string();
  };
  EXPECT_THAT(error_of("grid: {set: {count: 2}}\ngenerate: {task_set: uunifast}\n"),
              HasSubstr("utilisation' is missing"));
  EXPECT_THAT(error_of("grid: {utilisation: [0]}\ngenerate: {task_set: uunifast}\n"),
              HasSubstr("utilisation 0"));
  EXPECT_THAT(error_of("grid: {utilisation: [high]}\ngenerate: {task_set: uunifast}\n"),
              HasSubstr("utilisation"));
  EXPECT_THAT(error_of("grid: {utilisation: [0.5]}\ngenerate: {task_set: uunifast, networks: [x.yaml]}\n"),
              HasSubstr("1 networks for 2 tasks"));
  base_ = scenario::parse_yaml("{tasks: [{name: a, model: m, arrival: sporadic}]}", "b");
  EXPECT_THAT(error_of("grid: {utilisation: [0.5]}\ngenerate: {task_set: uunifast}\n"),
              HasSubstr("arrival: periodic"));
  base_ = scenario::parse_yaml("{run: {}}", "b");
  EXPECT_THAT(error_of("grid: {utilisation: [0.5]}\ngenerate: {task_set: uunifast}\n"),
              HasSubstr("no tasks"));
}

}  // namespace
}  // namespace vesper::sweep
