// The search against trying everything, and that its result depends on neither threads nor interruptions.
#include "schedulers/offline/spatial_search.h"

#include <gmock/gmock.h>

#include "tests/unit/offline/spatial_fixture.h"

namespace vesper::offline {
namespace {

using test::SimpleModel;

constexpr uint64_t kNever = UINT64_MAX;

Explore small_search() {
  Explore explore;
  explore.bounds = {us(40), us(20)};
  explore.most_images = 3;
  explore.population = 4;
  explore.children = 4;
  explore.generations = 6;
  explore.most_units = 2;
  return explore;
}

OptionLimits small_limits() { return {KiB(4), 16, 2, {16}}; }

TEST(Tiles, FillTheirMemoryAndNoMore) {
  std::vector<spatial::Tile> tiles = tiles_of({KiB(4), 16, 4, {16}});
  auto has = [&](uint32_t h1, uint32_t w1, uint32_t w2) {
    return std::ranges::any_of(
        tiles, [&](const spatial::Tile& t) { return t.h1 == h1 && t.w1 == w1 && t.w2 == w2; });
  };
  // SSR's tiles of hybrid and spatial designs take 4096 bytes to the byte.
  EXPECT_TRUE(has(48, 32, 32));
  EXPECT_TRUE(has(32, 48, 32));
  EXPECT_TRUE(has(16, 16, 112));
  EXPECT_FALSE(has(48, 48, 32));
  for (const spatial::Tile& t : tiles) EXPECT_LE(t.h1 * t.w1 + t.w1 * t.w2 + t.h1 * t.w2, 4096U);
}

TEST(Parallelism, IsTheLeastOfEachNumberOfSteps) {
  EXPECT_EQ(parallelism_of({192}, 32, 400), (std::vector<uint32_t>{1, 2, 3, 6}));
  EXPECT_EQ(parallelism_of({192, 768}, 96, 400), (std::vector<uint32_t>{1, 2, 3, 4, 8}));
  EXPECT_EQ(parallelism_of({768}, 32, 7), (std::vector<uint32_t>{1, 2, 3, 4, 5, 6}));
}

// Every configuration there is, those included that more AIEs make no faster.
TEST(Options, SomeOptionIsNoWorseThanAnyConfiguration) {
  SimpleModel model = SimpleModel::small();
  OptionTable table(model, small_limits());
  const StageSet stages = 0b101;
  std::shared_ptr<const OptionSet> set = table.of(stages);
  EXPECT_GT(set->tried, set->options.size());
  uint64_t configurations = 0;
  for (uint32_t units = 1; units <= 2; ++units) {
    for (const spatial::Tile& tile : tiles_of(small_limits())) {
      for (uint32_t abc = 0; abc < 24 * 24 * 24; ++abc) {
        spatial::Accelerator one;
        one.array = {1 + abc / 576, 1 + abc / 24 % 24, 1 + abc % 24};
        one.tile = tile;
        one.units = units;
        one.pinned = true;
        if (one.array.a * one.array.b * one.array.c * units > 24) continue;
        ++configurations;
        spatial::Resources r = *model.resources(stages, one);
        uint64_t busy = 3 * model.cost(0, one).busy_ps + 3 * model.cost(2, one).busy_ps;
        bool matched = std::ranges::any_of(set->options, [&](const Option& option) {
          return option.busy_ps <= busy && option.resources.aie <= r.aie &&
                 option.resources.plio_in <= r.plio_in && option.resources.plio_out <= r.plio_out;
        });
        ASSERT_TRUE(matched) << one.array.a << " " << one.array.b << " " << one.array.c;
      }
    }
  }
  EXPECT_GT(configurations, 1000U);
}

TEST(Options, AttentionIsNeverPinned) {
  SimpleModel model = SimpleModel::small();
  OptionTable table(model, small_limits());
  for (const Option& option : table.of(0b0011)->options) EXPECT_FALSE(option.accelerator.pinned);
  EXPECT_TRUE(std::ranges::any_of(table.of(0b0001)->options,
                                  [](const Option& option) { return option.accelerator.pinned; }));
}

/// The least latency of a map over all combinations of options.
class TryAll {
 public:
  TryAll(const SimpleModel& model, OptionTable& table, const StageMap& map, uint32_t images) : model_(model) {
    design_.images = images;
    for (uint8_t i = 0; i < accelerators_of(map); ++i) {
      sets_.push_back(table.of(stages_of(map, i)));
      names_.emplace_back();
      for (size_t stage = 0; stage < map.size(); ++stage) {
        if (map[stage] == i) names_.back().push_back(model.stages()[stage].name);
      }
    }
    descend(0, {});
  }
  [[nodiscard]] uint64_t least() const { return least_; }

 private:
  void descend(size_t level, spatial::Resources used) {
    if (used.aie > model_.device().aie || used.plio_in > model_.device().plio_in ||
        used.plio_out > model_.device().plio_out)
      return;
    if (level == sets_.size()) {
      least_ = std::min(least_, model_.evaluate(design_)->latency_ps);
      return;
    }
    for (const Option& option : sets_[level]->options) {
      design_.accelerators.push_back(option.accelerator);
      design_.accelerators.back().stages = names_[level];
      const spatial::Resources& r = option.resources;
      descend(level + 1, {used.aie + r.aie, used.plio_in + r.plio_in, used.plio_out + r.plio_out, 0, 0, 0});
      design_.accelerators.pop_back();
    }
  }
  const SimpleModel& model_;
  spatial::Design design_;
  std::vector<std::shared_ptr<const OptionSet>> sets_;
  std::vector<std::vector<std::string>> names_;
  uint64_t least_ = kNever;
};

TEST(Allocation, FindsWhatTryingAllCombinationsFinds) {
  SimpleModel model = SimpleModel::small();
  OptionTable table(model, {KiB(4), 32, 1, {16}});
  for (const StageMap& map : {StageMap{0, 0, 0, 0}, StageMap{0, 1, 0, 0}, StageMap{0, 1, 1, 0}}) {
    for (uint32_t images : {1U, 3U}) {
      Allocator allocator(model, table, {}, map);
      Allocation found = allocator.allocate(images, kNever, {1000, 1000});
      ASSERT_TRUE(found.found);
      EXPECT_EQ(found.latency_ps, TryAll(model, table, map, images).least()) << images;
      EXPECT_EQ(model.evaluate(found.design)->latency_ps, found.latency_ps);
    }
  }
}

TEST(Allocation, KeepsSumsWithinTheDevice) {
  SimpleModel model = SimpleModel::deit(2);
  OptionTable table(model, OptionLimits{});
  Allocator allocator(model, table, {}, {0, 1, 2, 3, 4, 5, 6, 0});
  Allocation found = allocator.allocate(6, kNever, {});
  ASSERT_TRUE(found.found);
  uint64_t aie = 0, in = 0, out = 0;
  for (const spatial::Accelerator& accelerator : found.design.accelerators) {
    spatial::Resources r = *model.resources(0, accelerator);
    aie += r.aie;
    in += r.plio_in;
    out += r.plio_out;
  }
  EXPECT_LE(aie, model.device().aie);
  EXPECT_GT(aie, model.device().aie * 9 / 10) << "AIEs are what is scarce";
  EXPECT_LE(in, model.device().plio_in);
  EXPECT_LE(out, model.device().plio_out);
}

TEST(Allocation, GivesUpWhatCannotBeatWhatIsKnown) {
  SimpleModel model = SimpleModel::small();
  OptionTable table(model, small_limits());
  Allocator allocator(model, table, {}, {0, 1, 0, 0});
  Allocation best = allocator.allocate(2, kNever, {});
  ASSERT_TRUE(best.found);
  Allocation same = allocator.allocate(2, best.latency_ps + 1, {});
  EXPECT_TRUE(same.found);
  EXPECT_EQ(same.latency_ps, best.latency_ps);
  Allocation none = allocator.allocate(2, best.latency_ps, {});
  EXPECT_FALSE(none.found);
  EXPECT_GE(none.latency_ps, best.latency_ps);
}

/// What a search came to, as text.
std::string text(const std::optional<SearchResult>& result) {
  std::string out;
  for (const Candidate& candidate : result->candidates) {
    for (uint8_t accelerator : candidate.map) out += std::to_string(accelerator) + " ";
    for (const Outcome& outcome : candidate.outcomes)
      out += std::to_string(outcome.found) + ":" + std::to_string(outcome.latency_ps) + " ";
    out += std::to_string(candidate.evaluations) + "\n";
  }
  return out + std::to_string(result->configurations) + " " + std::to_string(result->evaluations);
}

TEST(Search, FindsTheBestOfAllMaps) {
  SimpleModel model = SimpleModel::small();
  Explore explore = small_search();
  explore.generations = 12;
  explore.spaces = {SpaceKind::hybrid};
  SpatialSearch search(model, {}, explore);
  std::optional<SearchResult> result = search.run(1, {});
  ASSERT_TRUE(result);
  OptionTable table(model, small_limits());
  for (uint32_t images = 1; images <= 3; ++images) {
    uint64_t least = kNever;
    for (uint32_t i = 0; i < 4 * 4 * 4 * 4; ++i) {
      StageMap map{uint8_t(i & 3), uint8_t(i >> 2 & 3), uint8_t(i >> 4 & 3), uint8_t(i >> 6)};
      if (map != canonical(map)) continue;
      Allocator allocator(model, table, {}, map);
      least = std::min(least, allocator.allocate(images, kNever, {}).latency_ps);
    }
    const Best& best = result->spaces[0].best.at(images - 1);
    EXPECT_EQ(best.latency_ps, least) << images;
    EXPECT_EQ(model.evaluate(search.design_of(*result, best))->latency_ps, least);
  }
}

TEST(Search, ResultDoesNotDependOnThreads) {
  SimpleModel model = SimpleModel::small();
  std::string one = text(SpatialSearch(model, {}, small_search()).run(1, {}));
  EXPECT_EQ(text(SpatialSearch(model, {}, small_search()).run(4, {})), one);
  Explore other = small_search();
  other.seed = 2;
  EXPECT_NE(text(SpatialSearch(model, {}, other).run(1, {})), one) << "the order of candidates is drawn";
}

TEST(Search, GoesOnWhereItWasInterrupted) {
  SimpleModel model = SimpleModel::small();
  std::string whole = text(SpatialSearch(model, {}, small_search()).run(1, {}));
  std::map<size_t, Candidate> journal;
  size_t fresh = 0;
  SearchHooks hooks;
  hooks.known = [&](size_t number) {
    auto found = journal.find(number);
    return found == journal.end() ? std::nullopt : std::optional(found->second);
  };
  hooks.done = [&](size_t number, const Candidate& candidate) {
    journal[number] = candidate;
    ++fresh;
  };
  hooks.interrupted = [&] { return fresh == 5; };
  EXPECT_FALSE(SpatialSearch(model, {}, small_search()).run(1, hooks));
  EXPECT_EQ(journal.size(), 5U);
  hooks.interrupted = nullptr;
  std::optional<SearchResult> rest = SpatialSearch(model, {}, small_search()).run(3, hooks);
  EXPECT_EQ(text(rest), whole);
  EXPECT_EQ(fresh, rest->candidates.size()) << "nothing is worked out twice";
}

TEST(Search, SpacesHoldTheirNumbersOfAccelerators) {
  SimpleModel model = SimpleModel::small();
  std::optional<SearchResult> result = SpatialSearch(model, {}, small_search()).run(1, {});
  const std::vector<SpaceResult>& spaces = result->spaces;
  ASSERT_EQ(spaces.size(), 3U);
  for (const Best& best : spaces[0].best) {
    const StageMap& map = result->candidates[best.candidate].map;
    EXPECT_TRUE(map[0] == map[1] && map[1] == map[2]);
  }
  for (const Best& best : spaces[1].best) {
    const StageMap& map = result->candidates[best.candidate].map;
    EXPECT_TRUE(map[0] != map[1] && map[1] != map[2] && map[0] != map[2]);
  }
  for (size_t i = 0; i < 3; ++i) {
    uint64_t hybrid = spaces[2].best.at(i).latency_ps;
    EXPECT_LE(hybrid, spaces[0].best.at(i).latency_ps);
    EXPECT_LE(hybrid, spaces[1].best.at(i).latency_ps);
  }
}

TEST(Search, UnderABoundTheMostThroughputCounts) {
  SimpleModel model = SimpleModel::small();
  Explore explore = small_search();
  explore.bounds = {ms(1), us(20), ps(1)};
  std::optional<SearchResult> result = SpatialSearch(model, {}, explore).run(1, {});
  for (const SpaceResult& space : result->spaces) {
    uint64_t least = kNever, least_per_image = kNever;
    for (const Best& best : space.best) {
      least = std::min(least, best.latency_ps);
      least_per_image = std::min(least_per_image, best.latency_ps / best.images);
    }
    for (size_t i = 1; i < space.front.size(); ++i) {
      EXPECT_LT(space.front[i - 1].latency_ps, space.front[i].latency_ps);
      EXPECT_LT(throughput(model, space.front[i - 1].images, space.front[i - 1].latency_ps),
                throughput(model, space.front[i].images, space.front[i].latency_ps));
    }
    ASSERT_TRUE(space.under[0]);
    EXPECT_EQ(space.under[0]->latency_ps / space.under[0]->images, least_per_image);
    EXPECT_EQ(space.under[1].has_value(), least <= us(20).ps);
    EXPECT_FALSE(space.under[2]);
  }
}

TEST(Search, RefusesWhatCannotBe) {
  SimpleModel model = SimpleModel::small();
  Explore explore;
  explore.accelerators = {1, 4};
  EXPECT_THROW(SpatialSearch(model, {}, explore), InputError) << "three stages recur";
  explore.accelerators = {};
  explore.least_images = 7;
  EXPECT_THROW(SpatialSearch(model, {}, explore), InputError);
}

}  // namespace
}  // namespace vesper::offline
