// Engines: exact times at 230 MHz, of which edge n is at ceil(n * 100000 / 23) ps, what goes on and what
// passes, values bit for bit, and what ends the run.
#include "models/pl/stream_engine.h"

#include "tests/unit/pl/engine_fixture.h"

namespace vesper::pl::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(EngineTest, SoftmaxTakesThreePassesByRows) {
  make("softmax", {{"depth", "6"}});
  start();
  // A head's row is 8 elements on 8 lanes: a cycle. Two more passes and depth 6.
  StreamPacket& packet = send(kDequantised, 100, 121, 0, 8, 0, 8);
  EXPECT_THAT(sink.seen, ElementsAre(Rows{kSoftmax, 0, 8, 0, 8, 469'566, 560'870}));
  EXPECT_EQ(packet.taken_ps, 526'087U);
  EXPECT_EQ(packet.done_ps, 560'870U + 1000);
}

TEST_F(EngineTest, BothHeadsOfARowShareTheLanesOfOneUnit) {
  make("softmax", {{"depth", "6"}});
  start();
  // Two cycles a row, which comes every cycle; two rows side by side. 3 pairs after the first.
  send(kDequantised, 100, 103);
  EXPECT_THAT(sink.seen,
              ElementsAre(Rows{kSoftmax, 0, 8, 0, 16, edge(100 + 2 * 2 + 6), edge(100 + 3 * 2 + 2 * 2 + 6)}));
}

TEST_F(EngineTest, TwoUnitsTakeAHeadEach) {
  design.accelerators[0].units = 2;
  make("softmax", {{"depth", "6"}});
  start();
  send(kDequantised, 100, 103);
  EXPECT_THAT(sink.seen, ElementsAre(Rows{kSoftmax, 0, 8, 0, 16, edge(100 + 2 + 6), edge(103 + 2 + 6)}));
}

TEST_F(EngineTest, WithoutPipelineSoftmaxWaitsForTheMatrixOfAllHeads) {
  design.pipeline = false;
  make("softmax");
  start();
  send(kDequantised, 50, 60, 0, 4, 0, 8);
  EXPECT_EQ(source.call.packet.taken_ps, edge(60)) << "rows are taken as they come";
  send(kDequantised, 70, 80, 4, 4, 0, 8);
  send(kDequantised, 90, 100, 0, 4, 8, 8);
  EXPECT_TRUE(sink.seen.empty());
  StreamPacket& last = send(kDequantised, 110, 120, 4, 4, 8, 8);
  // 128 elements on 16 lanes, three times: 24 cycles.
  EXPECT_THAT(sink.seen, ElementsAre(Rows{kSoftmax, 0, 8, 0, 16, 626'087, 626'087}));
  EXPECT_EQ(last.taken_ps, 626'087U);
  EXPECT_EQ(last.done_ps, 627'087U);
}

struct EngineTime {
  const char* type;
  uint32_t from, to;
};
struct OnePass : EngineTest, ::testing::WithParamInterface<EngineTime> {};

TEST_P(OnePass, DelaysRowsByItsDepth) {
  const EngineTime& engine = GetParam();
  if (std::string(engine.type) == "reformat") {
    make(engine.type, {{"to", "fp32"}});
  } else {
    make(engine.type);
  }
  start();
  send(engine.from, 100, 170);
  const uint64_t depth = depth_of(engine.type);
  EXPECT_EQ(sink.seen.back(), (Rows{engine.to, 0, 8, 0, graph->operators[engine.to].columns,
                                    edge(100 + depth), edge(170 + depth)}));
}
TEST_P(OnePass, WithoutPipelineGoesOverTheMatrixOnce) {
  const EngineTime& engine = GetParam();
  design.pipeline = false;
  if (std::string(engine.type) == "reformat") {
    make(engine.type, {{"to", "fp32"}});
  } else {
    make(engine.type);
  }
  start();
  send(engine.from, 100, 170);
  const uint64_t end = edge(170 + 8 * graph->operators[engine.to].columns / 16);
  EXPECT_EQ(sink.seen.back(), (Rows{engine.to, 0, 8, 0, graph->operators[engine.to].columns, end, end}));
}
INSTANTIATE_TEST_SUITE_P(, OnePass,
                         ::testing::Values(EngineTime{"vector_add", 7, 8}, EngineTime{"reformat", 2, 3},
                                           EngineTime{"gelu", 13, 14}, EngineTime{"transpose", 0, 1}),
                         [](const auto& test) { return test.param.type; });

TEST_F(EngineTest, LayerNormByRowsAndByMatrix) {
  make("layer_norm", {{"depth", "6"}});
  start();
  // 16 columns on 8 lanes: two cycles a row.
  send(kReal, 100, 170);
  EXPECT_THAT(sink.seen, ElementsAre(Rows{kNormal, 0, 8, 0, 16, edge(110), edge(180)}));
  source.call.packet.by_rows = false;
  ++source.call.packet.image;
  send(source.call.packet);
  EXPECT_EQ(sink.seen.back().last_ps, edge(170 + 3 * 8));
}

TEST_F(EngineTest, PropertiesGoOverTheDesign) {
  make("layer_norm", {{"lanes", "1"}, {"passes", "2"}, {"depth", "11"}, {"clock", "100 MHz"}});
  start();
  // 16 columns on two lanes: 8 cycles a row of 10 ns; rows in pairs. The first row is there at 430 ns + 4783
  // ps.
  send(kReal, 100, 103);
  EXPECT_THAT(sink.seen, ElementsAre(Rows{kNormal, 0, 8, 0, 16, 440'000 + 80'000 + 110'000,
                                          440'000 + 24 * 10'000 + 190'000}));
}

TEST_F(EngineTest, OtherRowsPassAsTheyAreInNoTime) {
  make("softmax");
  start();
  send(kQkv, 100, 121);
  send(kFc1, 130, 140);
  EXPECT_THAT(sink.seen, ElementsAre(Rows{kQkv, 0, 8, 0, 48, edge(100), edge(121)},
                                     Rows{kFc1, 0, 8, 0, 64, edge(130), edge(140)}));
  EXPECT_EQ(source.call.packet.taken_ps, edge(140));
  EXPECT_EQ(source.call.packet.done_ps, edge(140) + 1000);
}

TEST_F(EngineTest, AReformatActsOnItsTargetOnly) {
  make("reformat", {{"to", "int8"}}, "quantise");
  start();
  send(kSum, 100, 121);     // goes on as FP32
  send(kNormal, 130, 140);  // goes on as INT8
  ASSERT_EQ(sink.seen.size(), 2U);
  EXPECT_EQ(sink.seen[0].op, kSum);
  EXPECT_EQ(sink.seen[1].op, kNormal8);
  EXPECT_EQ(sink.packets[1].format, workload::Format::int8);
}

TEST_F(EngineTest, WhatOthersNeedTooGoesOnBeforeTheResult) {
  make("reformat", {{"to", "fp32"}}, "dequantise");
  start();
  send(kSum, 100, 170);
  EXPECT_THAT(sink.seen, ElementsAre(Rows{kSum, 0, 8, 0, 16, edge(100), edge(170)},
                                     Rows{kReal, 0, 8, 0, 16, edge(104), edge(174)}));
  EXPECT_EQ(source.call.packet.taken_ps, edge(170));
  EXPECT_EQ(source.call.packet.done_ps, edge(174) + 1000);
}

TEST_F(EngineTest, TransposeTakesTheColumnsOfKeys) {
  make_functional();
  make("transpose");
  start();
  send(kQkv, 100, 121);
  EXPECT_THAT(sink.seen, ElementsAre(Rows{kQkv, 0, 8, 0, 48, edge(100), edge(121)},
                                     Rows{kKeys, 0, 8, 0, 16, edge(101), edge(122)}));
  EXPECT_EQ(difference(collected(kKeys), results[kKeys]), "");
  // A packet that ends within the keys, and one without any.
  job = 1;
  send(kQkv, 200, 214, 0, 8, 0, 20);
  send(kQkv, 220, 234, 0, 8, 32, 16);
  ASSERT_EQ(sink.seen.size(), 5U);
  EXPECT_EQ(sink.seen[3], (Rows{kKeys, 0, 8, 0, 4, edge(201), edge(215)}));
  EXPECT_EQ(sink.seen[4].op, kQkv);
}

TEST_F(EngineTest, VectorAddReadsTheAddendsRows) {
  make_functional();
  make("vector_add");
  start();
  send(kProjection, 100, 103, 0, 4, 0, 8);
  send(kProjection, 110, 113, 0, 4, 8, 8);
  send(kProjection, 120, 123, 4, 4, 0, 8);
  send(kProjection, 130, 133, 4, 4, 8, 8);
  EXPECT_THAT(
      memory.reads,
      ElementsAre(Rows{workload::Edge::kInput, 0, 4, 0, 8}, Rows{workload::Edge::kInput, 0, 4, 8, 8},
                  Rows{workload::Edge::kInput, 4, 4, 0, 8}, Rows{workload::Edge::kInput, 4, 4, 8, 8}));
  EXPECT_EQ(difference(collected(kSum), results[kSum]), "");
  send(kFc2, 140, 150);
  EXPECT_EQ(memory.reads.back(), (Rows{kSum, 0, 8, 0, 16}));
  EXPECT_EQ(difference(collected(kResult), results[kResult]), "");
}

/// The chain that the design's accelerator has.
struct ChainTest : EngineTest {
  void make_chain(Settings settings = {}) {
    make("vector_add", settings, "x_vector_add");
    make_reformat("fp32", settings, "x_dequantise");
    make("softmax", settings, "x_softmax");
    make("gelu", settings, "x_gelu");
    make("layer_norm", settings, "x_layer_norm");
    make_reformat("int8", settings, "x_quantise");
    make("transpose", settings, "x_transpose");
    start();
  }
  void make_reformat(const char* to, Settings settings, const char* name) {
    if (settings.size() == 0) {
      make("reformat", {{"to", to}}, name);
    } else {
      make("reformat", {{"to", to}, *settings.begin()}, name);
    }
  }
};

TEST_F(ChainTest, RowsGoThroughAllEnginesInOneCall) {
  make_chain();
  send(kProjection, 100, 170);
  // Rows of 16 columns take two cycles; the norm has two more passes.
  const uint64_t add = depth_of("vector_add"), reformat = depth_of("reformat");
  const uint64_t all = add + reformat + 2 * 2 + depth_of("layer_norm") + reformat;
  EXPECT_THAT(sink.seen, ElementsAre(Rows{kSum, 0, 8, 0, 16, edge(100 + add), edge(170 + add)},
                                     Rows{kNormal8, 0, 8, 0, 16, edge(100 + all), edge(170 + all)}));
  EXPECT_EQ(source.call.packet.done_ps, edge(170 + all) + 1000);
}

TEST_F(ChainTest, WithoutPipelineOneEngineFollowsTheOther) {
  design.pipeline = false;
  make_chain();
  send(kProjection, 100, 170);
  // 128 elements on 16 lanes: 8 cycles a pass.
  EXPECT_THAT(sink.seen, ElementsAre(Rows{kSum, 0, 8, 0, 16, edge(178), edge(178)},
                                     Rows{kNormal8, 0, 8, 0, 16, edge(170 + 6 * 8), edge(170 + 6 * 8)}));
  EXPECT_EQ(source.call.packet.taken_ps, edge(218)) << "until the chain is through";
}

TEST_F(ChainTest, ASlowEngineHoldsUpAllBeforeIt) {
  make_chain();
  sink.late_ps = edge(20) - 1;
  send(kScores, 100, 170);
  EXPECT_EQ(source.call.packet.taken_ps, edge(190));
  send(kScores, 180, 187, 0, 8);
  // The next packet's first row enters a row time after the last was taken, in every engine.
  EXPECT_EQ(sink.seen.back().first_ps, edge(192 + 2 * depth_of("reformat") + 2 * 2 + depth_of("softmax")));
}

TEST_F(ChainTest, ValuesAreThoseOfTheReference) {
  make_functional();
  make_chain();
  for (uint32_t product : {kQkv, kScores, kProjection, kFc1, kFc2}) send(product, 100, 170);
  for (uint32_t op : {kKeys, kShares, kSum, kNormal8, kGelu8, kResult})
    EXPECT_EQ(difference(collected(op), results[op]), "") << graph->operators[op].name;
}

TEST_F(ChainTest, ValuesDependOnNoPacketsAndNoLanes) {
  make_functional();
  make_chain({{"lanes", "3"}});
  uint64_t at = 100;
  for (uint32_t row = 0; row < 8; ++row, at += 10) {
    for (uint32_t head = 0; head < 2; ++head) send(kScores, at, at, row, 1, head * 8, 8);
    send(kProjection, at, at, row, 1);
    for (uint32_t column = 0; column < 64; column += 16) send(kFc1, at, at, row, 1, column, 16);
  }
  for (uint32_t op : {kShares, kSum, kNormal8, kGelu8})
    EXPECT_EQ(difference(collected(op), results[op]), "") << graph->operators[op].name;
}

TEST_F(ChainTest, ValuesAreTheSameWithoutPipeline) {
  design.pipeline = false;
  make_functional();
  make_chain();
  for (uint32_t product : {kQkv, kScores, kProjection, kFc1}) {
    const uint32_t columns = graph->operators[product].columns / 2;
    for (uint32_t first : {0U, columns}) {
      send(product, 100, 110, 0, 5, first, columns);
      send(product, 120, 130, 5, 3, first, columns);
    }
  }
  for (uint32_t op : {kKeys, kShares, kSum, kNormal8, kGelu8})
    EXPECT_EQ(difference(collected(op), results[op]), "") << graph->operators[op].name;
}

TEST_F(EngineTest, StoredConstantsAreAdded) {
  GraphBuilder b(8, 16);
  const uint32_t embedding = b.product("embedding", b.all_of(workload::Edge::kInput), 16, 16);
  const uint32_t position = b.other("vector_add", embedding, workload::Format::int8);
  b.product("head", b.all_of(position), 16, 16);
  graph = std::make_shared<const workload::Graph>(b.graph);
  design.accelerators[0].stages = graph->stages();
  make_functional();
  make("vector_add");
  start();
  for (uint32_t column : {0U, 8U}) {
    send(embedding, 100, 110, 0, 3, column, 8);
    send(embedding, 120, 130, 3, 5, column, 8);
  }
  EXPECT_EQ(difference(collected(position), results[position]), "");
  EXPECT_TRUE(memory.reads.empty());
}

TEST_F(EngineTest, MatricesMayAlternate) {
  make("softmax");
  start();
  for (uint32_t row : {0U, 4U}) {
    for (job = 0; job < 3; ++job) send(kDequantised, 100 + row, 103 + row, row, 4);
  }
  EXPECT_EQ(sink.seen.size(), 6U);
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_EQ(engines[0]->waiting_for(), "");
}

TEST_F(EngineTest, WaitsForTheRowsBehind) {
  make("softmax");
  start();
  send(kDequantised, 100, 103, 0, 4);
  EXPECT_EQ(engines[0]->waiting_for(), "row 4 of reformat3 of job deit#0, image 0");
}

TEST_F(EngineTest, WaitsForTheRestOfAMatrix) {
  design.pipeline = false;
  make("softmax");
  start();
  send(kDequantised, 100, 103, 0, 8, 0, 8);
  EXPECT_EQ(engines[0]->waiting_for(), "64 values of reformat3 of job deit#0, image 0");
  send(kDequantised, 110, 113, 0, 8, 8, 8);
  EXPECT_EQ(engines[0]->waiting_for(), "");
}

TEST_F(EngineTest, RowsOfAMatrixThatComeTwiceEndTheRun) {
  design.pipeline = false;
  make("gelu");
  start();
  send(kFc1Real, 100, 103, 0, 8, 0, 40);
  send(kFc1Real, 110, 113, 0, 8, 32, 32);
  EXPECT_THAT(core::failure_message(), HasSubstr("some of them for the second time"));
}

TEST_F(EngineTest, CountsPacketsRowsAndTime) {
  make("softmax", {{"depth", "6"}});
  start();
  send(kDequantised, 100, 121, 0, 8, 0, 8);
  send(kDequantised, 110, 131, 0, 8, 8, 8);
  send(kDequantised, 100, 121, 0, 8, 0, 8);  // of the next image, while the one before is there
  send(kQkv, 100, 121);
  core::RunReport report;
  report.end_ps = edge(1000);
  engines[0]->report(report);
  const auto& entry = report.memory["engines"][0];
  EXPECT_EQ(entry["engine"], "engine");
  EXPECT_EQ(entry["packets"], 3);
  EXPECT_EQ(entry["rows"], 24);
  EXPECT_EQ(entry["passed_on"], 1);
  EXPECT_EQ(entry["held_up_ps"], 0);
  // From edge 100 to the last result, 8 cycles behind: the third packet is taken from edge 132 on, two rows a
  // cycle.
  EXPECT_EQ(entry["busy_ps"], edge(135 + 8) - edge(100));
  report.end_ps = edge(120);
  engines[0]->report(report);
  EXPECT_EQ(report.memory["engines"][1]["busy_ps"], edge(120) - edge(100));
}

TEST_F(EngineTest, ShowsWhatItWorksOn) {
  make("softmax", {{"depth", "6"}});
  start();
  agenda.at(edge(90), [this] { send(kDequantised, 100, 121, 0, 8, 0, 8); });
  agenda.at(edge(95), [this] { send(kDequantised, 125, 126, 0, 8, 8, 8); });
  agenda.at(edge(200), [this] {
    job = 3;
    send(kDequantised, 300, 321, 0, 8, 0, 8);
  });
  run_until(edge(400));
  using Change = test::RecordingObserver::Change;
  EXPECT_THAT(signals.changes["busy"],
              ElementsAre(Change{0, "0"}, Change{edge(100), "1"}, Change{edge(136), "0"},
                          Change{edge(300), "1"}, Change{edge(329), "0"}));
  EXPECT_THAT(signals.changes["job"],
              ElementsAre(Change{edge(100), "deit#0 image 0"}, Change{edge(300), "deit#3 image 0"}));
  EXPECT_THAT(signals.changes["operator"], ElementsAre(Change{edge(100), "softmax4"}));
}

// ---- what ends the run

struct Bad {
  const char* name;
  std::function<void(StreamPacket&)> spoil;
  const char* says;
};
struct BadPacket : EngineTest, ::testing::WithParamInterface<Bad> {};

TEST_P(BadPacket, EndsTheRunWithEnginePacketAndTime) {
  make("softmax", {}, "x_softmax");
  start();
  agenda.at(edge(90), [this] {
    StreamPacket& packet = source.call.packet;
    packet = {};
    packet.job = {0, 4};
    packet.image = 2;
    packet.op = kDequantised;
    packet.rows = 4;
    packet.columns = 16;
    packet.format = workload::Format::fp32;
    packet.first_ps = packet.last_ps = edge(100);
    GetParam().spoil(packet);
    send(packet);
    EXPECT_FALSE(source.call.is_ok());
  });
  run_until(edge(100));
  EXPECT_THAT(core::failure_message(), HasSubstr("x_softmax: "));
  EXPECT_THAT(core::failure_message(), HasSubstr(GetParam().says));
  EXPECT_THAT(core::failure_message(), HasSubstr(", at 391305 ps"));
  EXPECT_TRUE(sink.seen.empty());
}
INSTANTIATE_TEST_SUITE_P(
    , BadPacket,
    ::testing::Values(
        Bad{"task", [](StreamPacket& p) { p.job.task = 9; },
            "rows of operator number 3 of task number 9 belong to no graph"},
        Bad{"stage_task", [](StreamPacket& p) { p.job.task = 1; }, "belong to no graph"},
        Bad{"operation", [](StreamPacket& p) { p.op = 18; }, "rows of operator number 18 of task number 0"},
        Bad{"input", [](StreamPacket& p) { p.op = workload::Edge::kInput; }, "belong to no graph"},
        Bad{"rows", [](StreamPacket& p) { p.rows = 9; },
            "rows 0..8, columns 0..15 of reformat3 of job deit#4, image 2: the matrix has 8 rows and 16 "
            "columns"},
        Bad{"no_rows", [](StreamPacket& p) { p.rows = 0; }, "the matrix has 8 rows"},
        Bad{"columns", [](StreamPacket& p) { p.first_column = 8; }, "columns 8..23"},
        Bad{"wrapped", [](StreamPacket& p) { p.first_row = 4, p.rows = ~0U; }, "the matrix has 8 rows"},
        Bad{"half_a_head", [](StreamPacket& p) { p.columns = 12; }, "softmax4 needs 8 columns together"},
        Bad{"format", [](StreamPacket& p) { p.format = workload::Format::int8; },
            "the packet is int8, the matrix fp32"},
        Bad{"order", [](StreamPacket& p) { p.first_row = 1; },
            "rows 1..4, columns 0..15 of reformat3 of job deit#4, image 2: row 0 was to come next"},
        Bad{"time", [](StreamPacket& p) { p.first_ps = p.last_ps + 1; },
            "the last row comes before the first"}),
    [](const auto& test) { return test.param.name; });

TEST_F(EngineTest, ARowThatIsLeftOutEndsTheRun) {
  make("softmax");
  start();
  send(kDequantised, 100, 103, 0, 4);
  EXPECT_EQ(core::failure_message(), "");
  send(kDequantised, 110, 113, 5, 3);
  EXPECT_THAT(core::failure_message(), HasSubstr("row 4 was to come next"));
}

TEST_F(EngineTest, MissingValuesEndTheRun) {
  environment.functional = true;
  results.resize(graph->operators.size());
  for (size_t i = 0; i < results.size(); ++i) results[i] = Matrix(graph->operators[i]);
  results[kDequantised] = Matrix(8, 16, workload::Format::int8);
  make("softmax");
  start();
  send(kDequantised, 100, 103);
  EXPECT_THAT(core::failure_message(), HasSubstr("128 bytes of values, not 512"));
}

TEST_F(EngineTest, AMemoryThatDoesNotAnswerEndsTheRun) {
  memory.answers = false;
  make("vector_add");
  start();
  send(kProjection, 100, 103);
  EXPECT_THAT(
      core::failure_message(),
      HasSubstr("columns 0..15 of the input of job deit#0, image 0: no answer to a read of the addend"));
}

TEST_F(EngineTest, AnAddendThatIsNotConnectedEndsTheRun) {
  memory_connected = false;
  make("vector_add");
  start();
  send(kProjection, 100, 103);
  EXPECT_THAT(core::failure_message(), HasSubstr("'addend' is not connected"));
}

TEST_F(EngineTest, WhatIsNoPacketEndsTheRun) {
  make("softmax");
  start();
  tlm::tlm_generic_payload payload;
  sc_core::sc_time delay;
  source.socket->b_transport(payload, delay);
  EXPECT_THAT(core::failure_message(), HasSubstr("is no packet of rows"));
}

TEST_F(EngineTest, AnAcceleratorThatTheDesignHasNotIsRefused) {
  try {
    make("softmax", {{"accelerator", "y"}});
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("no accelerator 'y'"));
  }
}

TEST_F(EngineTest, AReformatSaysWhatItMakes) { EXPECT_THROW(make("reformat"), InputError); }

TEST(StreamEngine, NeedsADesign) {
  core::Environment environment;
  const core::IpFactory* factory = core::IpRegistry::instance().find("gelu");
  Node properties = Node::map();
  properties.at_or_add("accelerator", {}) = Node::scalar("x");
  EXPECT_THROW(factory->create("gelu", properties, "gelu", {}, environment), std::invalid_argument);
}

}  // namespace
}  // namespace vesper::pl::testing
