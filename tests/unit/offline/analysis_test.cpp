#include "schedulers/offline/analysis.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>

#include "tests/unit/offline/random_sets.h"

namespace vesper::offline {
namespace {

/// The analysis by its definition, tasks by rank: all regions stored, every job of a hyperperiod counted.
struct ByDefinition {
  ByDefinition(const TaskSet& task_set, const Design& design) : set(task_set) {
    order.resize(set.tasks.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, {}, [&](size_t i) { return set.tasks[i].deadline; });
    for (size_t i : order) regions.emplace_back(set.tasks[i].layers, set.tile, set.costs, design, set.terms);
    for (size_t k = 0; k < order.size(); ++k) add_wcet(k);
    for (size_t k = 0; k < order.size(); ++k) {
      Cycles end = k + 1 < order.size() ? deadline(k + 1) : hyperperiod();
      beta.push_back(least_slack(deadline(k), end));
    }
  }

  [[nodiscard]] Cycles period(size_t k) const { return set.tasks[order[k]].period - set.terms.release_delay; }
  [[nodiscard]] Cycles deadline(size_t k) const {
    return set.tasks[order[k]].deadline - set.terms.release_delay;
  }

  void add_wcet(size_t k) {
    Cycles overhead = 0;
    for (size_t later = k + 1; later < order.size() && set.terms.first_region_overhead; ++later) {
      for (const Region& region : regions_of(regions[later], 0))
        overhead = std::max(overhead, region.swap_out);
    }
    Cycles total = 0;
    Cycles longest = 0;
    for (const Region& region : regions_of(regions[k], overhead)) {
      total += region.wcet();
      longest = std::max(longest, region.wcet());
    }
    wcet.push_back(total);
    q_max.push_back(longest);
  }

  [[nodiscard]] Cycles hyperperiod() const {
    Cycles all = 1;
    for (size_t k = 0; k < order.size(); ++k) all = std::lcm(all, period(k));
    return all;
  }

  [[nodiscard]] Cycles demand(Cycles t) const {
    Cycles demand = 0;
    for (size_t k = 0; k < order.size(); ++k) {
      for (Cycles due = deadline(k); due <= t; due += period(k)) demand += wcet[k];
    }
    return demand;
  }

  [[nodiscard]] Cycles least_slack(Cycles first, Cycles end) const {
    Cycles least = first - demand(first);
    for (size_t k = 0; k < order.size(); ++k) {
      for (Cycles t = deadline(k); t < end; t += period(k)) {
        if (t >= first) least = std::min(least, t - demand(t));
      }
    }
    return least;
  }

  [[nodiscard]] bool passes() const {
    Cycles needed = 0;
    for (size_t k = 0; k < order.size(); ++k) needed += hyperperiod() / period(k) * wcet[k];
    Cycles least = kMostCycles;
    bool ok = needed <= hyperperiod();
    for (size_t i = 1; i <= order.size(); ++i) {
      least = std::min(least, beta[i - 1]);
      ok = ok && (i < order.size() ? q_max[i] : 0) <= least;
    }
    return ok;
  }

  const TaskSet& set;
  std::vector<size_t> order;
  std::vector<TaskRegions> regions;
  std::vector<Cycles> wcet, q_max, beta;
};

Cycles jobs_in_hyperperiod(const TaskSet& set) {
  Wide hyperperiod = 1;
  Cycles shortest = kMostCycles;
  for (const Task& task : set.tasks) {
    hyperperiod *= task.period / std::gcd(static_cast<Cycles>(hyperperiod), task.period);
    shortest = std::min(shortest, task.period);
    if (hyperperiod > kMostCycles) return kMostCycles;
  }
  return static_cast<Cycles>(hyperperiod / shortest);
}

TEST(Analysis, IsThatOfTheDefinition) {
  std::mt19937 random{7};
  std::map<Verdict, int> verdicts;
  for (int n = 0; n < 4000; ++n) {
    TaskSet set = random_set(random);
    const Design& design = designs()[random() % 5];
    if (jobs_in_hyperperiod(set) > 100) continue;
    ByDefinition wanted(set, design);
    Analysis analysis = analyse(set, design);
    for (size_t k = 0; k < set.tasks.size(); ++k) {
      const TaskAnalysis& task = analysis.tasks[wanted.order[k]];
      ASSERT_EQ(task.rank, k);
      ASSERT_EQ(task.regions.wcet, wanted.wcet[k]);
      ASSERT_EQ(task.regions.longest, wanted.q_max[k]);
      ASSERT_EQ(task.beta, wanted.beta[k]);
    }
    ASSERT_EQ(analysis.passes(), wanted.passes()) << name_of(analysis.verdict);
    ++verdicts[analysis.verdict];
  }
  EXPECT_GT(verdicts[Verdict::schedulable], 50);
  EXPECT_GT(verdicts[Verdict::blocking], 20);
  EXPECT_GT(verdicts[Verdict::overload], 20);
  EXPECT_GT(verdicts[Verdict::too_long], 20);
}

TEST(Analysis, PlacedRegionsKeepTheirBoundsAndPassTheTest) {
  std::mt19937 random{8};
  int split = 0;
  for (int n = 0; n < 2000; ++n) {
    TaskSet set = random_set(random);
    Analysis analysis = analyse(set, designs()[5 + random() % 3]);
    std::vector<EdfTask> edf(set.tasks.size());
    for (size_t i = 0; i < set.tasks.size(); ++i) {
      const TaskAnalysis& task = analysis.tasks[i];
      ASSERT_EQ(task.placed.empty(), !analysis.passes());
      if (task.placed.empty()) continue;
      ASSERT_TRUE(task.rank == 0 || task.regions.longest <= task.bound.value());
      split += task.placed.size() > 1 ? 1 : 0;
      edf[task.rank] = {task.regions.wcet, set.tasks[i].period, set.tasks[i].deadline, task.regions.longest};
    }
    if (!analysis.passes()) continue;
    EdfAnalysis again = analyse_edf(edf);
    bool equal_deadlines = std::ranges::adjacent_find(edf, {}, &EdfTask::deadline) != edf.end();
    ASSERT_TRUE(again.passes() || (equal_deadlines && again.verdict == Verdict::blocking))
        << name_of(again.verdict);
  }
  EXPECT_GT(split, 50);
}

TEST(Analysis, CutPointsLieBetweenTheRegions) {
  std::mt19937 random{9};
  for (int n = 0; n < 300; ++n) {
    TaskSet set = random_set(random);
    Analysis analysis = analyse(set, designs()[random() % 8]);
    for (size_t i = 0; i < set.tasks.size(); ++i) {
      std::vector<CutPoint> points = cut_points(set, analysis, i);
      ASSERT_EQ(points.size() + 1, analysis.tasks[i].regions.count);
      Position next;
      Cycles wcet = 0;
      size_t at = 0;
      for_each_region(set, analysis, i, [&](const Region& region) {
        ASSERT_EQ(region.first, next);
        if (at > 0) {
          ASSERT_EQ(points[at - 1].layer, region.first.layer);
          ASSERT_EQ(points[at - 1].iteration, region.first.iteration);
          ASSERT_EQ(points[at - 1].strategy == Strategy::none, region.first.iteration == 0);
        }
        ++at;
        wcet += region.wcet();
        LayerRegions layer(set.tasks[i].layers[region.last.layer], set.tile, set.costs, Preemption::flexible,
                           false);
        bool ends_layer = region.last.iteration + 1 == layer.iterations();
        next = ends_layer ? Position{region.last.layer + 1, 0}
                          : Position{region.last.layer, region.last.iteration + 1};
      });
      ASSERT_EQ(next, (Position{static_cast<uint32_t>(set.tasks[i].layers.size()), 0}));
      ASSERT_EQ(wcet, analysis.tasks[i].regions.wcet);
    }
  }
}

TaskSet two_tasks(Cycles first_period, Cycles second_period) {
  TaskSet set;
  set.tile = {1, 1, 1};
  set.costs = {10, 20, 30, 5, 30, 40};
  set.tasks = {{{{1, 4, 1}}, first_period, first_period}, {{{1, 4, 1}}, second_period, second_period}};
  return set;
}

// A 1 x 4 x 1 layer: 10, 20, 20, 20, 20, 30 cycles.
TEST(Analysis, AByHandExample) {
  TaskSet set = two_tasks(300, 600);
  Analysis whole = analyse(set, *find_design("np"));
  EXPECT_EQ(whole.tasks[0].regions.wcet, 120);
  EXPECT_EQ(whole.tasks[0].beta, 180);
  EXPECT_EQ(whole.tasks[1].bound, 180);
  EXPECT_EQ(whole.tasks[1].beta, 600 - 3 * 120);
  EXPECT_TRUE(whole.passes());

  Analysis recompute = analyse(set, *find_design("ir"));
  EXPECT_EQ(recompute.tasks[0].regions.first_overhead, 5) << "cleaning, of the second task";
  EXPECT_EQ(recompute.tasks[1].regions.first_overhead, 0);
  // Before iteration 1 a load; before 2 .. 5 a load and 1 .. 4 computations.
  EXPECT_EQ(recompute.tasks[1].regions.swap_in, 10 + (10 + 20) + (10 + 40) + (10 + 60) + (10 + 80));
  EXPECT_EQ(recompute.tasks[1].regions.longest, 90 + 30);

  set.tasks[0] = {{{1, 4, 1}}, 235, 235};
  Analysis blocked = analyse(set, *find_design("np"));
  EXPECT_EQ(blocked.verdict, Verdict::blocking);
  EXPECT_EQ(blocked.culprit, 1U);
  Analysis placed = analyse(set, *find_design("if-ppp"));
  ASSERT_TRUE(placed.passes()) << name_of(placed.verdict);
  EXPECT_EQ(placed.tasks[1].bound, 235 - 150);
  EXPECT_LE(placed.tasks[1].regions.longest, 85);
}

TEST(Analysis, SchedulerAndKernelAreChargedARegion) {
  TaskSet set = two_tasks(10'000, 20'000);
  set.tasks[1].layers.push_back({1, 4, 1});
  set.terms = hardware_terms(2);
  EXPECT_EQ(set.terms.scheduler, 7 * 1 + 3 * 2 + 4) << "(2N+3) ceil(log2 N) + 3N + 4";
  EXPECT_EQ(hardware_scheduler_cycles(15), 33 * 4 + 45 + 4);
  EXPECT_EQ(hardware_scheduler_cycles(1), 7);
  EXPECT_EQ(analyse(set, *find_design("np")).tasks[1].regions.management, 17 + 6 + 1)
      << "two layers in one region";
  EXPECT_EQ(analyse(set, *find_design("lw")).tasks[1].regions.management, 2 * (17 + 6));
  EXPECT_EQ(analyse(set, *find_design("if")).tasks[1].regions.management, 12 * (17 + 6));
  Analysis analysis = analyse(set, *find_design("np"));
  EXPECT_EQ(analysis.tasks[0].beta, 10'000 - 17 - (120 + 23)) << "the release delay shortens deadlines";
}

TEST(Analysis, BadInputGetsAVerdictOrAnError) {
  const Design& design = *find_design("if-ppp");
  EXPECT_EQ(analyse(two_tasks(130, 130), *find_design("np")).verdict, Verdict::overload);
  EXPECT_EQ(analyse(two_tasks(100, 1'000), *find_design("np")).verdict, Verdict::too_long);
  EXPECT_FALSE(analyse(two_tasks(100, 1'000), design).passes());
  EXPECT_THROW(analyse(TaskSet{}, design), AnalysisError);
  TaskSet set = two_tasks(1'000, 1'000);
  set.tasks[1].layers.clear();
  EXPECT_THROW(analyse(set, design), AnalysisError) << "no layers";
  set = two_tasks(1'000, 1'000);
  set.tasks[1].layers[0].k = 0;
  EXPECT_THROW(analyse(set, design), AnalysisError);
  set.tasks[1].layers[0].k = 1U << 31;
  EXPECT_THROW(analyse(set, design), AnalysisError);
  set = two_tasks(0, 1'000);
  EXPECT_THROW(analyse(set, design), AnalysisError);
  set = two_tasks(1'000, 1'000);
  set.tasks[0].deadline = 1'001;
  EXPECT_THROW(analyse(set, design), AnalysisError);
  set = two_tasks(1'000, 1'000);
  set.terms.release_delay = 1'000;
  EXPECT_THROW(analyse(set, design), AnalysisError) << "nothing left of the period";
}

TEST(Analysis, WhatOverflows64BitsIsAnError) {
  TaskSet set = two_tasks(kMostCycles, kMostCycles);
  set.costs.compute = uint64_t{1} << 60;
  EXPECT_NO_THROW(analyse(set, *find_design("np")));
  EXPECT_THROW(analyse(set, *find_design("ir")), AnalysisError) << "its recomputations overflow";
  set.costs.compute = uint64_t{1} << 62;
  EXPECT_THROW(analyse(set, *find_design("np")), AnalysisError);
}

TEST(Analysis, AHundredThousandRegionsTakeSeconds) {
  // Fifteen tasks, 100 000 regions, hyperperiods of 10^9 demand points.
  std::mt19937 random{10};
  TaskSet set;
  set.tile = {1, 1, 1};
  set.costs = {17200, 23362, 228288, 15200, 228288, 276312};
  set.terms = hardware_terms(15);
  for (int i = 0; i < 15; ++i) {
    Task task;
    for (int layer = 0; layer < 60; ++layer) task.layers.push_back({2, 28, 2});
    task.period = Cycles{3'400'000'000} * 10 + draw(random, 0, 1'000'000'000) / 1000 * 1000;
    task.deadline = task.period;
    set.tasks.push_back(task);
  }
  auto begin = std::chrono::steady_clock::now();
  uint64_t regions = 0;
  for (const Design& design : designs()) {
    Analysis analysis = analyse(set, design);
    for (const TaskAnalysis& task : analysis.tasks) regions = std::max(regions, task.regions.count * 15);
  }
  EXPECT_GT(regions, 100'000U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace vesper::offline
