// The sparse accelerator in `fixed` memory: every time to the picosecond.
#include <cmath>

#include "models/core/sim_error.h"
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

class SparseFixed : public SparseBench {
 protected:
  abi::FeedbackWords last_feedback() { return feedback->accesses.back().as<abi::FeedbackWords>(); }
};

TEST_F(SparseFixed, AGivenTimePassesToThePicosecond) {
  samples_of(0)[3] = {{123'456'789, 0.25}, {1, 0.5}};
  make(bare());
  bind_feedback();
  load_layers(0, {unknown(0), unknown(1)});
  issue(777, words(0, 3, 0));
  issue(777 + 123'456'789, words(0, 3, 1));
  run_until(ms(1));
  EXPECT_THAT(feedback->times(), ElementsAre(777 + 123'456'789, 777 + 123'456'789 + 1));
  EXPECT_THAT(log.completed, ElementsAre(std::pair(observe::JobId{0, 3}, 777U + 123'456'789 + 1)));
  EXPECT_THAT(log.first_computes, ElementsAre(std::pair(observe::JobId{0, 3}, 777U)));
  EXPECT_EQ(report().accelerators[0].compute_busy, 123'456'790U);
  EXPECT_EQ(report().accelerators[0].steps, 2U);
}

TEST_F(SparseFixed, ControlTakesItsCyclesAroundAGivenTime) {
  samples_of(0)[0] = {{1'234'567, 0}};
  make(small());
  bind_feedback();
  load_layers(0, {unknown(0)});
  enable_interrupt();
  issue(edge(100) - 1000, words(0, 0, 0));
  run_until(ms(1));
  // From edge 103 on 246.9 cycles; the next edge is 350.
  ASSERT_EQ(log.regions.size(), 1U);
  EXPECT_EQ(log.regions[0].end, edge(103) + 1'234'567);
  EXPECT_THAT(feedback->times(), ElementsAre(edge(352)));
  EXPECT_THAT(interrupt->rises(), ElementsAre(edge(353)));
}

TEST_F(SparseFixed, WithoutATimeTheCostModelSaysHowLong) {
  samples_of(0)[0] = {{0, 0.75}};
  make(bare());
  bind_feedback();
  load_layers(0, {layer(0, 100, 10, 20)});
  issue(edge(10), words(0, 0, 0));
  issue(edge(10'000), words(0, 1, 0));  // no sample: half of the activations are zero
  run_until(ms(1));
  // 20 000 MACs, half of the weights zero.
  EXPECT_THAT(feedback->times(), ElementsAre(edge(10 + 2500), edge(10'000 + 5000)));
  EXPECT_EQ(feedback->accesses[0].as<abi::FeedbackWords>().monitor, 1500U);
  EXPECT_EQ(feedback->accesses[1].as<abi::FeedbackWords>().monitor, 1000U);
}

TEST_F(SparseFixed, ALayerIsNoFasterThanItsWeights) {
  SparseAccelerator::Properties properties = bare();
  properties.macs = 1000;
  properties.fixed_memory.setup = 30;
  make(properties);
  bind_feedback();
  load_layers(0, {layer(0, 1, 100, 40)});
  issue(edge(10), words(0, 0, 0));
  run_until(ms(1));
  // 4000 weights, half of them zero: 2000 words of 12 bits.
  EXPECT_THAT(feedback->times(), ElementsAre(edge(10 + 30 + 3000)));
  ASSERT_THAT(log.operations, SizeIs(3));
  EXPECT_EQ(log.operations[0].kind, OperationKind::load);
  EXPECT_EQ(log.operations[0].end, edge(10 + 30 + 3000));
  EXPECT_EQ(log.operations[0].bytes, 3000U + 75);
  EXPECT_EQ(log.operations[1].kind, OperationKind::compute);
  EXPECT_EQ(log.operations[1].cycles, 1U);
  EXPECT_EQ(log.operations[2].kind, OperationKind::store);
  EXPECT_EQ(log.operations[2].bytes, 30U);
  EXPECT_EQ(log.operations[2].end, edge(10 + 30 + 30));
}

TEST_F(SparseFixed, TheMonitorCountsTheLastLayersZeros) {
  samples_of(1)[4] = {{1000, 0.1}, {1000, 0.9}};
  samples_of(2)[0] = {{1000, 0.25}};
  make(bare());
  bind_feedback();
  load(1, {{as_metadata(entry_of(layer(0, 10, 10, 10))), as_metadata(entry_of(layer(1, 10, 10, 7)))}});
  load_layers(2, {unknown(0)});
  issue(0, words(1, 4, 0));
  issue(edge(10), words(2, 0, 0));
  run_until(ms(1));
  ASSERT_THAT(feedback->accesses, SizeIs(2));
  EXPECT_EQ(feedback->accesses[0].as<abi::FeedbackWords>().monitor, 63U);
  EXPECT_EQ(feedback->accesses[1].as<abi::FeedbackWords>().monitor, kUnknownOutputs / 4);
}

TEST_F(SparseFixed, ARegionOfSeveralLayersTakesTheirSumAndACycleAnEntry) {
  samples_of(0)[0] = {{10'001, 0}, {20'002, 0}, {30'003, 0}};
  make(small());
  load(0, {{as_metadata(entry_of(unknown(0))), as_metadata(entry_of(unknown(1))),
            as_metadata(entry_of(unknown(2)))}});
  issue(edge(100), words(0, 0, 0));
  run_until(ms(1));
  ASSERT_THAT(log.regions, SizeIs(1));
  EXPECT_EQ(log.regions[0].end, edge(105) + 60'006);
  EXPECT_TRUE(log.regions[0].last);
}

TEST_F(SparseFixed, ASwitchStoresTheOutputAndLoadsTheInputBack) {
  samples_of(0)[0] = {{1000, 0}, {1000, 0}};
  samples_of(1)[0] = {{500, 0.5}, {500, 0}};
  SparseAccelerator::Properties properties = bare();
  properties.fixed_memory = {100, ratio(1), ratio(4), ratio(2)};
  make(properties);
  bind_feedback();
  load_layers(0, {layer(0, 10, 10, 20, true, false), layer(1, 10, 20, 5, false, true)});
  load_layers(1, {layer(0, 8, 8, 10, true, false), layer(1, 8, 10, 8, false, true)});
  issue(edge(0), words(0, 0, 0));
  issue(edge(1000), words(1, 0, 0, kInstructionPreempt, 0, 0));
  issue(edge(2000), words(0, 0, 1, kInstructionPreempt | kInstructionResume, 1, 0));
  issue(edge(3000), words(1, 0, 1, kInstructionResume));
  run_until(ms(1));
  // 200 dense bytes out at 2 a cycle; 80 of which half are zero, 60 bytes, out; 200 in at 4 a cycle; 80 in.
  EXPECT_THAT(feedback->times(), ElementsAre(1000, edge(1000 + 100 + 100) + 500,
                                             edge(2000 + 130 + 150) + 1000, edge(3000 + 100 + 20) + 500));
  std::vector<std::tuple<OperationKind, uint16_t, uint64_t>> swaps;
  for (const observe::Operation& o : log.operations) {
    if (o.kind == OperationKind::persist || o.kind == OperationKind::resume)
      swaps.emplace_back(o.kind, o.job.task, o.bytes);
  }
  EXPECT_THAT(
      swaps,
      ElementsAre(std::tuple(OperationKind::persist, 0, 200U), std::tuple(OperationKind::persist, 1, 60U),
                  std::tuple(OperationKind::resume, 0, 200U), std::tuple(OperationKind::resume, 1, 80U)));
}

TEST_F(SparseFixed, ASwitchWhereNothingLiesOnChipCostsNothing) {
  samples_of(0)[0] = {{1000, 0}, {1000, 0}};
  samples_of(1)[0] = {{500, 0}};
  make(bare());
  bind_feedback();
  load_layers(0, {layer(0, 10, 10, 20), layer(1, 10, 20, 5)});
  load_layers(1, {layer(0, 8, 8, 10)});
  issue(edge(0), words(0, 0, 0));
  issue(edge(1000), words(1, 0, 0, kInstructionPreempt, 0, 0));
  issue(edge(2000), words(0, 0, 1, kInstructionResume));
  run_until(ms(1));
  EXPECT_THAT(feedback->times(), ElementsAre(1000, edge(1000) + 500, edge(2000) + 1000));
}

TEST_F(SparseFixed, SwitchesBetweenLayersOfUnknownShapeTakeTheirProperty) {
  samples_of(0)[0] = {{1000, 0}, {1000, 0}};
  samples_of(1)[0] = {{500, 0}, {500, 0}};
  SparseAccelerator::Properties properties = bare();
  properties.switch_time = ps(7);
  make(properties);
  bind_feedback();
  load_layers(0, {unknown(0), unknown(1)});
  load_layers(1, {unknown(0), unknown(1)});
  issue(edge(0), words(0, 0, 0));
  issue(edge(1000), words(1, 0, 0, kInstructionPreempt, 0, 0));
  issue(edge(2000), words(0, 0, 1, kInstructionPreempt | kInstructionResume, 1, 0));
  issue(edge(3000), words(1, 0, 1, kInstructionResume));
  run_until(ms(1));
  EXPECT_THAT(feedback->times(), ElementsAre(1000, edge(1000) + 507, edge(2000) + 1014, edge(3000) + 507));
}

TEST_F(SparseFixed, TransfersReconcileWithOperations) {
  make(bare());
  load_layers(0, {layer(0, 10, 10, 20, true, false), layer(1, 10, 20, 5, false, true)});
  load_layers(1, {layer(0, 8, 8, 10)});
  issue(edge(0), words(0, 0, 0));
  issue(edge(5000), words(1, 0, 0, kInstructionPreempt, 0, 0));
  issue(edge(10'000), words(0, 0, 1, kInstructionResume));
  run_until(ms(1));
  uint64_t moved[2] = {0, 0}, told[2] = {0, 0};
  for (const observe::Transfer& t : log.transfers) moved[t.write ? 1 : 0] += t.bytes;
  for (const observe::Operation& o : log.operations) {
    const bool writes = o.kind == OperationKind::store || o.kind == OperationKind::persist;
    told[writes ? 1 : 0] += o.bytes;
  }
  EXPECT_EQ(moved[0], told[0]);
  EXPECT_EQ(moved[1], told[1]);
  // Weights at 3/4 of a byte each, activations likewise: 100 in, 50 out; 64 in, 80 out; 200 out and in.
  EXPECT_EQ(moved[0], 150U + 75 + 75 + 60 + 48 + 150);
  EXPECT_EQ(moved[1], 38U + 60 + 150);
}

TEST_F(SparseFixed, UnwatchedItTakesTheSameTimes) {
  watched = false;
  samples_of(0)[0] = {{12'345, 0.5}};
  make(small());
  bind_feedback();
  load_layers(0, {layer(0, 10, 10, 20)});
  issue(edge(100), words(0, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(feedback->times(), ElementsAre(edge(103 + 3 + 2)));
  EXPECT_EQ(last_feedback().monitor, 100U);
  EXPECT_EQ(last_feedback().task, abi::kFeedbackLast);
}

TEST_F(SparseFixed, AnInstructionWhileALayerRunsIsAnError) {
  make(bare());
  load_layers(0, {layer(0, 100, 10, 20)});
  issue(edge(10), words(0, 0, 0));
  issue(edge(11), words(0, 0, 0), tlm::TLM_GENERIC_ERROR_RESPONSE);
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(), IsEmpty());
}

TEST_F(SparseFixed, AnUnknownRegionEndsTheRun) {
  make(bare());
  load_layers(0, {layer(0, 1, 1, 1)});
  issue(0, words(0, 0, 1));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(), HasSubstr("the index table has no region 1 of task 0"));
}

TEST_F(SparseFixed, NeitherShapeNorTimeEndsTheRun) {
  make(bare());
  load_layers(0, {unknown(0)});
  issue(0, words(0, 5, 0));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(),
              HasSubstr("layer 0 of task 't0' has neither a shape nor, for job 5, a time"));
}

TEST_F(SparseFixed, ASampleThatLacksALayerEndsTheRun) {
  samples_of(0)[0] = {{1000, 0}};
  make(bare());
  load_layers(0, {unknown(0), unknown(1)});
  issue(0, words(0, 0, 1));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(),
              HasSubstr("the sample of task 't0', job 0 has 1 layers, none of number 1"));
}

TEST_F(SparseFixed, AGivenTimeBeyondAHundredDaysEndsTheRun) {
  samples_of(0)[0] = {{~uint64_t{0}, 0}};
  make(bare());
  load_layers(0, {unknown(0)});
  issue(0, words(0, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(),
              HasSubstr("layer 0 of the sample of task 't0', job 0 takes more than 100 days"));
}

TEST_F(SparseFixed, ALayerBeyondAHundredDaysEndsTheRun) {
  SparseAccelerator::Properties properties = bare();
  properties.clock = MHz(1);
  samples_of(0)[0] = {{0, 0}};
  make(properties);
  Layer huge = layer(0, 1U << 16, 1U << 16, 1U << 16);
  huge.inputs = ~0U;
  load_layers(0, {huge});
  issue(0, words(0, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(),
              HasSubstr("layer 0 of task 't0', job 0 takes 140737488355328 cycles, more than 100 days"));
}

class SparsityOutOfRange : public SparseFixed, public ::testing::WithParamInterface<double> {};

TEST_P(SparsityOutOfRange, EndsTheRun) {
  samples_of(0)[0] = {{1000, GetParam()}};
  make(bare());
  load_layers(0, {unknown(0)});
  issue(0, words(0, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(),
              HasSubstr("layer 0 of the sample of task 't0', job 0 has a sparsity of"));
}

INSTANTIATE_TEST_SUITE_P(Sparsities, SparsityOutOfRange, ::testing::Values(-0.001, 1.001, std::nan("")),
                         [](const auto& value) { return std::to_string(value.index); });

}  // namespace
}  // namespace vesper::sparse
