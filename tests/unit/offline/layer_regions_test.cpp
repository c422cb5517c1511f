#include "schedulers/offline/layer_regions.h"

#include <gtest/gtest.h>

#include "tests/unit/offline/random_sets.h"

namespace vesper::offline {
namespace {

using accelerator::OperationCosts;
using accelerator::Tile;

constexpr Preemption kKinds[] = {Preemption::recompute, Preemption::persist, Preemption::flexible};

TEST(LayerRegions, SwapsAreThoseOfTheAccelerator) {
  std::mt19937 random{1};
  for (int n = 0; n < 300; ++n) {
    LayerShape shape = random_shape(random);
    OperationCosts costs = random_costs(random);
    accelerator::TileWalk walk(shape.m, shape.k, shape.n, Tile{1, 1, 1});
    LayerRegions recompute(shape, {1, 1, 1}, costs, Preemption::recompute, false);
    LayerRegions persist(shape, {1, 1, 1}, costs, Preemption::persist, false);
    LayerRegions flexible(shape, {1, 1, 1}, costs, Preemption::flexible, false);
    for (uint64_t i = 1; i < walk.iterations(); ++i) {
      auto again = static_cast<Cycles>(recompute_resume_cycles(walk, costs, i));
      auto back = static_cast<Cycles>(persist_resume_cycles(walk, costs, i));
      ASSERT_EQ(recompute.point(i).swap_in, again);
      ASSERT_EQ(recompute.point(i).swap_out, static_cast<Cycles>(costs.clean));
      ASSERT_EQ(persist.point(i).swap_in, back);
      ASSERT_EQ(persist.point(i).swap_out, static_cast<Cycles>(costs.persist));
      ASSERT_EQ(flexible.point(i).swap_in, std::min(again, back));
      ASSERT_EQ(flexible.point(i).strategy, again <= back ? Strategy::recompute : Strategy::persist);
    }
  }
}

TEST(LayerRegions, ClosedFormsAreTheSumsOverAllIterations) {
  std::mt19937 random{2};
  for (int n = 0; n < 2000; ++n) {
    LayerShape shape = random_shape(random);
    OperationCosts costs = random_costs(random);
    LayerRegions layer(shape, {1, 1, 1}, costs, kKinds[n % 3], random() % 2 == 0);
    Cycles swap_in = 0, longest = 0, swap_out = 0, cycles = 0;
    for (uint64_t i = 0; i < layer.iterations(); ++i) {
      Point point = layer.point(i);
      swap_in += point.swap_in;
      cycles += layer.cycles(i);
      longest = std::max(longest, point.swap_in + layer.cycles(i));
      swap_out = std::max(swap_out, point.swap_out);
    }
    SCOPED_TRACE(testing::Message() << shape.m << "x" << shape.k << "x" << shape.n << " kind " << n % 3);
    ASSERT_EQ(static_cast<Cycles>(layer.swap_in_total()), swap_in);
    ASSERT_EQ(layer.longest_region(), longest);
    ASSERT_EQ(layer.largest_swap_out(), swap_out);
    ASSERT_EQ(layer.cycles(), cycles);
  }
}

TEST(LayerRegions, NothingIsOnChipAtALayersStart) {
  LayerRegions layer({4, 4, 4}, {1, 1, 1}, {1, 2, 3, 4, 5, 6}, Preemption::persist, true);
  EXPECT_EQ(layer.point(0).strategy, Strategy::none);
  EXPECT_EQ(layer.point(0).swap_in, 0);
  EXPECT_EQ(layer.point(0).swap_out, 0);
}

TEST(LayerRegions, ALayerOfFourThousandMillionIterationsTakesNoTime) {
  // 2^16 x 2^15 x 2 tiles of 1 + ... : below 2^32 - 1 iterations
  LayerRegions layer({1U << 16, 1U << 15, 1}, {1, 1, 1}, {3, 5, 7, 11, 13, 17}, Preemption::recompute, false);
  EXPECT_EQ(layer.iterations(), (uint64_t{1} << 31) + 2);
  // One region before each of the 2^31 + 1 points; k points an output tile: 3 + 5 j, j = 1 .. k, but for the
  // last.
  Wide k = 1 << 15;
  Wide expected = 3 + (Wide{1} << 16) * (3 * k + 5 * k * (k + 1) / 2);
  EXPECT_EQ(static_cast<Cycles>(layer.swap_in_total()), static_cast<Cycles>(expected));
}

TEST(LayerRegions, RefusesNonsense) {
  auto make = [](LayerShape shape, Tile tile, OperationCosts costs) {
    return LayerRegions(shape, tile, costs, Preemption::flexible, false);
  };
  constexpr uint32_t kTooLarge = 1U << 31;
  const Tile tile{1536, 128, 1024};
  const OperationCosts costs{1, 1, 1, 1, 1, 1};
  EXPECT_NO_THROW(make({kTooLarge - 1, 1, 1}, tile, costs));
  for (LayerShape shape :
       {LayerShape{0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {kTooLarge, 1, 1}, {1, kTooLarge, 1}, {1, 1, kTooLarge}}) {
    EXPECT_THROW(make(shape, tile, costs), AnalysisError);
  }
  // All dimensions in range, but 2^93 tiles, or 2^62.
  EXPECT_THROW(make({kTooLarge - 1, kTooLarge - 1, kTooLarge - 1}, {1, 1, 1}, costs), AnalysisError);
  EXPECT_THROW(make({kTooLarge - 1, kTooLarge - 1, 1}, {1, 1, 1}, costs), AnalysisError);
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  EXPECT_THROW(make({1, 1, 1}, tile, {kMost, 1, 1, 1, 1, 1}), AnalysisError);
  EXPECT_THROW(make({1, 1, 1}, tile, {1, 1, 1, kMost, 1, 1}), AnalysisError);
  EXPECT_THROW(make({1, 1, 1}, tile, {1, 1, 1, 1, 1, kMost}), AnalysisError);
  EXPECT_THROW(make({1, 1, 1}, tile, {kMost / 4, 1, 1, 1, 1, 1}), AnalysisError)
      << "three iterations overflow";
}

}  // namespace
}  // namespace vesper::offline
