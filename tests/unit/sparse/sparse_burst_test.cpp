// The sparse accelerator in `burst` memory.
#include <algorithm>

#include "models/core/sim_error.h"
#include "tests/support/memory_target.h"
#include "tests/unit/sparse/sparse_bench.h"

namespace vesper::sparse {
namespace {

using abi::kInstructionPreempt;
using abi::kInstructionResume;
using observe::OperationKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kInput = 0x8'0000'0000;
constexpr uint64_t kWeights = 0x8'1000'0000;
constexpr uint64_t kOutput = 0x8'2000'0000;

class SparseBurst : public SparseBench {
 protected:
  /// Memory answers in the 20th cycle; ports of 16 bytes a cycle.
  void make_burst(const SparseAccelerator::Properties& properties) {
    make(properties, true);
    bind_feedback();
    test::MemoryTarget* memories[] = {&weights, &inputs, &outputs};
    const char* names[] = {"weights", "inputs", "outputs"};
    for (size_t i = 0; i < 3; ++i) {
      core::connect(model->endpoint(names[i]), core::TargetEndpoint{&memories[i]->socket});
      memories[i]->latency_ps = edge(20);
    }
  }
  void load_placed(uint32_t task, const std::vector<Layer>& layers) {
    std::vector<std::vector<abi::MetadataEntry>> regions;
    for (const Layer& one : layers) {
      abi::SparseLayerEntry entry = entry_of(one);
      entry.a = kInput;
      entry.b = kWeights;
      entry.c = kOutput;
      regions.push_back({as_metadata(entry)});
    }
    load(task, regions);
  }
  static uint64_t bytes(const test::MemoryTarget& memory) {
    uint64_t sum = 0;
    for (const auto& request : memory.requests) sum += request.bytes;
    return sum;
  }
  void expect_clean() {
    for (const test::MemoryTarget* memory : {&weights, &inputs, &outputs}) {
      EXPECT_THAT(memory->violations, IsEmpty());
      EXPECT_EQ(memory->in_flight(), 0U);
    }
  }

  test::MemoryTarget weights{"memory_weights"};
  test::MemoryTarget inputs{"memory_inputs"};
  test::MemoryTarget outputs{"memory_outputs"};
};

TEST_F(SparseBurst, StreamsMoveWhatTheLayerNeeds) {
  make_burst(bare());
  load_placed(1, {layer(0, 100, 64, 32)});
  issue(edge(10), words(1, 3, 0));
  run_until(ms(10));
  EXPECT_EQ(bytes(weights), 64U * 32 * 3 / 4);
  EXPECT_EQ(bytes(inputs), 100U * 64 * 3 / 4);
  EXPECT_EQ(bytes(outputs), 100U * 32 * 3 / 4);
  EXPECT_EQ(weights.requests[0].address, kWeights);
  EXPECT_EQ(inputs.requests[0].address, kInput);
  EXPECT_EQ(outputs.requests[0].address, kOutput);
  for (const test::MemoryTarget* memory : {&weights, &inputs, &outputs}) {
    EXPECT_EQ(memory->requests[0].write, memory == &outputs);
    EXPECT_EQ(memory->requests[0].task, 1);
    EXPECT_EQ(memory->requests[0].job, 3U);
  }
  // 204 800 MACs, a quarter of them valid: memory is faster.
  EXPECT_THAT(feedback->times(), ElementsAre(edge(10 + 51'200)));
  EXPECT_EQ(feedback->accesses[0].as<abi::FeedbackWords>().monitor, 1600U);
  expect_clean();
}

TEST_F(SparseBurst, ALayerWaitsForItsLastBurst) {
  SparseAccelerator::Properties properties = bare();
  properties.fixed_memory.setup = 30;
  samples_of(0)[0] = {{1, 0.5}};
  make_burst(properties);
  load_placed(0, {layer(0, 1, 64, 16)});
  issue(edge(10), words(0, 0, 0));
  run_until(ms(1));
  // 768 bytes of weights in one burst of 48 beats, requested after 30 cycles and answered in 20, as the beats
  // come.
  EXPECT_THAT(feedback->times(), ElementsAre(edge(10 + 30 + 48)));
  expect_clean();
}

TEST_F(SparseBurst, LayersWithoutBytesTakeTheirTimeToThePicosecond) {
  samples_of(0)[0] = {{123'456'789, 0.5}, {1, 0.5}};
  make_burst(bare());
  load_layers(0, {unknown(0), unknown(1)});
  issue(777, words(0, 0, 0));
  issue(123'460'001, words(0, 0, 1));
  run_until(ms(1));
  EXPECT_THAT(feedback->times(), ElementsAre(777 + 123'456'789, 123'460'002));
  EXPECT_THAT(weights.requests, IsEmpty());
}

TEST_F(SparseBurst, ASwitchMovesActivationsBeforeTheLayer) {
  samples_of(0)[0] = {{edge(100), 0}, {edge(100), 0}};
  samples_of(1)[0] = {{edge(100), 0}};
  make_burst(bare());
  load_placed(0, {layer(0, 16, 8, 16, true, false), layer(1, 16, 16, 8, false, true)});
  load_placed(1, {layer(0, 8, 8, 8)});
  issue(edge(0), words(0, 0, 0));
  issue(edge(1000), words(1, 0, 0, kInstructionPreempt, 0, 0));
  issue(edge(2000), words(0, 0, 1, kInstructionResume));
  run_until(ms(1));
  // 256 bytes: 16 beats out, then the answer 20 cycles later; back in 20 cycles, while the beats come.
  EXPECT_THAT(feedback->times(), ElementsAre(edge(100), edge(1000 + 16 + 20 + 100), edge(2000 + 20 + 100)));
  ASSERT_THAT(outputs.requests, SizeIs(3));
  EXPECT_EQ(outputs.requests[0].task, 0);
  EXPECT_EQ(outputs.requests[0].bytes, 256U);
  EXPECT_EQ(outputs.requests[1].task, 1);
  ASSERT_THAT(inputs.requests, SizeIs(3));
  EXPECT_EQ(inputs.requests[2].bytes, 256U);
  EXPECT_EQ(inputs.requests[2].at, edge(2000));
  const auto first_of = [&](OperationKind kind) {
    return *std::ranges::find(log.operations, kind, &observe::Operation::kind);
  };
  EXPECT_EQ(first_of(OperationKind::persist).cycles, 36U);
  EXPECT_EQ(first_of(OperationKind::resume).cycles, 20U);
  expect_clean();
}

TEST_F(SparseBurst, SwitchesBetweenLayersOfUnknownShapeTakeTheirProperty) {
  samples_of(0)[0] = {{1000, 0}, {1000, 0}};
  samples_of(1)[0] = {{500, 0}};
  SparseAccelerator::Properties properties = bare();
  properties.switch_time = ps(7);
  make_burst(properties);
  load_layers(0, {unknown(0), unknown(1)});
  load_layers(1, {unknown(0)});
  issue(edge(0), words(0, 0, 0));
  issue(edge(1000), words(1, 0, 0, kInstructionPreempt, 0, 0));
  issue(edge(2000), words(0, 0, 1, kInstructionResume));
  run_until(ms(1));
  EXPECT_THAT(feedback->times(), ElementsAre(1000, edge(1000) + 507, edge(2000) + 1007));
}

TEST_F(SparseBurst, AnErrorEndsTheRun) {
  make_burst(bare());
  weights.respond = [](const auto&) { return tlm::TLM_GENERIC_ERROR_RESPONSE; };
  load_placed(0, {layer(0, 4, 4, 4)});
  issue(0, words(0, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(), HasSubstr("load_weights"));
}

TEST_F(SparseBurst, AnAbandonedJobPassesEmptyAndSaysSo) {
  SparseAccelerator::Properties properties = bare();
  properties.on_error = dma::OnError::abandon;
  make_burst(properties);
  weights.respond = [](const test::MemoryTarget::Request& request) {
    return request.job == 0 ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
  };
  load_placed(0, {layer(0, 4, 4, 4, true, false), layer(1, 4, 4, 4, false, true)});
  issue(edge(0), words(0, 0, 0));
  issue(edge(1000), words(0, 1, 0, kInstructionPreempt, 0, 0));
  issue(edge(2000), words(0, 0, 1, kInstructionPreempt | kInstructionResume, 0, 0));
  issue(edge(3000), words(0, 1, 1, kInstructionResume));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(), IsEmpty());
  ASSERT_THAT(feedback->accesses, SizeIs(4));
  std::vector<uint32_t> flags;
  for (const auto& access : feedback->accesses) flags.push_back(access.as<abi::FeedbackWords>().task);
  EXPECT_THAT(flags, ElementsAre(abi::kFeedbackFailed, 0U, abi::kFeedbackFailed | abi::kFeedbackLast,
                                 abi::kFeedbackLast));
  EXPECT_THAT(log.failed, SizeIs(1));
  EXPECT_THAT(log.completed, ElementsAre(::testing::Pair(observe::JobId{0, 1}, ::testing::_)));
  // Of the lost job nothing is stored; of the other, swapped out by it, its output is.
  EXPECT_EQ(outputs.requests[0].job, 1U);
  EXPECT_EQ(report().accelerators[0].errors, 1U);
  expect_clean();
}

}  // namespace
}  // namespace vesper::sparse
