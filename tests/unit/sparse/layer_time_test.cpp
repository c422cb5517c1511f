// Cost models and what layers take, against sums done by hand.
#include "models/sparse/layer_time.h"

#include <gmock/gmock.h>

#include "models/core/sim_error.h"

namespace vesper::sparse {
namespace {

Layer product(uint32_t m, uint32_t k, uint32_t n, Sparsity sparsity = {}) {
  Layer layer;
  layer.m = m;
  layer.k = k;
  layer.n = n;
  layer.inputs = m * k;
  layer.sparsity = sparsity;
  return layer;
}

Sparsity weights(Pattern pattern, uint64_t millionths) {
  return {pattern, Ratio{millionths}, Ratio{275'000}};
}

LayerTimes times_of(const char* cost_model) {
  SparseProperties properties;
  properties.cost_model = cost_model;
  return LayerTimes(properties);
}

TEST(EyerissV2, SkipsZerosOfWeightsAndActivations) {
  const LayerTimes times = times_of("eyeriss_v2");
  // 3136 x 576 x 64 = 115 605 504 MACs; 384 x 0.8 = 307.2 a cycle.
  const auto cycles = [&](Pattern pattern, uint64_t zeros, double sparsity) {
    return times.compute_cycles(product(3136, 576, 64, weights(pattern, zeros)), sparsity);
  };
  EXPECT_EQ(cycles(Pattern::dense, 800'000, 0), 376'320U);
  EXPECT_EQ(cycles(Pattern::dense, 800'000, 0.5), 188'160U);
  EXPECT_EQ(cycles(Pattern::channel, 500'000, 0), 188'160U);
  EXPECT_EQ(cycles(Pattern::channel, 750'000, 0.75), 23'520U);
  EXPECT_EQ(cycles(Pattern::random, 500'000, 0.5), 101'607U);    // 94 080 x 1.08 = 101 606.4
  EXPECT_EQ(cycles(Pattern::n_m_block, 500'000, 0.5), 86'554U);  // 94 080 x 0.92 = 86 553.6
}

TEST(EyerissV2, AllZerosStillTakeACycle) {
  EXPECT_EQ(times_of("eyeriss_v2").compute_cycles(product(3136, 576, 64), 1), 1U);
}

TEST(EyerissV2, CompressedWordsHaveTwelveBitsAndDenseOnesEight) {
  const LayerTimes times = times_of("eyeriss_v2");
  LayerTraffic half = times.traffic(product(100, 64, 32, weights(Pattern::random, 500'000)), 0.5);
  EXPECT_EQ(half.weights, 64U * 32 / 2 * 3 / 2);
  EXPECT_EQ(half.input, 100U * 64 / 2 * 3 / 2);
  EXPECT_EQ(half.output, 100U * 32 / 2 * 3 / 2);
  LayerTraffic few = times.traffic(product(100, 64, 32, weights(Pattern::random, 100'000)), 0.25);
  EXPECT_EQ(few.weights, 64U * 32);
  EXPECT_EQ(few.input, 100U * 64);
}

TEST(EyerissV2, WeightsOfEveryGroupAreRead) {
  Layer depthwise = product(112 * 112 * 32, 9, 1, weights(Pattern::dense, 0));
  depthwise.groups = 32;
  EXPECT_EQ(times_of("eyeriss_v2").traffic(depthwise, 0).weights, 9U * 32);
}

TEST(Sanger, AttentionSkipsWhatTheMaskLeavesOut) {
  const LayerTimes times = times_of("sanger");
  Layer scores = product(384, 64, 384, weights(Pattern::dynamic, 0));
  EXPECT_EQ(times.compute_cycles(scores, 0.75), 9216U);  // dense, as no attention: 9 437 184 / 1024
  scores.attention = true;
  EXPECT_EQ(times.compute_cycles(scores, 0.75), 2560U);  // 2304 / 0.9
  EXPECT_EQ(times.compute_cycles(scores, 0), 10'240U);
  EXPECT_EQ(times.traffic(scores, 0.75).weights, 64U * 384 * 2);
  EXPECT_EQ(times.traffic(scores, 0.75).output, 384U * 384 * 2);
}

TEST(LayerTimes, ALayerTakesAsLongAsItsLongestStream) {
  SparseProperties properties;
  properties.macs = 1000;
  properties.utilisation = ratio(1);
  properties.fixed_memory = {7, ratio(2), ratio(4), ratio(8)};
  const LayerTimes times(properties);
  const Sparsity dense = weights(Pattern::dense, 0);
  EXPECT_EQ(times.cycles(product(10, 40, 50, dense), 0), 7U + 40 * 50 / 2);
  EXPECT_EQ(times.cycles(product(100, 40, 5, dense), 0), 7U + 100 * 40 / 4);
  EXPECT_EQ(times.cycles(product(100, 1, 50, dense), 0), 7U + 100 * 50 / 8);
  EXPECT_EQ(times.cycles(product(300, 300, 300, dense), 0), 7U + 300 * 300 / 2);
  EXPECT_EQ(times.cycles(product(3000, 300, 300, dense), 0), 270'000U);
  Layer inner = product(100, 40, 5, dense);
  inner.loads_input = false;
  EXPECT_EQ(times.cycles(inner, 0), 7U + 100);  // of weights
}

TEST(LayerTimes, PartsOfACycleAreWholeOnes) {
  SparseProperties properties;
  properties.fixed_memory = {0, Ratio{1'500'000}, ratio(1), ratio(1)};
  EXPECT_EQ(LayerTimes(properties).weight_stream_cycles(10), 7U);
  EXPECT_EQ(LayerTimes(properties).weight_stream_cycles(9), 6U);
  EXPECT_EQ(LayerTimes(properties).weight_stream_cycles(0), 0U);
}

TEST(LayerTimes, PropertiesReplaceThePublishedArray) {
  SparseProperties properties;
  properties.macs = 1;
  properties.utilisation = Ratio{500'000};
  EXPECT_EQ(LayerTimes(properties).compute_cycles(product(2, 3, 5, weights(Pattern::dense, 0)), 0), 60U);
  properties.activation_buffer = Bytes{100};
  EXPECT_TRUE(LayerTimes(properties).fits(100));
  EXPECT_FALSE(LayerTimes(properties).fits(101));
}

TEST(ZeroCounter, RoundsToTheNearestOutput) {
  const Layer layer = product(7, 3, 11);
  EXPECT_EQ(zero_count(layer, 0), 0U);
  EXPECT_EQ(zero_count(layer, 1), 77U);
  EXPECT_EQ(zero_count(layer, 0.25), 19U);  // 19.25
  EXPECT_EQ(zero_count(layer, 0.5), 39U);   // 38.5
}

TEST(ZeroCounter, IsFullAtThirtyTwoBits) {
  EXPECT_EQ(counted_outputs(product(1U << 17, 1, 1U << 17)), 0xFFFF'FFFFU);
  EXPECT_EQ(zero_count(product(1U << 17, 1, 1U << 17), 1), 0xFFFF'FFFFU);
}

TEST(ZeroCounter, OfUnknownShapesKeepsNineDecimals) {
  EXPECT_EQ(counted_outputs(Layer{}), 4'000'000'000U);
  EXPECT_EQ(zero_count(Layer{}, 1), 4'000'000'000U);
  EXPECT_EQ(zero_count(Layer{}, 0.123456789), 493'827'156U);
}

TEST(LayerEntry, ComesBackAsItWent) {
  Layer layer = product(5, 6, 7, weights(Pattern::channel, 123'456));
  layer.index = 65'000;
  layer.groups = 1U << 20;
  layer.attention = true;
  layer.loads_input = false;
  const Layer back = layer_of(entry_of(layer));
  EXPECT_EQ(back.m, 5U);
  EXPECT_EQ(back.k, 6U);
  EXPECT_EQ(back.n, 7U);
  EXPECT_EQ(back.index, 65'000U);
  EXPECT_EQ(back.groups, 1U << 20);
  EXPECT_EQ(back.inputs, 30U);
  EXPECT_TRUE(back.attention);
  EXPECT_FALSE(back.loads_input);
  EXPECT_TRUE(back.stores_output);
  EXPECT_EQ(back.sparsity.pattern, Pattern::channel);
  EXPECT_EQ(back.sparsity.weights, Ratio{123'456});
  EXPECT_EQ(back.sparsity.activations, Ratio{275'000});
}

TEST(LayerEntry, NonsenseIsRefused) {
  const abi::SparseLayerEntry good = entry_of(product(5, 6, 7));
  const auto refused = [&](auto change) {
    abi::SparseLayerEntry bad = good;
    change(bad);
    EXPECT_THROW(static_cast<void>(layer_of(bad)), core::SimulationError);
  };
  refused([](auto& entry) { entry.k = 0; });
  refused([](auto& entry) { entry.flags |= 0xFF; });
  refused([](auto& entry) { entry.weight_zeros = 1'000'000; });
  refused([](auto& entry) { entry.activation_zeros = 1'000'001; });
}

TEST(CostModels, AreFoundByName) {
  EXPECT_NE(find_cost_model("sanger"), nullptr);
  EXPECT_EQ(find_cost_model("eyeriss"), nullptr);
  EXPECT_STREQ(cost_model_names(), "eyeriss_v2 or sanger");
}

}  // namespace
}  // namespace vesper::sparse
