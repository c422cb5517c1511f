// Random networks, parameters and traffic over many seeds: whatever is offered arrives once, in order, and
// every link carries one flit a cycle at most.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <tuple>

#include "models/noc/fabric.h"

namespace vesper::noc {
namespace {

class RandomTraffic : public DeliveryListener {
 public:
  explicit RandomTraffic(uint64_t seed)
      : random_(seed), topology_(random_topology()), parameters_(random_parameters()) {
    fabric_ = std::make_unique<Fabric>(topology_, parameters_, *this);
    reported_ = below(2) == 0;
    if (reported_) fabric_->report_links();
    fabric_->accounting().enable(topology_.links().size(), kTasks);
    used_until_.assign(topology_.links().size(), 0);
    carried_.assign(topology_.links().size(), 0);
    for (EndpointId e = 0; e < topology_.endpoints(); ++e) {
      held_.push_back(below(4) == 0);
      if (held_.back()) fabric_->hold(e, 17 + static_cast<unsigned>(below(20)));
    }
  }

  void run() {
    uint64_t cycle = 0;
    for (uint32_t i = 0; i < kPackets; ++i) {
      cycle += below(3) == 0 ? below(40) : 0;
      advance(cycle);
      offer(i, cycle);
    }
    for (uint64_t end = cycle + 2'000'000; fabric_->in_flight() != 0 && cycle < end; cycle += 50)
      advance(cycle);
    advance(cycle + 500);
  }

  void verify() {
    EXPECT_EQ(fabric_->in_flight(), 0U) << "deadlock";
    EXPECT_EQ(arrived_, kPackets);
    EXPECT_EQ(fabric_->next_event(), TimingWheel::kNever);
    for (LinkId link = 0; link < topology_.links().size(); ++link) {
      uint64_t flits = 0;
      for (size_t task = 0; task < kTasks; ++task) {
        flits += fabric_->accounting().flits(link, task);
        uint64_t waited = fabric_->accounting().blocked(link, task);
        for (size_t other = 0; other < kTasks; ++other)
          waited += fabric_->accounting().waited_for(link, task, other);
        EXPECT_EQ(waited, fabric_->accounting().waiting(link, task));
        EXPECT_LT(waited, 1U << 30U);
        waited_ -= waited;
      }
      if (reported_) {
        EXPECT_EQ(flits, carried_[link]);
      }
      carried_[link] = flits;
    }
    uint64_t ejected = 0;
    for (EndpointId e = 0; e < topology_.endpoints(); ++e) ejected += carried_[topology_.ejection(e)];
    EXPECT_EQ(ejected, offered_flits_);
    EXPECT_EQ(waited_, 0U) << "waits of packets against waits for links";
  }

  void delivered(const Packet& packet, uint8_t channel, uint64_t tail) override {
    ++arrived_;
    EXPECT_TRUE(expected_.erase(packet.cookie) == 1) << "delivered twice";
    EXPECT_EQ(tail,
              offered_at_[packet.cookie] + parameters_.injection_cycles +
                  parameters_.hop_cycles * topology_.switches_between(packet.source, packet.destination) +
                  packet.flits - 1U + packet.waited);
    waited_ += packet.waited;
    if (static_order_) {
      auto& last = last_of_flow_[{packet.source, packet.destination, packet.channels, packet.stream}];
      EXPECT_LT(last, packet.cookie + 1);
      last = packet.cookie + 1;
    }
    if (held_[packet.destination])
      releases_.emplace(tail + below(60), std::tuple{packet.destination, channel, packet.flits});
  }
  void link_used(LinkId link, uint64_t cycle, unsigned flits) override {
    EXPECT_GE(cycle, used_until_[link]) << "link used twice at a time";
    used_until_[link] = cycle + flits;
    carried_[link] += flits;
  }

 private:
  static constexpr uint32_t kPackets = 400;
  static constexpr size_t kTasks = 5;

  uint64_t below(uint64_t n) { return random_() % n; }

  Topology random_topology() {
    unsigned columns = 1 + static_cast<unsigned>(below(4)), rows = 1 + static_cast<unsigned>(below(4));
    if (below(2) == 0) return make_mesh(columns, rows);
    unsigned lanes = 1 + static_cast<unsigned>(below(4));
    std::vector<SwitchId> locations;
    for (int i = 0; i < 12; ++i) locations.push_back(static_cast<SwitchId>(below(columns * (rows + lanes))));
    return VersalLayout(columns, rows, lanes).make(locations);
  }
  FabricParameters random_parameters() {
    static_order_ = below(2) == 0;
    return {.virtual_channels = static_order_ ? 8 : 1 + static_cast<unsigned>(below(8)),
            .buffer_flits = 1 + static_cast<unsigned>(below(40)),
            .hop_cycles = 1 + static_cast<unsigned>(below(5)),
            .injection_cycles = 1 + static_cast<unsigned>(below(5)),
            .credit_cycles = 1 + static_cast<unsigned>(below(4)),
            .grant_flits = 1 + static_cast<unsigned>(below(20)),
            .priorities = static_order_ ? std::vector<VcSet>{0x11, 0x22, 0xcc} : std::vector<VcSet>{0xff}};
  }
  void offer(uint32_t cookie, uint64_t cycle) {
    Packet packet{.source = static_cast<EndpointId>(below(topology_.endpoints())),
                  .destination = static_cast<EndpointId>(below(topology_.endpoints())),
                  .flits = static_cast<uint16_t>(below(3) == 0 ? 1 : 1 + below(17)),
                  .task = static_cast<uint16_t>(below(kTasks)),
                  .channels = static_order_ ? static_cast<VcSet>(1U << below(8)) : VcSet{0xff},
                  .stream = static_cast<uint8_t>(below(kStreams)),
                  .cookie = cookie};
    if (cookie != 0 && below(2) == 0) {  // more of the same: packets that go one behind the other
      uint16_t flits = packet.flits;
      packet = last_;
      packet.flits = flits;
      packet.cookie = cookie;
    }
    last_ = packet;
    expected_[cookie] = true;
    offered_at_.push_back(cycle);
    offered_flits_ += packet.flits;
    fabric_->inject(packet, cycle);
  }
  void advance(uint64_t cycle) {
    while (!releases_.empty() && releases_.begin()->first <= cycle) {
      auto [at, what] = *releases_.begin();
      releases_.erase(releases_.begin());
      fabric_->run_until(std::max(at, now_));
      now_ = std::max(at, now_);
      auto [endpoint, channel, flits] = what;
      fabric_->release(endpoint, channel, flits, now_);
    }
    fabric_->run_until(cycle);
    now_ = cycle;
  }

  std::mt19937_64 random_;
  Topology topology_;
  bool static_order_ = false, reported_ = false;
  FabricParameters parameters_;
  std::unique_ptr<Fabric> fabric_;
  Packet last_;
  std::vector<bool> held_;
  std::multimap<uint64_t, std::tuple<EndpointId, uint8_t, uint16_t>> releases_;
  std::map<uint32_t, bool> expected_;
  std::map<std::tuple<EndpointId, EndpointId, VcSet, uint8_t>, uint32_t> last_of_flow_;
  std::vector<uint64_t> offered_at_, used_until_, carried_;
  uint64_t offered_flits_ = 0, now_ = 0, waited_ = 0;
  uint32_t arrived_ = 0;
};

TEST(FabricConservation, EveryPacketArrivesOnceInOrderWithoutDeadlock) {
  for (uint64_t seed = 1; seed <= 3000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    RandomTraffic traffic(seed);
    traffic.run();
    traffic.verify();
  }
}

}  // namespace
}  // namespace vesper::noc
