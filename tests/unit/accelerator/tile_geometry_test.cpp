#include "models/accelerator/tile_geometry.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/accelerator/reference_walk.h"

namespace vesper::accelerator {
namespace {

TEST(TileGeometry, CostsOfTableTwo) {
  // DERCA (RTSS 2025), Table II, column of the model: 1536 x 128 x 1024 tiles of 4-byte elements.
  OperationCosts costs = operation_costs(TileProperties{});
  EXPECT_EQ(costs.load, 16092U);
  EXPECT_EQ(costs.compute, 23362U);
  EXPECT_EQ(costs.store, 210015U);
  EXPECT_EQ(costs.clean, 16400U);
  EXPECT_EQ(costs.persist, 210015U);
  EXPECT_EQ(costs.resume, 299893U);
}

TEST(TileGeometry, BytesOfATile) {
  TileBytes bytes = tile_bytes(TileProperties{});
  EXPECT_EQ(bytes.a, 1536U * 128 * 4);
  EXPECT_EQ(bytes.b, 128U * 1024 * 4);
  EXPECT_EQ(bytes.c, 1536U * 1024 * 4);
  EXPECT_EQ(bytes.partial, bytes.c);
}

TEST(TileGeometry, APartialTileIsAccumulatorsOf32BitsAtLeast) {
  TileProperties properties;
  for (auto [element, accumulator] : {std::pair{1U, 4U}, {2U, 4U}, {4U, 4U}, {8U, 8U}}) {
    properties.element_bytes = element;
    EXPECT_EQ(tile_bytes(properties).c, 1536U * 1024 * element);
    EXPECT_EQ(tile_bytes(properties).partial, 1536U * 1024 * accumulator);
  }
}

TEST(TileGeometry, OverridesReplaceTheModelled) {
  TileProperties properties;
  properties.cycles = {1, 2, 3, 4, 5, 6};
  OperationCosts costs = operation_costs(properties);
  EXPECT_EQ(costs.load, 1U);
  EXPECT_EQ(costs.compute, 2U);
  EXPECT_EQ(costs.store, 3U);
  EXPECT_EQ(costs.clean, 4U);
  EXPECT_EQ(costs.persist, 5U);
  EXPECT_EQ(costs.resume, 6U);
  properties.cycles = {};
  properties.cycles.clean = 0;
  EXPECT_EQ(operation_costs(properties).clean, 0U) << "0 cycles are a value";
  EXPECT_EQ(operation_costs(properties).load, 16092U);
}

TEST(TileGeometry, TransfersRoundToTheNearestCycle) {
  TileProperties properties;
  properties.tile = {1, 1, 1};
  properties.element_bytes = 1;
  properties.fixed_memory = {.setup = 10,
                             .load = Ratio{4'000'000},
                             .store = Ratio{2'000'000},
                             .persist = Ratio{3'000'000},
                             .resume = Ratio{400'000}};
  OperationCosts costs = operation_costs(properties);
  EXPECT_EQ(costs.load, 11U) << "2 bytes at 4 a cycle: half a cycle rounds up";
  EXPECT_EQ(costs.store, 11U) << "half a cycle";
  EXPECT_EQ(costs.persist, 11U) << "4 bytes at 3 a cycle: a third of a cycle rounds down";
  EXPECT_EQ(costs.resume, 20U);
}

TEST(TileWalk, TilesAreRoundedUp) {
  const Tile tile{1536, 128, 1024};
  EXPECT_EQ(TileWalk(1024, 8192, 1024, tile).tiles(), 64U);
  EXPECT_EQ(TileWalk(1024, 8192, 1024, tile).iterations(), 66U);
  EXPECT_EQ(TileWalk(1, 1, 1, tile).tiles(), 1U);
  EXPECT_EQ(TileWalk(1536, 128, 1024, tile).tiles(), 1U);
  EXPECT_EQ(TileWalk(1537, 129, 1025, tile).tiles(), 8U);
}

TEST(TileWalk, KIsInnerThenNThenM) {
  std::mt19937 random{3};
  for (int i = 0; i < 200; ++i) {
    Shape shape = random_shape(random);
    TileWalk walk(shape.m, shape.k, shape.n, Tile{1, 1, 1});
    uint64_t tile = 0;
    for (uint32_t m = 0; m < shape.m; ++m) {
      for (uint32_t n = 0; n < shape.n; ++n) {
        for (uint32_t k = 0; k < shape.k; ++k, ++tile) {
          TileWalk::Position at = walk.position(tile);
          ASSERT_EQ(at.m, m);
          ASSERT_EQ(at.k, k);
          ASSERT_EQ(at.n, n);
        }
      }
    }
    ASSERT_EQ(walk.tiles(), tile);
  }
}

TEST(TileWalk, AnIterationCostsTheLongestOfWhatItDoes) {
  std::mt19937 random{4};
  for (int i = 0; i < 2000; ++i) {
    Shape shape = random_shape(random);
    OperationCosts costs = random_costs(random);
    ReferenceWalk reference(shape, costs);
    TileWalk walk(shape.m, shape.k, shape.n, Tile{1, 1, 1});
    ASSERT_EQ(walk.iterations(), reference.iterations.size());
    for (uint64_t j = 0; j < walk.iterations(); ++j) {
      ASSERT_EQ(walk.loads(j), reference.iterations[j].load.has_value());
      ASSERT_EQ(walk.computes(j), reference.iterations[j].compute.has_value());
      ASSERT_EQ(walk.stores(j), reference.iterations[j].store.has_value());
      ASSERT_EQ(iteration_cycles(walk, costs, j), reference.cycles(j)) << j;
    }
  }
}

TEST(TileWalk, TheClosedFormIsTheSumOverEveryRange) {
  std::mt19937 random{5};
  for (int i = 0; i < 5000; ++i) {
    Shape shape = random_shape(random);
    OperationCosts costs = random_costs(random);
    ReferenceWalk reference(shape, costs);
    TileWalk walk(shape.m, shape.k, shape.n, Tile{1, 1, 1});
    for (int range = 0; range < 8; ++range) {
      uint64_t first = random() % walk.iterations();
      uint64_t last = first + random() % (walk.iterations() - first);
      uint64_t sum = 0;
      for (uint64_t j = first; j <= last; ++j) sum += reference.cycles(j);
      ASSERT_EQ(iterations_cycles(walk, costs, first, last), sum)
          << shape.text() << ' ' << first << ".." << last;
    }
  }
}

TEST(TileWalk, ResumeCostsAreThoseOfAWalkByHand) {
  std::mt19937 random{6};
  for (int i = 0; i < 3000; ++i) {
    Shape shape = random_shape(random);
    OperationCosts costs = random_costs(random);
    ReferenceWalk reference(shape, costs);
    TileWalk walk(shape.m, shape.k, shape.n, Tile{1, 1, 1});
    for (uint64_t j = 0; j < walk.iterations(); ++j) {
      ASSERT_EQ(recompute_resume_cycles(walk, costs, j), reference.recompute_resume(j))
          << shape.text() << " at " << j;
      ASSERT_EQ(persist_resume_cycles(walk, costs, j), reference.persist_resume(j))
          << shape.text() << " at " << j;
    }
  }
}

TEST(TileWalk, RecomputeIsTheDercaFormulaInMidTile) {
  // I x max(load, compute) is the paper's bound: I iterations since the output tile began. Filling the
  // pipeline again replaces its first term by a load.
  OperationCosts costs = operation_costs(TileProperties{});
  TileWalk walk(1024, 8192, 1024, Tile{});
  EXPECT_EQ(recompute_resume_cycles(walk, costs, 10), costs.load + 9 * costs.compute);
  EXPECT_EQ(persist_resume_cycles(walk, costs, 10), 299893U + 16092U);
}

}  // namespace
}  // namespace vesper::accelerator
