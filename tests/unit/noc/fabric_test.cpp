#include "models/noc/fabric.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace vesper::noc {
namespace {

using testing::ElementsAre;

struct Delivered {
  uint32_t cookie;
  uint64_t tail;
  bool operator==(const Delivered&) const = default;
};

class FabricTest : public testing::Test, public DeliveryListener {
 protected:
  Fabric& make(unsigned columns, unsigned rows, FabricParameters parameters = {}) {
    topology_ = std::make_unique<Topology>(make_mesh(columns, rows));
    fabric_ = std::make_unique<Fabric>(*topology_, parameters, *this);
    fabric_->report_links();
    return *fabric_;
  }
  void send(uint32_t cookie, EndpointId from, EndpointId to, uint16_t flits, uint64_t at,
            VcSet channels = 0xff, uint16_t task = 0) {
    fabric_->inject({.source = from,
                     .destination = to,
                     .flits = flits,
                     .task = task,
                     .channels = channels,
                     .cookie = cookie},
                    at);
  }
  void run() { fabric_->run_until(100'000); }
  [[nodiscard]] uint64_t tail(uint32_t cookie) const {
    for (const Delivered& one : delivered_) {
      if (one.cookie == cookie) return one.tail;
    }
    return 0;
  }
  void delivered(const Packet& packet, uint8_t, uint64_t tail_cycle) override {
    delivered_.push_back({packet.cookie, tail_cycle});
  }
  void link_used(LinkId link, uint64_t, unsigned flits) override { flits_on_[link] += flits; }

  std::unique_ptr<Topology> topology_;
  std::unique_ptr<Fabric> fabric_;
  std::vector<Delivered> delivered_;
  std::map<LinkId, uint64_t> flits_on_;
};

TEST_F(FabricTest, UnhinderedHeaderTakesInjectionAndHopsAndTheTailFollowsFlitByFlit) {
  make(4, 1);
  send(1, 0, 3, 1, 100);
  send(2, 3, 0, 17, 200);
  run();
  EXPECT_THAT(delivered_, ElementsAre(Delivered{1, 100 + 2 + 4 * 3}, Delivered{2, 200 + 2 + 4 * 3 + 16}));
}

TEST_F(FabricTest, LatencyDoesNotDependOnTheGrantSize) {
  for (unsigned grant : {1U, 4U, 16U, 64U}) {
    make(4, 1, {.grant_flits = grant});
    send(grant, 0, 3, 16, 10);
    run();
    EXPECT_EQ(tail(grant), 10U + 2 + 4 * 3 + 15);
  }
}

TEST_F(FabricTest, APacketHandedOverRightAfterACycleAlreadyRunIsNotSentInIt) {
  make(4, 1, {.priorities = {0x01, 0xfe}});
  fabric_->run_until(10);
  send(1, 0, 3, 1, 10, 0xfe);
  send(2, 0, 3, 1, 11, 0x01);
  run();
  EXPECT_THAT(delivered_, ElementsAre(Delivered{1, 10 + 2 + 4 * 3}, Delivered{2, 11 + 2 + 4 * 3}));
}

TEST_F(FabricTest, CreditsOfALongWayBackAreAllCounted) {
  make(4, 1, {.credit_cycles = 64});
  for (uint32_t i = 0; i < 100; ++i) send(i, 0, 3, 16, 10);
  run();
  ASSERT_EQ(delivered_.size(), 100U);
  // 128 flits of buffers cover a credit's way. Two packets that ask for one channel may wait for it once.
  EXPECT_LE(tail(99), 10U + 2 + 4 * 3 + 100 * 16 - 1 + 64 + 16);
}

TEST_F(FabricTest, PacketsOfOneSourceFollowEachOtherWithoutGap) {
  make(4, 1);
  for (uint32_t i = 0; i < 4; ++i) send(i, 0, 3, 16, 10);
  run();
  for (uint32_t i = 0; i < 4; ++i) EXPECT_EQ(tail(i), 10U + 2 + 4 * 3 + 15 + 16 * i);
}

TEST_F(FabricTest, PacketsFromTwoInputsShareALinkFlitByFlit) {
  make(3, 1, {.grant_flits = 1});
  send(1, 0, 2, 16, 10);      // reaches switch 1 at 15
  send(2, 1, 2, 16, 10 + 3);  // its source is at switch 1: there at 15
  run();
  // 32 flits leave switch 1 from cycle 15 on, one a cycle and alternating but for the first two: both headers
  // ask for the same output channel, and the loser asks again. The tails leave in cycles 44 and 46.
  EXPECT_EQ(std::min(tail(1), tail(2)), 44U + 2 * 3);
  EXPECT_EQ(std::max(tail(1), tail(2)), 46U + 2 * 3);
}

TEST_F(FabricTest, WholePacketGrantsServeThemOneAfterTheOther) {
  make(3, 1, {.grant_flits = 16});
  send(1, 0, 2, 16, 10);
  send(2, 1, 2, 16, 10 + 3);
  run();
  EXPECT_EQ(std::min(tail(1), tail(2)), 30U + 2 * 3);
  EXPECT_EQ(std::max(tail(1), tail(2)), 46U + 2 * 3);
}

TEST_F(FabricTest, ABufferOfFewFlitsLimitsThroughputToItsRoundTrip) {
  // With 2 flits of buffer and a loop of hop + credit = 3 + 2 cycles, a channel carries 2 flits in 5 cycles.
  make(2, 1, {.virtual_channels = 1, .buffer_flits = 2, .grant_flits = 1});
  for (uint32_t i = 0; i < 10; ++i) send(i, 0, 1, 16, 0);
  run();
  EXPECT_NEAR(static_cast<double>(tail(9) - tail(0)) / (9 * 16), 2.5, 0.05);
}

TEST_F(FabricTest, AHeldEndpointFillsItsBuffersAndGoesOnWhenReleased) {
  Fabric& fabric = make(2, 1, {.virtual_channels = 1, .buffer_flits = 16});
  fabric.hold(1, 16);
  for (uint32_t i = 0; i < 4; ++i) send(i, 0, 1, 16, 0);
  fabric.run_until(1000);
  EXPECT_EQ(delivered_.size(), 1U);
  EXPECT_EQ(fabric.in_flight(), 3U);
  fabric.release(1, 0, 16, 1000);
  fabric.run_until(2000);
  EXPECT_EQ(delivered_.size(), 2U);
  EXPECT_EQ(tail(1), 1000U + 2 + 3 + 15);
}

TEST_F(FabricTest, AnUrgentClassPassesAQueueOfTheOther) {
  make(3, 1, {.grant_flits = 1, .priorities = {0x01, 0xfe}});
  for (uint32_t i = 0; i < 8; ++i) send(i, 0, 2, 16, 0, 0x02);
  send(100, 1, 2, 4, 40, 0x01);
  run();
  // A header that finds its output taken gets a channel first and the link in the next cycle.
  EXPECT_EQ(tail(100), 40U + 2 + 2 * 3 + 3 + 1);
}

TEST_F(FabricTest, InputsShareAContestedLinkEqually) {
  make(3, 3, {.grant_flits = 4});
  // Into endpoint 4 (the centre) from its four neighbours.
  for (uint32_t i = 0; i < 1000; ++i) {
    for (EndpointId from : std::array<EndpointId, 4>{1, 3, 5, 7}) send(from, from, 4, 16, 0);
  }
  fabric_->run_until(32'000);
  std::map<uint32_t, int> packets;
  for (const Delivered& one : delivered_) ++packets[one.cookie];
  for (EndpointId from : std::array<EndpointId, 4>{1, 3, 5, 7}) EXPECT_NEAR(packets[from], 500, 25) << from;
}

TEST_F(FabricTest, AFixedChannelKeepsTheOrderOfAFlow) {
  make(4, 4);
  for (uint32_t i = 0; i < 64; ++i) {
    send(i, 0, 15, i % 3 == 0 ? 17 : 1, 0, 0x04);
    send(1000 + i, 3, 15, 16, 0, 0xfb);
  }
  run();
  uint32_t expected = 0;
  for (const Delivered& one : delivered_) {
    if (one.cookie < 1000) {
      EXPECT_EQ(one.cookie, expected++);
    }
  }
  EXPECT_EQ(expected, 64U);
}

TEST_F(FabricTest, WaitingIsChargedToTheTaskThatHeldTheLink) {
  Fabric& fabric = make(3, 1, {.grant_flits = 16});
  fabric.accounting().enable(topology_->links().size(), 3);
  send(1, 0, 2, 16, 10, 0xff, 1);  // task 1 holds the link from switch 1 for cycles 15 to 30
  send(2, 1, 2, 16, 17, 0xff, 2);  // task 2 reaches switch 1 in cycle 19
  run();
  LinkId link = topology_->route(1, 2);
  const Accounting& sums = fabric.accounting();
  EXPECT_EQ(sums.flits(link, 1), 16U);
  EXPECT_EQ(sums.flits(link, 2), 16U);
  EXPECT_EQ(sums.waited_for(link, 2, 1), 31U - 19U);
  EXPECT_EQ(sums.waiting(link, 2), 31U - 19U);
  EXPECT_EQ(sums.blocked(link, 2), 0U);
  EXPECT_EQ(sums.waiting(link, 1), 0U);
}

TEST_F(FabricTest, NothingHappensInIdleTime) {
  Fabric& fabric = make(4, 4);
  EXPECT_EQ(fabric.next_event(), TimingWheel::kNever);
  send(1, 0, 15, 16, 1'000'000'000'000);
  fabric.run_until(2'000'000'000'000);
  EXPECT_EQ(tail(1), 1'000'000'000'000U + 2 + 7 * 3 + 15);
  EXPECT_EQ(fabric.next_event(), TimingWheel::kNever);
}

}  // namespace
}  // namespace vesper::noc
