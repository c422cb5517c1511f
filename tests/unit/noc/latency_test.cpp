// Where the time of payloads goes.

#include "tests/unit/noc/noc_fixture.h"

namespace vesper::noc {
namespace {

TEST_P(RandomNocTraffic, IsAnsweredOnceAndLeavesNothingBehindAndItsTimeIsAccountedForExactly) {
  make_random();
  run(10'000'000);
  for (const auto& initiator : initiators) EXPECT_EQ(initiator->answers, kRequests);
  EXPECT_EQ(noc->payloads_in_use(), 0U);
  EXPECT_EQ(noc->waiting_for(), "");
  const Accounting& sums = noc->accounting();
  const LatencyTotals& latencies = noc->latencies();
  core::ClockDomain clock(GetParam() % 2 == 0 ? MHz(783) : MHz(1000));
  for (size_t task = 0; task < sums.tasks(); ++task) {
    uint64_t waiting = 0, charged = 0;
    for (LinkId link = 0; link < noc->topology().link_count(); ++link) {
      waiting += sums.waiting(link, task);
      charged += sums.blocked(link, task);
      for (size_t other = 0; other < sums.tasks(); ++other) charged += sums.waited_for(link, task, other);
    }
    EXPECT_EQ(waiting, charged);
    // A cycle is within a picosecond of its length, on each of a packet's two ways.
    EXPECT_NEAR(static_cast<double>(clock.edge(waiting)),
                static_cast<double>(latencies.ps(task, core::LatencyPart::links)),
                clock.hz() == 1'000'000'000 ? 0.0 : 2.0 * static_cast<double>(latencies.packets(task)));
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomNocTraffic, testing::Range<uint64_t>(1, 41));

TEST_F(NocTest, TheTimeOfAnUnhinderedReadIsNetworkAndTheTargetsOwn) {
  make({"pl.0"});
  memories[0]->latency = 50 * kNs;
  read(0, 100, 0x1000, 256);
  run();
  const auto& one = initiators[0]->requests[0];
  EXPECT_EQ(one.part_ns(core::LatencyPart::network), noc->structural_round_trip("pl.0", "ddr.0") + 15);
  EXPECT_EQ(one.part_ns(core::LatencyPart::other), 50U);
  EXPECT_EQ(latency_ns(0), noc->structural_round_trip("pl.0", "ddr.0") + 15 + 50);
}

TEST_F(NocTest, WaitingAtTheTargetsDoorAtLimitsAndAtThePortIsToldApart) {
  NocProperties properties;
  properties.nmu_reads = 1;
  make({"pl.0", "pl.4"}, properties);
  memories[0]->latency = 200 * kNs;
  memories[0]->room = 1;
  read(0, 100, 0x1000, 256);
  read(1, 150, 0x2000, 256);  // finds the target busy until the first is answered
  read(0, 200, 0x3000, 256);  // is accepted when the first is answered
  for (auto& request : initiators[0]->requests) request.tag.port_rate = 8'000'000'000;
  run();
  uint64_t first_arrives = 100 + noc->structural_round_trip("pl.0", "ddr.0") / 2;
  uint64_t second_arrives = 150 + noc->structural_round_trip("pl.4", "ddr.0") / 2;
  const auto& first = initiators[0]->requests[0];
  const auto& third = initiators[0]->requests[1];
  const auto& second = initiators[1]->requests[0];
  EXPECT_EQ(first.part_ns(core::LatencyPart::port), 32U);
  EXPECT_EQ(second.part_ns(core::LatencyPart::door), first_arrives + 200 - second_arrives);
  EXPECT_EQ(third.part_ns(core::LatencyPart::admission), latency_ns(0, 0) + 100 - 200);
  EXPECT_EQ(second.part_ns(core::LatencyPart::admission), 0U);
}

TEST_F(NocTest, WaitingForALinkIsToldAsSuch) {
  make({"pl.0", "pl.4"});
  for (size_t i = 0; i < 2; ++i) read(i, 100, 0x1000 * (i + 1), 256, static_cast<uint16_t>(i));
  run();
  uint64_t links = 0;
  for (size_t i = 0; i < 2; ++i) {
    links += initiators[i]->requests[0].part_ns(core::LatencyPart::links);
  }
  uint64_t unhindered =
      noc->structural_round_trip("pl.0", "ddr.0") + noc->structural_round_trip("pl.4", "ddr.0") + 2 * 15;
  EXPECT_GT(links, 10U);
  EXPECT_EQ(latency_ns(0) + latency_ns(1), unhindered + links);
}

}  // namespace
}  // namespace vesper::noc
