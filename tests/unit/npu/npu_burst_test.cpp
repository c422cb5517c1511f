// `burst` memory: weights and activations travel as bursts.
#include <numeric>

#include "tests/support/memory_target.h"
#include "tests/unit/npu/npu_bench.h"

namespace vesper::npu {
namespace {

using observe::OperationKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class NpuBurst : public NpuBench {
 protected:
  void make_burst(Npu::Properties properties, uint32_t ports = 2) {
    properties.weight_ports = ports;
    make(properties, true);
    for (uint32_t i = 0; i < ports; ++i) {
      memories.push_back(std::make_unique<test::MemoryTarget>(fmt::format("memory{}", i).c_str()));
      core::connect(model->endpoint(fmt::format("weights.{}", i)),
                    core::TargetEndpoint{&memories[i]->socket});
    }
    memories.push_back(std::make_unique<test::MemoryTarget>("memory_of_activations"));
    core::connect(model->endpoint("activations"), core::TargetEndpoint{&memories.back()->socket});
  }
  static Npu::Properties large() {
    Npu::Properties properties = small();
    properties.weight_buffer = KiB(64);
    return properties;
  }
  /// Bytes that were asked of a memory for a layer, and that they lie in its weights without gap.
  uint64_t bytes_of(uint32_t layer) {
    std::map<uint64_t, uint32_t> pieces;
    for (const auto& memory : memories) {
      for (const auto& request : memory->requests) {
        if (request.layer == layer && request.address < kActivations) {
          EXPECT_FALSE(request.write);
          EXPECT_TRUE(pieces.emplace(request.address, request.bytes).second);
        }
      }
    }
    uint64_t next = kWeights + 0x10'0000ULL * layer, sum = 0;
    for (const auto& [address, bytes] : pieces) {
      EXPECT_EQ(address, next);
      next = address + bytes;
      sum += bytes;
    }
    return sum;
  }
  void expect_clean() {
    for (const auto& memory : memories) {
      EXPECT_THAT(memory->violations, IsEmpty());
      EXPECT_EQ(memory->in_flight(), 0U);
    }
  }

  std::vector<std::unique_ptr<test::MemoryTarget>> memories;
};

TEST_F(NpuBurst, WeightsAreDividedAmongThePortsToTheByte) {
  make_burst(large(), 3);
  const std::vector<Layer> layers = {{100, 50'000}, {100, 1}, {100, 4097}, {100, 0}, {100, 30'001}};
  load(0, layers);
  for (uint32_t layer = 0; layer < layers.size(); ++layer) command(0, 0, 0, layer);
  run_until(us(50));
  for (uint32_t layer = 0; layer < layers.size(); ++layer)
    EXPECT_EQ(bytes_of(layer), layers[layer].weight_bytes) << layer;
  EXPECT_EQ(log.completed.size(), 1U);
  for (size_t port = 0; port < 3; ++port) EXPECT_FALSE(memories[port]->requests.empty());
  uint64_t told = 0;
  for (const observe::Operation& operation : log.operations) told += operation.bytes;
  EXPECT_EQ(told, 50'000U + 1 + 4097 + 30'001);
  expect_clean();
}

TEST_F(NpuBurst, AComputationWaitsForTheLastPort) {
  make_burst(large());
  load(0, {{100, 8192}});
  memories[0]->latency_ps = 3'000'000;
  memories[1]->latency_ps = 700'000;
  command(0, 0, 0, 0);
  run_until(us(50));
  ASSERT_EQ(computes().size(), 1U);
  EXPECT_EQ(loads(), std::vector<Span>({{0, 0, 3000}}));
  EXPECT_EQ(computes()[0].start, 3000U);
}

TEST_F(NpuBurst, FetchesPartsWhereTheBufferIsFull) {
  make_burst(large(), 1);
  load(0, {{100'000, 60'000}, {10, 30'000}});
  command(0, 0, 0, 0);
  command(0, 0, 0, 1);
  run_until(us(300));
  EXPECT_EQ(bytes_of(0), 60'000U);
  EXPECT_EQ(bytes_of(1), 30'000U);
  ASSERT_EQ(loads().size(), 3U);
  EXPECT_EQ(loads()[2].start, computes()[0].end);
  expect_clean();
}

TEST_F(NpuBurst, ALayerLargerThanTheBufferIsStreamed) {
  make_burst(small(), 1);
  load(0, {{300, 3000}, {10, 100}});
  command(0, 0, 0, 0);
  command(0, 0, 0, 1);
  run_until(us(50));
  EXPECT_EQ(bytes_of(0), 3000U);
  EXPECT_EQ(bytes_of(1), 100U);
  ASSERT_EQ(computes().size(), 2U);
  EXPECT_EQ(computes()[0].start, loads()[0].end);
  EXPECT_EQ(computes()[0].end, std::max(computes()[0].start + 300, loads()[1].end));
  EXPECT_EQ(loads()[2].start, computes()[0].end);
}

TEST_F(NpuBurst, ActivationsAreStoredAndLoadedBackWhereTheyLie) {
  Npu::Properties properties = large();
  properties.activation_networks = 1;
  make_burst(properties);
  load(0, {{100, 10, 6000}, {100, 10, 50}});
  load(1, {{100, 10, 70}, {100, 10, 80}});
  command(0, 0, 0, 0);
  command(0, 1, 0, 0);
  command(0, 0, 0, 1);
  run_until(us(50));
  uint64_t stored = 0, loaded = 0;
  for (const auto& request : memories.back()->requests) {
    EXPECT_GE(request.address, kActivations);
    (request.write ? stored : loaded) += request.bytes;
  }
  EXPECT_EQ(stored, 6000U + 70);
  EXPECT_EQ(loaded, 6000U);
  EXPECT_EQ(log.completed.size(), 1U);
  expect_clean();
}

TEST_F(NpuBurst, ABusErrorEndsTheRun) {
  make_burst(large());
  load(0, {{100, 8192}});
  memories[1]->respond = [](const test::MemoryTarget::Request&) { return tlm::TLM_ADDRESS_ERROR_RESPONSE; };
  command(0, 0, 0, 0);
  run_until(us(50));
  EXPECT_THAT(core::failure_message(), HasSubstr("npu.weights_1: read of 4096 bytes"));
}

}  // namespace
}  // namespace vesper::npu
