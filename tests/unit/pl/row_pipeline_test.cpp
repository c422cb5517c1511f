// Times of rows through an engine: hand-computed edges of 230 MHz, of which edge n is at ceil(n * 100000 /
// 23) ps.
#include "models/pl/row_pipeline.h"

#include <gmock/gmock.h>

#include "platform/property/units.h"

namespace vesper::pl {

bool operator==(const RowTimes& a, const RowTimes& b) {
  return a.start_ps == b.start_ps && a.first_ps == b.first_ps && a.last_ps == b.last_ps &&
         a.taken_ps == b.taken_ps;
}
void PrintTo(const RowTimes& t, std::ostream* out) {
  *out << t.start_ps << ": " << t.first_ps << ".." << t.last_ps << " ps, taken " << t.taken_ps;
}

namespace {

const core::ClockDomain kClock(MHz(230));
uint64_t edge(uint64_t cycles) { return kClock.edge(cycles); }
RowPipeline engine(uint32_t passes, uint32_t depth) { return {kClock, passes, depth}; }

TEST(RowPipeline, AnElementWiseEngineDelaysRowsByItsDepth) {
  // Rows at edges 100, 104, ..., 224; a row keeps the lanes busy for 3 cycles.
  RowTimes times = engine(1, 4).pass({32, edge(100), edge(224)}, {1, 3, 96});
  EXPECT_EQ(edge(104), 452'174U);
  EXPECT_EQ(edge(228), 991'305U);
  EXPECT_EQ(times, (RowTimes{434'783, 452'174, 991'305, 973'914}));
}

TEST(RowPipeline, LaterPassesCostARowTimeEachOnceAMatrix) {
  RowTimes times = engine(3, 20).pass({32, edge(100), edge(224)}, {1, 3, 96});
  EXPECT_EQ(times, (RowTimes{edge(100), edge(126), edge(250), edge(224)}));
}

TEST(RowPipeline, WithoutOverlapPassesGoOverTheWholeMatrix) {
  RowTimes times = engine(3, 20).pass({32, edge(100), edge(224), false}, {1, 3, 96});
  EXPECT_EQ(times, (RowTimes{edge(224), edge(224 + 288), edge(224 + 288), edge(224 + 288)}));
}

TEST(RowPipeline, LineBuffersHalveTheTimeOfTwoPassesAndMore) {
  const RowArrival rows{1000, 0, edge(3 * 999)};
  const RowCost cost{1, 3, 3000};
  uint64_t overlapped = engine(2, 0).pass(rows, cost).last_ps;
  uint64_t apart = engine(2, 0).pass({1000, 0, rows.last_ps, false}, cost).last_ps;
  EXPECT_EQ(overlapped, edge(2997 + 3));
  EXPECT_EQ(apart, edge(2997 + 6000));
}

TEST(RowPipeline, ArrivalsAreSeenAtTheNextEdge) {
  EXPECT_EQ(engine(1, 1).pass({1, 434'784, 434'784}, {1, 1, 1}),
            (RowTimes{439'131, 443'479, 443'479, 439'131}));
  EXPECT_EQ(engine(1, 1).pass({1, 434'783, 434'783}, {1, 1, 1}),
            (RowTimes{434'783, 439'131, 439'131, 434'783}));
}

TEST(RowPipeline, ASlowerEngineTakesARowARowTimeAfterTheOneBefore) {
  // Rows come every 4 cycles and take 10: the last is in 31 row times after the first.
  RowTimes times = engine(2, 5).pass({32, edge(100), edge(224)}, {1, 10, 320});
  EXPECT_EQ(times, (RowTimes{edge(100), edge(115), edge(425), edge(410)}));
}

TEST(RowPipeline, RowsSideBySideCountOnce) {
  // 30 rows, 4 side by side: 8 groups.
  RowTimes times = engine(1, 0).pass({30, edge(100), edge(100)}, {4, 10, 75});
  EXPECT_EQ(times.last_ps, edge(170));
}

TEST(RowPipeline, ANextPacketWaitsForARowTime) {
  RowPipeline layer_norm = engine(2, 5);
  const RowCost cost{1, 10, 320};
  layer_norm.pass({32, edge(100), edge(224)}, cost);
  EXPECT_EQ(layer_norm.pass({2, edge(300), edge(304)}, cost),
            (RowTimes{edge(420), edge(435), edge(445), edge(430)}));
  EXPECT_EQ(layer_norm.pass({1, edge(900), edge(900)}, cost),
            (RowTimes{edge(900), edge(915), edge(915), edge(900)}));
}

TEST(RowPipeline, ANextMatrixWaitsForTheOneBefore) {
  RowPipeline softmax = engine(3, 20);
  softmax.pass({32, 0, edge(10), false}, {1, 3, 96});
  EXPECT_EQ(softmax.pass({32, 0, edge(11), false}, {1, 3, 96}).start_ps, edge(10 + 288));
}

TEST(RowPipeline, AReceiverThatIsLateHoldsUpWhatComesBehind) {
  RowPipeline gelu = engine(1, 5);
  const RowCost cost{1, 10, 10};
  EXPECT_EQ(gelu.pass({1, edge(100), edge(100)}, cost).last_ps, edge(105));
  EXPECT_EQ(gelu.held_up(edge(105)), edge(100));
  EXPECT_EQ(gelu.held_up(edge(112) - 1), edge(107));
  EXPECT_EQ(gelu.held_up(edge(112)), edge(107)) << "told twice of the same";
  EXPECT_EQ(gelu.pass({1, edge(100), edge(100)}, cost),
            (RowTimes{edge(117), edge(122), edge(122), edge(117)}));
}

TEST(RowPipeline, AMatrixIsOutWhenTheReceiverHasIt) {
  RowPipeline gelu = engine(1, 5);
  EXPECT_EQ(gelu.pass({1, 0, 0, false}, {1, 10, 10}).taken_ps, edge(10));
  EXPECT_EQ(gelu.held_up(edge(200)), edge(200));
}

TEST(RowPipeline, CuttingRowsIntoPacketsChangesNothingWhereTheyComeEvenly) {
  const RowCost cost{1, 3, 12};
  RowPipeline whole = engine(3, 20), cut = engine(3, 20);
  RowTimes all = whole.pass({96, edge(50), edge(50 + 95 * 4)}, cost);
  for (uint64_t row = 0; row < 96; row += 12) {
    RowTimes part = cut.pass({12, edge(50 + row * 4), edge(50 + (row + 11) * 4)}, cost);
    EXPECT_EQ(part.first_ps, edge(50 + row * 4 + 26));
    EXPECT_EQ(part.last_ps, edge(50 + (row + 11) * 4 + 26));
  }
  EXPECT_EQ(all.first_ps, edge(50 + 26));
  EXPECT_EQ(all.last_ps, edge(50 + 95 * 4 + 26));
}

}  // namespace
}  // namespace vesper::pl
