#include "platform/lowering/weight_stationary.h"

#include <gmock/gmock.h>

#include <numeric>
#include <stdexcept>

namespace vesper::lowering {
namespace {

using npu::NpuProperties;
using npu::NpuTicks;
using workload::Layer;

NpuProperties npu_of(uint32_t arrays, uint32_t side) {
  NpuProperties properties;
  properties.arrays = arrays;
  properties.rows = properties.columns = side;
  return properties;
}

uint64_t cycles(const Layer& layer, const NpuProperties& properties) {
  return weight_stationary_costs({"n", {layer}}, properties).at(0).cycles;
}

TEST(WeightStationary, CyclesOfATileAreTheRowsThatStreamThrough) {
  EXPECT_EQ(cycles({"a", 49, 128, 128}, npu_of(1, 128)), 49U);
  EXPECT_EQ(cycles({"a", 49, 129, 128}, npu_of(1, 128)), 2 * 49U);
  EXPECT_EQ(cycles({"a", 49, 2048, 1000}, npu_of(1, 128)), 16 * 8 * 49U);
}

TEST(WeightStationary, GroupsLieAlongTheDiagonal) {
  // Depthwise 3 x 3 on 32 channels of 112 x 112: 14 groups of 9 rows fit into 128.
  EXPECT_EQ(cycles({"d", 12544 * 32, 9, 1, 32}, npu_of(1, 128)), 3 * 12544U);
  // ResNeXt's 32 groups of 36 x 4: 3 fit.
  EXPECT_EQ(cycles({"g", 3136 * 32, 36, 4, 32}, npu_of(1, 128)), 11 * 3136U);
  // Groups larger than an array: each is tiled by itself.
  EXPECT_EQ(cycles({"l", 10 * 2, 200, 64, 2}, npu_of(1, 128)), 2 * 2 * 10U);
}

TEST(WeightStationary, ArraysShareTilesAndRows) {
  EXPECT_EQ(cycles({"a", 1200, 64, 64}, npu_of(12, 64)), 100U);  // one tile: rows in twelve parts
  EXPECT_EQ(cycles({"a", 16, 768, 64}, npu_of(12, 64)), 16U);    // twelve tiles, one each
  EXPECT_EQ(cycles({"a", 16, 256, 256}, npu_of(12, 64)), 24U);  // 16 tiles: 4 x 4 tiles, rows in 3 parts of 6
  EXPECT_EQ(cycles({"a", 1, 256, 256}, npu_of(12, 64)), 2U);
}

TEST(WeightStationary, BytesAreThoseOfTheWeights) {
  auto costs = weight_stationary_costs({"n", {{"a", 1, 10, 20}, {"g", 8, 9, 2, 4}}}, npu_of(1, 128));
  EXPECT_EQ(costs[0].bytes, 400U);
  EXPECT_EQ(costs[1].bytes, 9U * 2 * 4 * 2);
}

TEST(WeightStationary, ProductsWithoutWeightsJoinTheLayerBefore) {
  auto costs = weight_stationary_costs(
      {"n",
       {{"q", 16, 128, 128}, {"s", 16, 64, 16, 1, true}, {"c", 16, 16, 64, 1, true}, {"o", 16, 128, 128}}},
      npu_of(1, 128));
  ASSERT_EQ(costs.size(), 2U);
  EXPECT_EQ(costs[0].cycles, 48U);
  EXPECT_EQ(costs[1].cycles, 16U);
}

TEST(WeightStationary, ALayerLargerThanTheBufferIsCutIntoPartsOfAtMostHalf) {
  NpuProperties small = npu_of(1, 128);
  small.weight_buffer = Bytes{1024};
  auto costs = weight_stationary_costs({"n", {{"fits", 1, 16, 32}, {"large", 7, 100, 9}}}, small);
  ASSERT_EQ(costs.size(), 1U + 4);
  uint64_t bytes = 0, all = 0;
  for (size_t i = 1; i < costs.size(); ++i) {
    EXPECT_LE(costs[i].bytes, 512U);
    bytes += costs[i].bytes;
    all += costs[i].cycles;
  }
  EXPECT_EQ(bytes, 1800U);
  EXPECT_EQ(all, 7U);
  EXPECT_EQ(costs[1].name, "large.0");
}

TEST(WeightStationary, TicksMakeCyclesAndBytesWhole) {
  NpuTicks memory_centric(NpuProperties{});  // 700 MHz, 225 GB/s
  EXPECT_EQ(memory_centric.cycle, 2250U);
  EXPECT_EQ(memory_centric.byte, 7U);
  EXPECT_EQ(memory_centric.second, 1'575'000'000'000U);
  EXPECT_EQ(memory_centric.buffer, 7 * (uint64_t{48} << 20));
  NpuProperties odd;
  odd.clock.hz = 700'000'001;
  odd.bandwidth.bytes_per_second = 225'000'000'007;
  EXPECT_THROW(NpuTicks{odd}, std::overflow_error);
}

TEST(WeightStationary, AbsurdLayersAreRefused) {
  EXPECT_THROW(cycles({"x", 0x7FFF'FFFF, 0x7FFF'FFFF, 0x7FFF'FFFF}, npu_of(1, 128)), std::overflow_error);
}

}  // namespace
}  // namespace vesper::lowering
