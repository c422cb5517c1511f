#include "schedulers/offline/demand.h"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>

#include "tests/unit/offline/random_sets.h"

namespace vesper::offline {
namespace {

std::vector<EdfTask> random_tasks(std::mt19937& random, bool implicit_deadlines) {
  std::vector<EdfTask> tasks;
  for (uint32_t n = draw(random, 1, 4); n > 0; --n) {
    Cycles period = draw(random, 2, 40);
    Cycles deadline = implicit_deadlines ? period : draw(random, 1, static_cast<uint32_t>(period));
    tasks.push_back({draw(random, 0, static_cast<uint32_t>(period) / 2 + 1), period, deadline, 0});
  }
  return tasks;
}

/// Job by job.
Cycles demand_by_jobs(const std::vector<EdfTask>& tasks, Cycles t) {
  Cycles demand = 0;
  for (const EdfTask& task : tasks) {
    for (Cycles due = task.deadline; due <= t; due += task.period) demand += task.wcet;
  }
  return demand;
}

Cycles least_slack_by_points(const std::vector<EdfTask>& tasks, Cycles first, Cycles end) {
  Cycles least = first - demand_by_jobs(tasks, first);
  for (const EdfTask& task : tasks) {
    for (Cycles t = task.deadline; t < end; t += task.period) {
      if (t >= first) least = std::min(least, t - demand_by_jobs(tasks, t));
    }
  }
  return least;
}

TEST(Demand, LeastSlackIsThatOfAllPoints) {
  std::mt19937 random{3};
  int above = 0, below = 0, exactly = 0;
  for (int n = 0; n < 1500; ++n) {
    std::vector<EdfTask> tasks = random_tasks(random, n % 2 == 0);
    Demand demand(tasks);
    Cycles hyperperiod = 1;
    Cycles needed = 0;
    for (const EdfTask& task : tasks) hyperperiod = std::lcm(hyperperiod, task.period);
    for (const EdfTask& task : tasks) needed += hyperperiod / task.period * task.wcet;
    ASSERT_EQ(demand.hyperperiod(), hyperperiod);
    Load load = needed > hyperperiod ? Load::above_one : needed == hyperperiod ? Load::one : Load::below_one;
    ASSERT_EQ(demand.load(), load);
    (load == Load::above_one ? above : load == Load::one ? exactly : below)++;
    for (const EdfTask& task : tasks) {
      for (Cycles end : {hyperperiod, hyperperiod / 2, task.deadline}) {
        Cycles by_points = least_slack_by_points(tasks, task.deadline, std::min(end, Cycles{4'000}));
        ASSERT_EQ(demand.least_slack(task.deadline, std::min(end, Cycles{4'000})), by_points);
      }
    }
  }
  EXPECT_GT(above, 50);
  EXPECT_GT(below, 50);
  EXPECT_GT(exactly, 5);
}

TEST(Demand, AHyperperiodBeyond64BitsIsNotNeededBelowUtilisationOne) {
  // Neighbouring primes: their product is about 1e30.
  std::vector<EdfTask> tasks{{3'000'000'000, 9'999'999'967, 9'999'999'967, 0},
                             {3'000'000'000, 9'999'999'943, 9'999'999'943, 0},
                             {3'000'000'000, 9'999'999'929, 9'999'999'929, 0}};
  Demand demand(tasks);
  EXPECT_FALSE(demand.hyperperiod());
  EXPECT_EQ(demand.load(), Load::below_one);
  EXPECT_EQ(demand.least_slack(9'999'999'967, demand.hyperperiod()), 9'999'999'967 - 9'000'000'000);
}

TEST(Demand, AboveUtilisationOneBeyond64BitsThereIsNoNumber) {
  std::vector<EdfTask> tasks{{9'000'000'000, 9'999'999'967, 9'999'999'967, 0},
                             {9'000'000'000, 9'999'999'943, 9'999'999'943, 0},
                             {9'000'000'000, 9'999'999'929, 9'999'999'929, 0}};
  Demand demand(tasks);
  EXPECT_EQ(demand.load(), Load::above_one);
  EXPECT_EQ(demand.least_slack(9'999'999'967, demand.hyperperiod()), std::nullopt);
}

TEST(Demand, TooCloseToUtilisationOneIsAnError) {
  // 1 - U is about 1e-30: 64 bits cannot tell.
  constexpr Cycles p = 4'611'686'018'427'387'847;  // a prime below 2^62
  constexpr Cycles q = 4'611'686'018'427'387'761;
  std::vector<EdfTask> tasks{{p / 2, p, p, 0}, {q / 2 + 1, q, q, 0}};
  EXPECT_THROW(Demand{tasks}, AnalysisError);
}

TEST(Demand, RefusesNonsense) {
  EXPECT_THROW(Demand(std::vector<EdfTask>{{1, 0, 0, 0}}), AnalysisError);
  EXPECT_THROW(Demand(std::vector<EdfTask>{{1, 10, 0, 0}}), AnalysisError);
  EXPECT_THROW(Demand(std::vector<EdfTask>{{1, 10, 11, 0}}), AnalysisError);
  EXPECT_THROW(Demand(std::vector<EdfTask>{{-1, 10, 10, 0}}), AnalysisError);
}

// Primes near 10^9 and a utilisation of 1 - 10^-18: 2 * 10^9 demand points, all of which may matter.
TEST(Demand, AThousandMillionPointsTakeSeconds) {
  constexpr Cycles p = 999'999'937;
  constexpr Cycles q = 1'000'000'007;
  constexpr Cycles first = 185'714'274;  // first * q + second * p = p q - 1
  constexpr Cycles second = (p * q - 1 - first * q) / p;
  static_assert(first * q + second * p == p * q - 1);
  std::vector<EdfTask> tasks{{first, p, p, 0}, {second, q, q, 0}};
  auto begin = std::chrono::steady_clock::now();
  Demand demand(tasks);
  EXPECT_EQ(demand.hyperperiod(), p * q);
  EXPECT_EQ(demand.load(), Load::below_one);
  std::optional<Cycles> least = demand.least_slack(q, demand.hyperperiod());
  ASSERT_TRUE(least);
  EXPECT_GT(*least, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

}  // namespace
}  // namespace vesper::offline
