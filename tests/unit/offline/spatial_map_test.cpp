// Maps of stages onto accelerators, and what an evolutionary search does to them.
#include "schedulers/offline/spatial_map.h"

#include <gmock/gmock.h>

#include <set>

namespace vesper::offline {
namespace {

TEST(StageMap, AcceleratorsAreNumberedByTheirFirstStage) {
  EXPECT_EQ(canonical({3, 3, 0, 7, 0}), (StageMap{0, 0, 1, 2, 1}));
  EXPECT_EQ(accelerators_of({0, 0, 1, 2, 1}), 3U);
  EXPECT_EQ(stages_of({0, 0, 1, 2, 1}, 1), 0b10100U);
  EXPECT_EQ(text_of({0, 1, 0}, {"a", "b", "c"}), "a c | b");
}

TEST(StageMap, CrossoverTakesEachParentsPart) {
  EXPECT_EQ(crossover({0, 1, 2, 3}, {0, 0, 0, 1}, 2), (StageMap{0, 1, 0, 1}));
  EXPECT_EQ(crossover({0, 1, 2, 3}, {0, 0, 0, 1}, 0), (StageMap{0, 0, 0, 1}));
}

TEST(StageMap, MutationExchangesTwoStages) {
  Random random(1);
  const StageMap map{0, 0, 0, 1, 2, 2};
  for (int i = 0; i < 100; ++i) {
    StageMap other = mutated(map, random);
    EXPECT_NE(other, map);
    std::multiset<int> sizes;
    for (uint8_t a = 0; a < 3; ++a) sizes.insert(__builtin_popcount(stages_of(other, a)));
    EXPECT_EQ(sizes, (std::multiset<int>{1, 2, 3}));
  }
  EXPECT_EQ(mutated({0, 0, 0}, random), (StageMap{0, 0, 0})) << "one accelerator: nothing to exchange";
}

TEST(StageMap, DrawsAreTheSameOnEveryMachine) {
  Random random(7);
  std::vector<uint32_t> drawn;
  for (int i = 0; i < 8; ++i) drawn.push_back(random.below(10));
  Random again(7);
  for (uint32_t one : drawn) EXPECT_EQ(again.below(10), one);
  // std::mt19937_64 is fixed by the standard: its 10000th number from the default seed is known.
  std::mt19937_64 engine;
  engine.discard(9999);
  EXPECT_EQ(engine(), 9981545732273789042ULL);
}

TEST(MapSpace, CountsAcceleratorsOfRecurringStages) {
  MapSpace space({false, true, true, true, false}, 2, 2);
  EXPECT_EQ(space.counted({0, 1, 1, 2, 3}), 2U);
  EXPECT_TRUE(space.has({0, 0, 0, 1, 2}));
  EXPECT_FALSE(space.has({0, 0, 0, 0, 1}));
  EXPECT_FALSE(space.has({0, 1, 2, 3, 4}));
}

TEST(MapSpace, EveryMapIsDrawnAndNoOther) {
  MapSpace space({true, true, true, false}, 1, 2);
  Random random(3);
  std::set<StageMap> drawn;
  for (int i = 0; i < 2000; ++i) {
    StageMap map = space.draw(random);
    EXPECT_EQ(map, canonical(map));
    EXPECT_TRUE(space.has(map));
    drawn.insert(map);
  }
  // One group of three stages and the fourth in it or apart; three ways to make two groups, each with the
  // fourth in one of them or apart.
  EXPECT_EQ(drawn.size(), 2U + 3U * 3U);
}

TEST(MapSpace, AllStagesCountWhereNoneRecurs) {
  MapSpace space({false, false, false}, 1, 8);
  EXPECT_EQ(space.recurring(), 3U);
  EXPECT_EQ(space.most(), 3U);
}

}  // namespace
}  // namespace vesper::offline
