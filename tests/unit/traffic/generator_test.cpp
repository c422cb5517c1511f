// The AXI port of a generator: pace, bounds and exact times.
#include <numeric>

#include "models/core/run_report.h"
#include "models/core/sim_error.h"
#include "tests/unit/traffic/fixture.h"

namespace vesper::traffic::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

TEST_F(TrafficTest, ReadsAreRequestedOneACycleUpToTheLimit) {
  memory.latency = us(1).ps;
  make("linear_reader", {{"outstanding_reads", "3"}, {"requests", "4"}});
  run_until(us(10));
  EXPECT_THAT(memory.times(), ElementsAre(0, edge(1), edge(2), us(1).ps));
}

TEST_F(TrafficTest, ReadDataComeABeatACycle) {
  make("linear_reader", {{"requests", "3"}});
  run_until(us(1));
  EXPECT_THAT(transfers.ends(), ElementsAre(edge(16), edge(32), edge(48)));
}

TEST_F(TrafficTest, AReadIsDoneWhenMemoryAnswersIfThePortWasFree) {
  memory.latency = ns(101).ps;
  make("linear_reader", {{"requests", "2"}, {"outstanding_reads", "1"}});
  run_until(us(1));
  EXPECT_THAT(memory.times(), ElementsAre(0, edge(26)));
  EXPECT_THAT(transfers.ends(), ElementsAre(edge(26), edge(26) + edge(26)));
}

TEST_F(TrafficTest, AWriteIsSentWhenItsLastBeatHasLeft) {
  memory.latency = ns(100).ps;
  make("linear_writer", {{"requests", "3"}});
  run_until(us(1));
  EXPECT_THAT(memory.times(), ElementsAre(edge(16), edge(32), edge(48)));
  EXPECT_THAT(transfers.ends(), ElementsAre(edge(16 + 25), edge(32 + 25), edge(48 + 25)));
}

TEST_F(TrafficTest, WritesInFlightAreLimited) {
  memory.latency = us(1).ps;
  make("linear_writer", {{"requests", "3"}, {"outstanding_writes", "2"}});
  run_until(us(10));
  EXPECT_THAT(memory.times(), ElementsAre(edge(16), edge(32), edge(16) + us(1).ps + edge(16)));
}

TEST_F(TrafficTest, ANarrowPortTakesMoreBeats) {
  make("linear_reader", {{"width_bits", "128"}, {"requests", "2"}});
  run_until(us(1));
  EXPECT_THAT(transfers.ends(), ElementsAre(edge(64), edge(128)));
}

TEST_F(TrafficTest, ARequestThatIsNotAcceptedHoldsUpTheNext) {
  memory.door = ns(50).ps;
  memory.latency = ns(100).ps;
  make("linear_reader", {{"requests", "3"}});
  run_until(us(1));
  EXPECT_THAT(memory.times(), ElementsAre(0, edge(13), edge(26)));
}

TEST_F(TrafficTest, AWriteThatIsNotAcceptedHoldsUpTheWriteChannel) {
  memory.door = ns(200).ps;
  memory.latency = ns(100).ps;
  make("linear_writer", {{"requests", "3"}});
  run_until(us(2));
  // The second write's beats leave meanwhile; the third's follow when the second has been sent.
  EXPECT_THAT(memory.times(), ElementsAre(edge(16), edge(16 + 50), edge(16 + 100)));
}

TEST_F(TrafficTest, ARateIsKeptWithoutDrift) {
  make("linear_reader", {{"rate", "3 GB/s"}, {"requests", "301"}});
  run_until(ms(1));
  // 1024 B at 3 GB/s take 341.33 ns: a request is made at the first edge at or after its due time.
  std::vector<uint64_t> due;
  for (uint64_t n = 0; n <= 300; ++n) due.push_back((n * 1024 * 1000 + 3 * 4000 - 1) / (3 * 4000) * 4000);
  EXPECT_THAT(memory.times(), ElementsAreArray(due));
}

TEST_F(TrafficTest, AHeldUpRequestIsCaughtUp) {
  memory.latency = us(3).ps;
  make("linear_reader", {{"rate", "1.024 GB/s"}, {"outstanding_reads", "1"}, {"requests", "3"}});
  agenda.at(us(3).ps, [this] { memory.latency = ns(100).ps; });
  run_until(us(10));
  // Due at 0, 1 and 2 us; the first is answered at 3 us.
  EXPECT_THAT(memory.times(), ElementsAre(0, us(3).ps, ns(3100).ps));
}

TEST_F(TrafficTest, BeginsAtTheFirstEdgeFromFrom) {
  make("linear_reader", {{"from", "10 ns"}, {"requests", "1"}});
  run_until(us(1));
  EXPECT_THAT(memory.times(), ElementsAre(edge(3)));
}

TEST_F(TrafficTest, MakesNoRequestFromUntilOn) {
  Generator& generator = make("linear_reader", {{"rate", "1.024 GB/s"}, {"until", "3 us"}});
  run_until(us(10));
  EXPECT_THAT(memory.times(), ElementsAre(0, us(1).ps, us(2).ps));
  EXPECT_TRUE(generator.finished());
}

TEST_F(TrafficTest, UntilHoldsForARequestThatWaitedForAPlaceToo) {
  memory.latency = us(2).ps;
  Generator& generator = make("linear_reader", {{"outstanding_reads", "1"}, {"until", "3 us"}});
  run_until(us(10));
  EXPECT_THAT(memory.times(), ElementsAre(0, us(2).ps));
  EXPECT_TRUE(generator.finished());
}

TEST_F(TrafficTest, BytesAreCountedToTheByte) {
  Generator& generator = make("linear_writer", {{"bytes", "2500 B"}});
  run_until(us(1));
  uint64_t base = RangeProperties{}.base.value;
  // 452 B are 8 beats.
  EXPECT_THAT(memory.seen,
              ElementsAre(Seen{edge(16), true, base, 1024}, Seen{edge(32), true, base + 1024, 1024},
                          Seen{edge(40), true, base + 2048, 452}));
  EXPECT_TRUE(generator.finished());
}

TEST_F(TrafficTest, NothingWakesWhenAllIsDone) {
  Generator& generator = make("mixed", {{"requests", "100"}});
  memory.latency = ns(77).ps;
  run_until(ms(1));
  EXPECT_TRUE(generator.finished());
  EXPECT_EQ(memory.seen.size(), 100U);
  EXPECT_EQ(transfers.transfers.size(), 100U);
  EXPECT_FALSE(sc_core::sc_pending_activity());
}

TEST_F(TrafficTest, NothingWakesBetweenRequests) {
  make("linear_reader", {{"rate", "1.024 MB/s"}});
  run_until(us(10));
  EXPECT_EQ(sc_core::sc_time_to_pending_activity(), core::to_time(ms(1).ps - us(10).ps - 1));
}

TEST_F(TrafficTest, TellsTransfersAsItsOwnRequester) {
  memory.latency = ns(200).ps;
  make("linear_reader", {{"requests", "1"}, {"from", "1 us"}}, "probe");
  run_until(us(2));
  ASSERT_EQ(transfers.transfers.size(), 1U);
  const observe::Transfer& transfer = transfers.transfers[0];
  EXPECT_EQ(transfer.job, (observe::JobId{2, 0}));
  EXPECT_EQ(observers.ports()[transfer.port], "probe");
  EXPECT_FALSE(transfer.write);
  EXPECT_EQ(transfer.bytes, 1024U);
  EXPECT_EQ(transfer.start, us(1).ps);
  EXPECT_EQ(transfer.end, us(1).ps + ns(200).ps);
}

TEST_F(TrafficTest, TracesRequestsOutstanding) {
  using Change = test::RecordingObserver::Change;
  memory.latency = ns(100).ps;
  make("linear_reader", {{"requests", "2"}});
  run_until(us(1));
  EXPECT_THAT(signals.changes["outstanding"],
              ElementsAre(Change{0, "0"}, Change{0, "1"}, Change{edge(1), "2"}, Change{edge(25), "1"},
                          Change{edge(41), "0"}));
}

TEST_F(TrafficTest, AnErrorResponseEndsTheSimulation) {
  memory.latency = ns(100).ps;
  memory.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  make("linear_writer", {{"base", "0xABC000"}});
  run_until(us(1));
  EXPECT_THAT(core::failure_message(),
              HasSubstr("logger: write of 1024 bytes at 0xabc000 failed at 164000 ps: "
                        "TLM_ADDRESS_ERROR_RESPONSE (nothing answers there); on_error: count goes on"));
  EXPECT_EQ(core::now_ps(), ns(164).ps);
}

TEST_F(TrafficTest, ErrorsAreCountedAndItGoesOn) {
  memory.latency = ns(100).ps;
  memory.status = tlm::TLM_GENERIC_ERROR_RESPONSE;
  Generator& generator = make("mixed", {{"requests", "100"}, {"on_error", "count"}});
  run_until(us(100));
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_TRUE(generator.finished());
  core::RunReport report;
  generator.report(report);
  const auto& counted = report.memory["traffic"][0];
  EXPECT_EQ(counted["name"], "logger");
  EXPECT_EQ(counted["errors"], 100);
  EXPECT_EQ(counted["reads"].get<int>() + counted["writes"].get<int>(), 100);
  uint64_t bytes = 0;
  for (const Seen& request : memory.seen) bytes += request.bytes;
  EXPECT_EQ(counted["read_bytes"].get<uint64_t>() + counted["write_bytes"].get<uint64_t>(), bytes);
}

TEST_F(TrafficTest, TheLedgerOfEveryBurstIsClosed) {
  memory.latency = ns(77).ps;
  make("mixed", {{"requests", "200"}});
  run_until(ms(1));
  ASSERT_EQ(transfers.ledgers.size(), 200U);
  for (size_t i = 0; i < 200; ++i) {
    const auto& [transfer, parts] = transfers.ledgers[i];
    EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), uint64_t{0}), transfer.end - transfer.start);
    EXPECT_EQ(parts[static_cast<size_t>(observe::LatencyPart::other)], memory.latency);
    EXPECT_EQ(transfer.end, transfers.transfers[i].end);
  }
}

TEST_F(TrafficTest, OnlyARequesterOfTheScenarioCanBeBuilt) {
  EXPECT_THAT(
      [this] { make("linear_reader", {}, "stranger"); },
      ::testing::ThrowsMessage<std::invalid_argument>(HasSubstr("'stranger' is not listed under 'traffic'")));
}

}  // namespace
}  // namespace vesper::traffic::testing
