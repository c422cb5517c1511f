#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "platform/lowering/output_stationary.h"

namespace vesper::lowering {
namespace {

using accelerator::OperationCosts;
using accelerator::TileBytes;
using accelerator::TileProperties;
using accelerator::TileWalk;
using ::testing::HasSubstr;
using workload::Network;

/// One element a tile: shapes count tiles.
TileProperties elements() {
  TileProperties properties;
  properties.tile = {1, 1, 1};
  properties.cycles = {10, 20, 31, 4, 30, 40};
  return properties;
}

Network network_of(std::vector<std::array<uint32_t, 3>> shapes) {
  Network network{"n", {}};
  for (const auto& [m, k, n] : shapes) network.layers.push_back({"l", m, k, n});
  return network;
}

TEST(Lowering, ModelGranularityIsOneRegionOfAllLayers) {
  Program program = lower_output_stationary(network_of({{2, 3, 1}, {1, 1, 1}, {1, 4, 2}}), elements(),
                                            {Granularity::model});
  ASSERT_EQ(program.regions.size(), 1U);
  EXPECT_EQ(program.regions[0].first, 0U);
  EXPECT_EQ(program.regions[0].count, 3U);
  const uint32_t last[] = {7, 2, 9};
  for (uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(program.entries[i].layer, i);
    EXPECT_EQ(program.entries[i].first_iteration, 0U);
    EXPECT_EQ(program.entries[i].last_iteration, last[i]);
    EXPECT_EQ(program.entries[i].flags, 0U);
  }
}

TEST(Lowering, LayerGranularityIsARegionALayerWithNothingOnChipBetween) {
  Program program = lower_output_stationary(network_of({{2, 3, 1}, {1, 1, 1}}), elements(),
                                            {Granularity::layer, Preemption::persist});
  ASSERT_EQ(program.regions.size(), 2U);
  for (uint32_t i = 0; i < 2; ++i) {
    EXPECT_EQ(program.regions[i].first, i);
    EXPECT_EQ(program.regions[i].count, 1U);
    EXPECT_EQ(program.entries[i].flags, 0U);
  }
  // Layer 0: load, then load with compute four times beside two stores, ... : 10 + 20*5 with stores of 31 in
  // 4 and 7.
  EXPECT_EQ(program.region_cycles[0], 10U + 20 + 20 + 20 + 31 + 20 + 20 + 31);
  EXPECT_EQ(program.region_cycles[1], 10U + 20 + 31);
  EXPECT_EQ(program.execution_cycles, program.region_cycles[0] + program.region_cycles[1]);
}

TEST(Lowering, TileGranularityIsARegionAnIteration) {
  Program program = lower_output_stationary(network_of({{1, 2, 1}, {1, 1, 1}}), elements(),
                                            {Granularity::tile, Preemption::recompute});
  ASSERT_EQ(program.regions.size(), 4U + 3U);
  for (uint32_t i = 0; i < 7; ++i) {
    EXPECT_EQ(program.regions[i].first, i);
    EXPECT_EQ(program.regions[i].count, 1U);
    uint32_t layer = i < 4 ? 0 : 1;
    uint32_t iteration = i < 4 ? i : i - 4;
    EXPECT_EQ(program.entries[i].layer, layer);
    EXPECT_EQ(program.entries[i].first_iteration, iteration);
    EXPECT_EQ(program.entries[i].last_iteration, iteration);
    bool ends_layer = i == 3 || i == 6;
    EXPECT_EQ(program.entries[i].flags, ends_layer ? 0U : abi::kEntryPreemptive);
  }
  EXPECT_THAT(program.region_cycles, ::testing::ElementsAre(10, 20, 20, 31, 10, 20, 31));
}

/// The strategy of each point of a layer, from the flags on both of its sides.
std::vector<bool> persists(const Program& program) {
  std::vector<bool> all;
  for (size_t i = 0; i + 1 < program.entries.size(); ++i) {
    bool at_end = (program.entries[i].flags & abi::kEntryPersistAtEnd) != 0;
    bool at_start = (program.entries[i + 1].flags & abi::kEntryPersistAtStart) != 0;
    EXPECT_EQ(at_end, at_start) << "both sides of point " << i << " have one strategy";
    EXPECT_NE(program.entries[i].flags & abi::kEntryPreemptive, 0U);
    all.push_back(at_end);
  }
  EXPECT_EQ(program.entries.back().flags & (abi::kEntryPreemptive | abi::kEntryPersistAtEnd), 0U);
  EXPECT_EQ(program.entries.front().flags & abi::kEntryPersistAtStart, 0U);
  return all;
}

TEST(Lowering, StrategiesAreOnBothSidesOfAPoint) {
  Network network = network_of({{1, 3, 2}});
  EXPECT_EQ(
      persists(lower_output_stationary(network, elements(), {Granularity::tile, Preemption::recompute})),
      std::vector<bool>(7, false));
  EXPECT_EQ(persists(lower_output_stationary(network, elements(), {Granularity::tile, Preemption::persist})),
            std::vector<bool>(7, true));
}

TEST(Lowering, FlexibleRecomputesUnlessThatCostsMoreThanPersisting) {
  // One output tile of 6 inputs. Swap-in before iteration i: recompute 10 + 20 (i - 1), persist 40 + 10;
  // equal at i = 3.
  Network network = network_of({{1, 6, 1}});
  EXPECT_THAT(
      persists(lower_output_stationary(network, elements(), {Granularity::tile, Preemption::flexible})),
      ::testing::ElementsAre(false, false, false, true, true, true, true));
  // With table II: 16092 + 23362 (i - 1) against 299893 + 16092: persist from i = 14 on.
  TileProperties table2;
  std::vector<bool> strategies =
      persists(lower_output_stationary(network_of({{1024, 8192, 1024}}), table2, {}));
  ASSERT_EQ(strategies.size(), 65U);
  for (size_t i = 1; i <= 65; ++i) EXPECT_EQ(strategies[i - 1], i >= 14) << i;
}

TEST(Lowering, RegionsAddUpToTheWholeAtEveryGranularity) {
  std::mt19937 random{1};
  for (int round = 0; round < 200; ++round) {
    std::vector<std::array<uint32_t, 3>> shapes(1 + random() % 4);
    for (auto& shape : shapes)
      shape = {1 + static_cast<uint32_t>(random() % 5), 1 + static_cast<uint32_t>(random() % 5),
               1 + static_cast<uint32_t>(random() % 5)};
    TileProperties properties = elements();
    for (auto* cycles : {&properties.cycles.load, &properties.cycles.compute, &properties.cycles.store})
      *cycles = random() % 100;
    uint64_t expected = 0;
    OperationCosts costs = operation_costs(properties);
    for (const auto& [m, k, n] : shapes) {
      TileWalk walk(m, k, n, properties.tile);
      for (uint64_t i = 0; i < walk.iterations(); ++i) expected += iteration_cycles(walk, costs, i);
    }
    for (Granularity granularity : {Granularity::model, Granularity::layer, Granularity::tile}) {
      Program program = lower_output_stationary(network_of(shapes), properties, {granularity});
      ASSERT_EQ(program.region_cycles.size(), program.regions.size());
      uint64_t sum = 0;
      for (uint64_t cycles : program.region_cycles) sum += cycles;
      ASSERT_EQ(sum, program.execution_cycles);
      ASSERT_EQ(sum, expected);
      uint32_t next = 0;
      for (const abi::IndexEntry& region : program.regions) {
        ASSERT_EQ(region.first, next) << "regions are in order and without gaps";
        next += region.count;
      }
      ASSERT_EQ(next, program.entries.size());
    }
  }
}

TEST(Lowering, TensorsLieApartAlignedAndWithinTheProgramsMemory) {
  std::mt19937 random{2};
  for (int round = 0; round < 200; ++round) {
    TileProperties properties;
    properties.tile = {1 + static_cast<uint32_t>(random() % 64), 1 + static_cast<uint32_t>(random() % 64),
                       1 + static_cast<uint32_t>(random() % 64)};
    properties.element_bytes = 1 + static_cast<uint32_t>(random() % 8);
    Options options{Granularity::layer, Preemption::flexible, random() % 2 == 0 ? 0 : random() % 100'000};
    std::vector<std::array<uint32_t, 3>> shapes(1 + random() % 5);
    for (auto& shape : shapes)
      shape = {1 + static_cast<uint32_t>(random() % 500), 1 + static_cast<uint32_t>(random() % 500),
               1 + static_cast<uint32_t>(random() % 500)};
    Program program = lower_output_stationary(network_of(shapes), properties, options);
    TileBytes bytes = tile_bytes(properties);
    std::vector<std::pair<uint64_t, uint64_t>> tensors{{program.entries[0].partial, bytes.partial}};
    for (const abi::MetadataEntry& entry : program.entries) {
      TileWalk walk(entry.m, entry.k, entry.n, properties.tile);
      ASSERT_EQ(entry.partial, program.entries[0].partial) << "one partial tile serves all layers";
      tensors.emplace_back(entry.a, bytes.a * walk.m_tiles() * walk.k_tiles());
      tensors.emplace_back(entry.b, bytes.b * walk.k_tiles() * walk.n_tiles());
      tensors.emplace_back(entry.c, bytes.c * walk.m_tiles() * walk.n_tiles());
    }
    std::ranges::sort(tensors);
    for (size_t i = 0; i < tensors.size(); ++i) {
      ASSERT_EQ(tensors[i].first % 4096, 0U);
      uint64_t end = tensors[i].first + tensors[i].second;
      ASSERT_LE(end, i + 1 < tensors.size() ? tensors[i + 1].first : program.memory_bytes);
      if (i > 0 && i + 1 < tensors.size()) {
        ASSERT_GE(tensors[i + 1].first - end, options.tensor_skew);
      }
    }
  }
}

std::string refusal(const Network& network, const TileProperties& properties, const Options& options = {}) {
  try {
    (void)lower_output_stationary(network, properties, options);
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "taken";
  return "";
}

TEST(Lowering, TooManyRegionsAreRefused) {
  // A layer of t tiles has t + 2 regions; the tables hold kIndexEntries.
  auto tiles = static_cast<uint32_t>(abi::kIndexEntries - 2);
  EXPECT_EQ(lower_output_stationary(network_of({{tiles, 1, 1}}), elements(), {}).regions.size(),
            abi::kIndexEntries);
  EXPECT_THAT(refusal(network_of({{tiles + 1, 1, 1}}), elements()), HasSubstr("coarser granularity"));
  EXPECT_THAT(refusal(network_of({{tiles, 1, 1}, {1, 1, 1}}), elements()), HasSubstr("regions"));
  EXPECT_EQ(lower_output_stationary(network_of({{tiles + 1, 1, 1}}), elements(), {Granularity::layer})
                .regions.size(),
            1U);
}

TEST(Lowering, TooManyIterationsAreRefusedHoweverMany) {
  Options coarse{Granularity::layer};
  EXPECT_EQ(lower_output_stationary(network_of({{0x7FFF'FFFF, 1, 1}}), elements(), coarse).regions.size(),
            1U);
  EXPECT_THAT(refusal(network_of({{65536, 65536, 1}}), elements(), coarse), HasSubstr("tile iterations"));
  // 2^66 tiles: a product of 64 bits would be 0.
  EXPECT_THAT(refusal(network_of({{1U << 22, 1U << 22, 1U << 22}}), elements(), coarse),
              HasSubstr("tile iterations"));
}

TEST(Lowering, TilesAndTensorsThatNoMemoryHoldsAreRefused) {
  TileProperties properties;
  properties.tile = {1U << 20, 1U << 20, 1};
  properties.element_bytes = 8;
  EXPECT_THAT(refusal(network_of({{1, 1, 1}}), properties), HasSubstr("4 GiB"));
  properties.tile = {32768, 32768, 1};
  properties.element_bytes = 1;
  EXPECT_THAT(refusal(network_of({{0x7FFF'FFFF, 1U << 30, 1}}), properties, {Granularity::layer}),
              HasSubstr("more memory"));
  // A skew of which a few leave 64 bits.
  EXPECT_THAT(refusal(network_of({{1, 1, 1}, {1, 1, 1}}), TileProperties{},
                      {Granularity::layer, Preemption::flexible, ~uint64_t{0} - 4095}),
              HasSubstr("more memory"));
}

TEST(Lowering, ThePassIsFoundByTheTypeOfItsAccelerator) {
  ASSERT_NE(find_pass("accelerator"), nullptr);
  EXPECT_EQ(find_pass("noc"), nullptr);
  Node node = Node::map();
  node.at_or_add("type", {}) = Node::scalar("accelerator");
  node.at_or_add("element_bytes", {}) = Node::scalar("2");
  Program program = (*find_pass("accelerator"))(network_of({{1, 1, 1}}), node, "acc", {});
  TileProperties properties;
  properties.element_bytes = 2;
  EXPECT_EQ(program.execution_cycles,
            lower_output_stationary(network_of({{1, 1, 1}}), properties, {}).execution_cycles);
  node.at_or_add("element_bytes", {}) = Node::scalar("9");
  EXPECT_THROW((*find_pass("accelerator"))(network_of({{1, 1, 1}}), node, "acc", {}), InputError);
}

}  // namespace
}  // namespace vesper::lowering
