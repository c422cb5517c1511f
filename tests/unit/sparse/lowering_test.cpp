// Networks lowered for accelerators that go layer by layer.
#include <gmock/gmock.h>

#include "platform/lowering/layer_by_layer.h"

namespace vesper::lowering {
namespace {

using sparse::Layer;
using sparse::SparseProperties;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

workload::Network network_of(std::vector<std::array<uint32_t, 3>> shapes) {
  workload::Network network{"n", {}};
  for (const auto& [m, k, n] : shapes) {
    network.layers.emplace_back();
    network.layers.back().name = "l";
    network.layers.back().m = m;
    network.layers.back().k = k;
    network.layers.back().n = n;
  }
  return network;
}

/// A MAC and a byte a cycle, dense.
SparseProperties plain() {
  SparseProperties properties;
  properties.macs = 1;
  properties.utilisation = ratio(1);
  properties.fixed_memory = {0, ratio(1), ratio(1), ratio(1)};
  properties.activation_buffer = Bytes{40};
  properties.sparsity = {sparse::Pattern::dense, Ratio{0}, Ratio{0}};
  return properties;
}

std::vector<Layer> layers_of(const Program& program) {
  std::vector<Layer> layers;
  for (const abi::MetadataEntry& entry : program.entries)
    layers.push_back(sparse::layer_of(sparse::as_layer(entry)));
  return layers;
}

template <class Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(LayerByLayer, ARegionALayerWithItsCycles) {
  Program program = lower_layer_by_layer(network_of({{4, 5, 6}, {4, 6, 2}}), plain(), {Granularity::layer});
  ASSERT_EQ(program.regions.size(), 2U);
  EXPECT_EQ(program.regions[1].first, 1U);
  EXPECT_EQ(program.regions[1].count, 1U);
  EXPECT_THAT(program.region_cycles, ElementsAre(120U, 48U));
  EXPECT_EQ(program.execution_cycles, 168U);
  EXPECT_EQ(program.monitors[1].outputs, 8U);
}

TEST(LayerByLayer, ModelGranularityIsOneRegion) {
  Program program = lower_layer_by_layer(network_of({{4, 5, 6}, {4, 6, 2}}), plain(), {Granularity::model});
  ASSERT_EQ(program.regions.size(), 1U);
  EXPECT_EQ(program.regions[0].count, 2U);
  EXPECT_THAT(program.region_cycles, ElementsAre(168U));
  EXPECT_EQ(program.monitors.size(), 1U);
  EXPECT_EQ(program.monitors[0].outputs, 8U);
}

TEST(LayerByLayer, OtherGranularitiesAreRefused) {
  for (Granularity granularity : {Granularity::tile, Granularity::placed}) {
    EXPECT_THAT(refusal([&] {
                  lower_layer_by_layer(network_of({{4, 5, 6}}), plain(), {granularity});
                }),
                HasSubstr("scheduler.granularity must be layer or model"));
  }
}

TEST(LayerByLayer, WhatFitsTheBufferStaysOnChip) {
  // 24 activations stay; 48 do not; 24 again; the last layer reads another tensor than the one before left.
  Program program = lower_layer_by_layer(
      network_of({{4, 5, 6}, {4, 6, 12}, {4, 12, 6}, {4, 6, 6}, {4, 20, 1}}), plain(), {Granularity::layer});
  std::vector<bool> loads, stores;
  for (const Layer& layer : layers_of(program)) {
    loads.push_back(layer.loads_input);
    stores.push_back(layer.stores_output);
  }
  EXPECT_THAT(loads, ElementsAre(true, false, true, false, true));
  EXPECT_THAT(stores, ElementsAre(false, true, false, true, true));
}

TEST(LayerByLayer, ALayerReadsWhereTheOneBeforeWrote) {
  Options options{Granularity::layer};
  options.tensor_skew = 100;
  Program program = lower_layer_by_layer(network_of({{4, 5, 6}, {4, 6, 2}, {3, 3, 3}}), plain(), options);
  EXPECT_EQ(program.entries[0].a, 0U);
  EXPECT_EQ(program.entries[0].b, 4096U);
  EXPECT_EQ(program.entries[0].c, 8192U);
  EXPECT_EQ(program.entries[1].a, program.entries[0].c);
  EXPECT_EQ(program.entries[1].b, 12'288U);
  EXPECT_EQ(program.entries[1].c, 16'384U);
  EXPECT_EQ(program.entries[2].a, 20'480U);
  EXPECT_EQ(program.memory_bytes, 32'768U);
}

TEST(LayerByLayer, TheTasksZerosReplaceTheAccelerators) {
  Options options{Granularity::layer};
  options.sparsity = sparse::Sparsity{sparse::Pattern::channel, Ratio{500'000}, Ratio{250'000}};
  Program program = lower_layer_by_layer(network_of({{8, 10, 10}}), plain(), options);
  EXPECT_THAT(program.region_cycles, ElementsAre(300U));  // 800 MACs, half of the weights, 3/4 of activations
  EXPECT_EQ(program.monitors[0].average_sparsity, 0.25);
  EXPECT_EQ(layers_of(program)[0].sparsity.pattern, sparse::Pattern::channel);
}

TEST(LayerByLayer, UnknownShapesTakeNothing) {
  Program program = lower_layer_by_layer(network_of({{0, 0, 0}, {0, 0, 0}}), plain(), {Granularity::layer});
  EXPECT_THAT(program.region_cycles, ElementsAre(0U, 0U));
  EXPECT_EQ(program.memory_bytes, 0U);
  EXPECT_EQ(program.monitors[0].outputs, sparse::kUnknownOutputs);
}

TEST(LayerByLayer, HugeTensorsAreRefused) {
  EXPECT_THAT(refusal([] {
                lower_layer_by_layer(network_of({{1, 1U << 17, 1U << 17}}), plain(), {Granularity::layer});
              }),
              HasSubstr("has a tensor of 4 GiB or more"));
  EXPECT_THAT(refusal([] {
                lower_layer_by_layer(network_of({{1U << 31, 2, 2}}), plain(), {Granularity::layer});
              }),
              HasSubstr("has a tensor of 4 GiB or more"));
}

}  // namespace
}  // namespace vesper::lowering
