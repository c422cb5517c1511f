// One accelerator between stubs: when its steps end and its rows leave.
#include "tests/unit/spatial_models/design_bench.h"

namespace vesper::spatial {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Takes packets, the last row of each `late_ps` after it came, and keeps words to the memory.
class StreamStub : public sc_core::sc_module {
 public:
  explicit StreamStub(sc_core::sc_module_name name) : sc_module(name) {
    in.register_b_transport(this, &StreamStub::b_transport);
  }
  tlm_utils::simple_target_socket<StreamStub> in{"in"};
  uint64_t late_ps = 0, way_ps = 0;
  std::vector<pl::StreamPacket> packets;
  std::vector<std::pair<uint64_t, uint64_t>> words;  ///< when, address

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
    pl::StreamPacket& packet = packet_of(payload);
    packet.taken_ps = packet.last_ps + late_ps;
    packet.done_ps = packet.last_ps + way_ps;
    packet.deadline_ps = 77;
    packets.push_back(packet);
    words.emplace_back(core::now_ps(), payload.get_address());
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

class SpatialAcceleratorTest : public test::RegionBench<SpatialAccelerator> {
 protected:
  /// The accelerator of fc1 (task 1), instructions at once.
  void make_one(const Trial& trial = {}) {
    plan = plan_of(trial);
    environment = environment_of(trial, plan, hub);
    SpatialAccelerator::Properties properties;
    properties.accelerator = "a";
    properties.lookup_cycles = properties.launch_cycles = properties.feedback_cycles = 0;
    make(properties);
    model->results.bind(results.in);
    model->operands.bind(memory.in);
    load(1, regions_of(16, trial.steps_a_region));
  }
  std::shared_ptr<const Plan> plan;
  StreamStub results{"results"}, memory{"memory"};
};

TEST_F(SpatialAcceleratorTest, RowsLeaveWhenTheMacsOfTheStepThatCompletesThemAreDone) {
  make_one();
  issue(us(1).ps, words(1, 0, 0));
  run_until(ms(1));
  ASSERT_THAT(results.packets, SizeIs(2));
  const uint64_t start = us(1).ps;
  for (uint32_t group : {0U, 1U}) {
    const pl::StreamPacket& packet = results.packets[group];
    const uint64_t end = start + (group + 1) * 8 * kStep;
    EXPECT_EQ(packet.first_row, 32 * group);
    EXPECT_EQ(packet.rows, 32U);
    EXPECT_EQ(packet.columns, 256U);
    EXPECT_EQ(packet.step_end_ps, end);
    EXPECT_EQ(packet.last_ps, end - kLeaves + kResult);
    EXPECT_EQ(packet.first_ps, end - kLeaves + kResult / 32);
    EXPECT_EQ(packet.deadline_ps, 77U);
    EXPECT_TRUE(packet.by_rows);
  }
  ASSERT_THAT(log.regions, SizeIs(1));
  EXPECT_EQ(log.regions[0].end, start + 16 * kStep);
  EXPECT_EQ(log.regions[0].feedback, start + 16 * kStep);
}

TEST_F(SpatialAcceleratorTest, TheMemoryIsToldOfBeginningAndEnd) {
  make_one({.steps_a_region = 8});
  issue(us(1).ps, words(1, 0, 0));
  issue(us(100).ps, words(1, 0, 1));
  run_until(ms(1));
  using Word = std::pair<uint64_t, uint64_t>;
  EXPECT_THAT(memory.words,
              ElementsAre(Word(us(1).ps, operand_port::kBegin), Word(us(100).ps, operand_port::kBegin),
                          Word(us(100).ps + 8 * kStep, operand_port::kEnd)));
}

TEST_F(SpatialAcceleratorTest, ASlowerReceiverHoldsUpTheStepThatCompletesTheNextRows) {
  make_one();
  results.late_ps = us(10).ps;
  issue(0, words(1, 0, 0));
  run_until(ms(1));
  // The second group would be there 8 steps after the first, but rows before are taken 10 us after that.
  const uint64_t end = 8 * kStep + us(10).ps + kResult;
  EXPECT_EQ(results.packets.at(1).step_end_ps, end);
  EXPECT_EQ(results.packets.at(1).last_ps, end - kLeaves + kResult);
  EXPECT_EQ(model->stalled_ps(), us(10).ps + kResult - 8 * kStep);
  EXPECT_EQ(log.regions.at(0).end, end);
}

TEST_F(SpatialAcceleratorTest, AReceiverThatIsSlowerButInTimeHoldsUpNothing) {
  make_one();
  results.late_ps = 8 * kStep - kResult;
  issue(0, words(1, 0, 0));
  run_until(ms(1));
  EXPECT_EQ(model->stalled_ps(), 0U);
  EXPECT_EQ(log.regions.at(0).end, 16 * kStep);
}

TEST_F(SpatialAcceleratorTest, WithoutPipelineAllRowsLeaveAtTheEndAndItWaitsForThem) {
  make_one({.design = "pipeline: false" + kTwoAccelerators});
  results.way_ps = us(7).ps;
  issue(0, words(1, 0, 0));
  run_until(ms(1));
  ASSERT_THAT(results.packets, SizeIs(1));
  EXPECT_EQ(results.packets[0].rows, 64U);
  EXPECT_EQ(results.packets[0].last_ps, 16 * kStep - kLeaves + kResult);
  EXPECT_FALSE(results.packets[0].by_rows);
  EXPECT_EQ(log.regions.at(0).end, 16 * kStep - kLeaves + kResult + us(7).ps);
}

TEST_F(SpatialAcceleratorTest, ControlTakesItsCycles) {
  plan = plan_of({});
  environment = environment_of({}, plan, hub);
  SpatialAccelerator::Properties properties;
  properties.accelerator = "a";
  make(properties);
  model->results.bind(results.in);
  model->operands.bind(memory.in);
  load(1, regions_of(16, 0));
  issue(edge(10), words(1, 0, 0));
  run_until(ms(1));
  EXPECT_EQ(log.regions.at(0).end, edge(13) + 16 * kStep);
  EXPECT_EQ(log.regions.at(0).feedback, clock.after(edge(13) + 16 * kStep, 2));
}

TEST_F(SpatialAcceleratorTest, ObserversAreToldOfStepsAndOfRowsThatLeave) {
  make_one();
  issue(0, words(1, 0, 0));
  run_until(ms(1));
  ASSERT_THAT(log.operations, SizeIs(18));
  EXPECT_EQ(log.operations[3].step, 3U);
  EXPECT_EQ(log.operations[3].start, 3 * kStep);
  EXPECT_EQ(log.operations[3].end, 4 * kStep);
  EXPECT_EQ(log.operations[8].kind, observe::OperationKind::store);
  EXPECT_EQ(log.operations[8].step, 7U);
  EXPECT_EQ(log.operations[8].bytes, 32U * 256U);
  EXPECT_EQ(log.operations[8].start, 8 * kStep - kLeaves);
}

TEST_F(SpatialAcceleratorTest, CountsStepsTheirTimeAndWhatItsMacsWouldTakeAtPeak) {
  make_one();
  issue(0, words(1, 0, 0));
  run_until(ms(1));
  const observe::AcceleratorTotals totals = report().accelerators.at(0);
  EXPECT_EQ(totals.steps, 16U);
  EXPECT_EQ(totals.compute_busy, 16 * kStep);
  // 64 x 128 x 256 MACs on 4 AIEs of 128 a nanosecond.
  EXPECT_EQ(totals.at_peak, 4'096'000U);
}

TEST_F(SpatialAcceleratorTest, HeadsGoToUnitsAndColumnsOfAStepAreTheirs) {
  Trial trial;
  trial.nets[0].graph = R"(
name: heads
graph:
  input: [40, 240]
  operators:
    - {name: context, matmul: [40, 40, 120], heads: 3, inputs: [input 0..119, input 120..239]}
)";
  trial.design =
      "accelerators: [{name: a, array: [1, 1, 1], tile: [32, 16, 32], units: 2, stages: [context]}]";
  plan = plan_of(trial);
  environment = environment_of(trial, plan, hub);
  SpatialAccelerator::Properties properties;
  properties.accelerator = "a";
  make(properties);
  model->results.bind(results.in);
  model->operands.bind(memory.in);
  load(1, regions_of(24, 0));  // 2 head steps, 2 of rows, 2 of columns, 3 reduced
  issue(0, words(1, 0, 0));
  run_until(ms(1));
  std::vector<std::array<uint32_t, 4>> groups;
  for (const pl::StreamPacket& p : results.packets)
    groups.push_back({p.first_row, p.rows, p.first_column, p.columns});
  using Group = std::array<uint32_t, 4>;
  EXPECT_THAT(groups, ElementsAre(Group{0, 32, 0, 80}, Group{32, 8, 0, 80}, Group{0, 32, 80, 40},
                                  Group{32, 8, 80, 40}));
}

TEST_F(SpatialAcceleratorTest, ATaskOfAnotherAcceleratorEndsTheRun) {
  make_one();
  load(2, regions_of(16, 0));
  issue(us(3).ps, words(2, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(),
              HasSubstr("accelerator: task 'net0.fc2' is no stage that runs on accelerator 'a', at 3000000"));
}

TEST_F(SpatialAcceleratorTest, StepsBeyondTheProductEndTheRun) {
  make_one();
  load(1, regions_of(17, 0));
  issue(0, words(1, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(),
              HasSubstr("region 0 of task 'net0.fc1' has steps 0 to 16; there are 16"));
  EXPECT_THAT(results.packets, IsEmpty());
}

}  // namespace
}  // namespace vesper::spatial
