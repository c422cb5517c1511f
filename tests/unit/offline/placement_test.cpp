#include "schedulers/offline/placement.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/offline/random_sets.h"

namespace vesper::offline {
namespace {

/// The definition, window by window: every cut of a window is tried.
class PlacementByDefinition {
 public:
  PlacementByDefinition(std::vector<Region> regions, const Terms& terms)
      : regions_(std::move(regions)), terms_(terms) {}

  std::optional<std::vector<Region>> run(Cycles bound) {
    std::vector<Region> placed;
    size_t begin = 0;
    for (size_t end = 1; end < regions_.size(); ++end) {
      if (merged(begin, end).wcet() < bound) continue;
      size_t best = end;
      for (size_t cut = end; cut > begin; --cut) {
        bool fits = merged(begin, cut - 1).wcet() <= bound && merged(cut, end).wcet() <= bound;
        if (fits && merged(cut, end).wcet() <= merged(best, end).wcet()) best = cut;
      }
      if (merged(begin, best - 1).wcet() > bound || merged(best, end).wcet() > bound) return std::nullopt;
      placed.push_back(merged(begin, best - 1));
      begin = best;
    }
    placed.push_back(merged(begin, regions_.size() - 1));
    if (placed.back().wcet() > bound) return std::nullopt;
    return placed;
  }

 private:
  [[nodiscard]] Region merged(size_t first, size_t last) const {
    Region region = regions_[first];
    region.execution = terms_.scheduler + terms_.kernel +
                       terms_.kernel_entry * (regions_[last].last.layer - regions_[first].first.layer);
    for (size_t i = first; i <= last; ++i) {
      region.execution += regions_[i].execution - terms_.scheduler - terms_.kernel;
    }
    region.last = regions_[last].last;
    region.strategy_at_end = regions_[last].strategy_at_end;
    region.swap_out = regions_[last].swap_out;
    return region;
  }

  std::vector<Region> regions_;
  Terms terms_;
};

void expect_same(const std::vector<Region>& got, const std::vector<Region>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].first, wanted[i].first);
    ASSERT_EQ(got[i].last, wanted[i].last);
    ASSERT_EQ(got[i].strategy_at_start, wanted[i].strategy_at_start);
    ASSERT_EQ(got[i].strategy_at_end, wanted[i].strategy_at_end);
    ASSERT_EQ(got[i].execution, wanted[i].execution);
    ASSERT_EQ(got[i].overhead, wanted[i].overhead);
    ASSERT_EQ(got[i].swap_out, wanted[i].swap_out);
  }
}

TEST(Placement, IsThatOfTheDefinition) {
  std::mt19937 random{5};
  int placeable = 0, split = 0, unplaceable = 0;
  for (int n = 0; n < 3000; ++n) {
    TaskSet set = random_set(random);
    const Design& design = designs()[5 + random() % 3];
    TaskRegions task(set.tasks[0].layers, set.tile, set.costs, design, set.terms);
    Cycles first_overhead = draw(random, 0, 30);
    RegionSummary all = task.summary(first_overhead);
    std::vector<Region> regions = regions_of(task, first_overhead);
    Cycles bound = all.longest / 2 + draw(random, 0, static_cast<uint32_t>(all.longest * 4));
    auto placed = place_points(task, first_overhead, bound);
    auto wanted = bound > 0 ? PlacementByDefinition(regions, set.terms).run(bound) : std::nullopt;
    ASSERT_EQ(placed.has_value(), wanted.has_value());
    if (!placed) {
      ++unplaceable;
      continue;
    }
    ++placeable;
    split += placed->size() > 1 ? 1 : 0;
    ASSERT_NO_FATAL_FAILURE(expect_same(*placed, *wanted));

    RegionSummary merged = summarise(task, *placed);
    ASSERT_LE(merged.longest, bound);
    ASSERT_LE(merged.wcet, all.wcet);
    ASSERT_EQ(merged.execution, all.execution);
    ASSERT_EQ(merged.wcet, merged.execution + merged.management + merged.first_overhead + merged.swap_in);
  }
  EXPECT_GT(placeable, 500);
  EXPECT_GT(split, 300);
  EXPECT_GT(unplaceable, 100);
}

TEST(Placement, AWholeJobIsTheRegionWithoutPoints) {
  std::mt19937 random{6};
  for (int n = 0; n < 100; ++n) {
    TaskSet set = random_set(random);
    TaskRegions cut(set.tasks[0].layers, set.tile, set.costs, *find_design("if"), set.terms);
    TaskRegions whole(set.tasks[0].layers, set.tile, set.costs, *find_design("np"), set.terms);
    expect_same({whole_job(cut, 7)}, regions_of(whole, 7));
  }
}

TEST(Placement, ABoundOfNothingPlacesNothing) {
  TaskRegions task(std::vector<LayerShape>{{4, 4, 4}}, {1, 1, 1}, {1, 1, 1, 1, 1, 1}, *find_design("if-ppp"),
                   {});
  EXPECT_FALSE(place_points(task, 0, 0));
  EXPECT_FALSE(place_points(task, 0, -5));
}

// Recompute over long output tiles: every cut leaves the same WCET on its right; windows stay wide.
TEST(Placement, AHundredThousandRegionsOfTheWorstShapeTakeWellUnderASecond) {
  TaskRegions task(std::vector<LayerShape>{{1, 50'000, 2}}, {1, 1, 1}, {1, 2, 9, 1, 1, 1},
                   *find_design("ir-ppp"), {});
  auto begin = std::chrono::steady_clock::now();
  auto placed = place_points(task, 0, task.summary(0).longest + 2);
  ASSERT_TRUE(placed);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_GT(placed->size(), 1U);
}

}  // namespace
}  // namespace vesper::offline
