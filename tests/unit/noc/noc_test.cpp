#include "tests/unit/noc/noc_fixture.h"

namespace vesper::noc {
namespace {

using testing::SizeIs;

TEST_F(NocTest, EveryPlUnitHasAStructuralRoundTripOf32To40CyclesToItsMemoryPort) {
  std::vector<std::string> all;
  for (int i = 0; i < 28; ++i) all.push_back("pl." + std::to_string(i));
  make(all);
  run(1);
  std::map<uint64_t, int> seen;
  for (size_t i = 0; i < all.size(); ++i) {
    ++seen[noc->structural_round_trip(all[i], "ddr." + std::to_string(i % 4))];
  }
  EXPECT_EQ(seen[32] + seen[36] + seen[40], 28);
  EXPECT_GT(seen[32], 0);
  EXPECT_GT(seen[40], 0);
}

TEST_F(NocTest, ASmallReadTakesTheStructuralRoundTripAndTheMemory) {
  make({"pl.0"});
  memories[0]->latency = 50 * kNs;
  read(0, 100, 0x1000, 16);
  run();
  EXPECT_EQ(latency_ns(0), noc->structural_round_trip("pl.0", "ddr.0") + 50);
}

TEST_F(NocTest, A256ByteWriteAddsItsDataFlitsAndAReadItsDataBehindTheFirst) {
  make({"pl.0", "pl.4"});
  write(0, 100, 0x1000, 256);
  read(1, 1000, 0x2000, 256);
  run();
  // Write: 17 flits one way, 1 the other. Read: 1 flit there, 16 back.
  EXPECT_EQ(latency_ns(0), noc->structural_round_trip("pl.0", "ddr.0") + 16);
  EXPECT_EQ(latency_ns(1), noc->structural_round_trip("pl.4", "ddr.0") + 15);
}

TEST_F(NocTest, PayloadsAreChoppedAt256BytesAndKeepTaskAndData) {
  make({"pl.0"});
  write(0, 0, 0x10c0, 0x200, 2);
  run();
  ASSERT_THAT(memories[0]->seen, SizeIs(3));
  const auto& seen = memories[0]->seen;
  EXPECT_EQ(seen[0].address, 0x10c0U);
  EXPECT_EQ(seen[0].bytes, 0x40U);
  EXPECT_EQ(seen[1].address, 0x1100U);
  EXPECT_EQ(seen[1].bytes, 0x100U);
  EXPECT_EQ(seen[2].address, 0x1200U);
  EXPECT_EQ(seen[2].bytes, 0xc0U);
  EXPECT_EQ(seen[2].data - seen[0].data, 0x140);
  EXPECT_EQ(seen[0].task, 2);
  EXPECT_EQ(noc->payloads_in_use(), 0U);
}

TEST_F(NocTest, WritePacketsStreamOneAfterTheOther) {
  make({"pl.0"});
  write(0, 0, 0x1000, 4096);
  run();
  const auto& seen = memories[0]->seen;
  ASSERT_THAT(seen, SizeIs(16));
  for (size_t i = 1; i < seen.size(); ++i) EXPECT_EQ(seen[i].at - seen[i - 1].at, 17 * kNs);
}

TEST_F(NocTest, ReadDataReachTheRateOfALink) {
  make({"pl.0"});
  for (unsigned i = 0; i < 16; ++i) read(0, 0, 0x1000 + i * 0x1000, 4096);
  run();
  // 16 B a cycle but for the latency of the first packet (AMD PG313: 16.0 GB/s of reads at 1 GHz).
  EXPECT_NEAR(static_cast<double>(last_answer_ns(0)), 16.0 * 256 + 40, 24);
}

TEST_F(NocTest, WritesReach15GigabytesASecond) {
  make({"pl.0"});
  for (unsigned i = 0; i < 16; ++i) write(0, 0, 0x1000 + i * 0x1000, 4096);
  run();
  // 256 B in 17 cycles: 15.06 GB/s (AMD PG313).
  EXPECT_NEAR(static_cast<double>(last_answer_ns(0)), 16.0 * 16 * 17 + 40, 24);
}

TEST_F(NocTest, ReadsInFlightAreLimitedByTheReorderBuffer) {
  make({"pl.0"});
  memories[0]->latency = 1000 * kNs;
  read(0, 0, 0x1000, 4096);
  run(900);
  EXPECT_THAT(memories[0]->seen, SizeIs(2048 / 256));
  run();
  EXPECT_THAT(memories[0]->seen, SizeIs(16));
}

// A port of 8 B a cycle takes a packet of 256 B in 32 cycles, twice as long as a link.
constexpr uint64_t kSlowPort = 8'000'000'000;

TEST_F(NocTest, ReadDataLeaveTheNmuAtTheRateOfTheInitiatorsPort) {
  make({"pl.0"});
  read(0, 100, 0x1000, 1024);
  read(0, 5000, 0x2000, 256);
  for (auto& request : initiators[0]->requests) request.tag.port_rate = kSlowPort;
  run();
  uint64_t first = noc->structural_round_trip("pl.0", "ddr.0") + 15;
  EXPECT_EQ(latency_ns(0, 0), first + 4 * 32);
  EXPECT_EQ(latency_ns(0, 1), first + 32);
}

TEST_F(NocTest, TheReorderBufferIsFreedAtTheRateOfTheInitiatorsPort) {
  make({"pl.0"});
  read(0, 0, 0x1000, 4096);
  initiators[0]->requests[0].tag.port_rate = kSlowPort;
  run();
  const auto& seen = memories[0]->seen;
  ASSERT_THAT(seen, SizeIs(16));
  // Eight packets fill the 2 KiB; each later one is asked for when a packet has left through the port.
  for (size_t i = 9; i < seen.size(); ++i) EXPECT_EQ(seen[i].at - seen[i - 1].at, 32 * kNs) << i;
  EXPECT_EQ(latency_ns(0), noc->structural_round_trip("pl.0", "ddr.0") + 15 + 16 * 32);
}

TEST_F(NocTest, APortAsFastAsTheLinkDelaysOnlyTheLastPacket) {
  make({"pl.0"});
  read(0, 0, 0x1000, 2048);
  initiators[0]->requests[0].tag.port_rate = 16'000'000'000;
  run();
  EXPECT_EQ(latency_ns(0), noc->structural_round_trip("pl.0", "ddr.0") + 15 + 8 * 16);
}

TEST_F(NocTest, ThePortDoesNotDelayWrites) {
  make({"pl.0"});
  write(0, 100, 0x1000, 256);
  initiators[0]->requests[0].tag.port_rate = kSlowPort;
  run();
  EXPECT_EQ(latency_ns(0), noc->structural_round_trip("pl.0", "ddr.0") + 16);
}

TEST_F(NocTest, EndOfRequestWaitsWhileTheNmuIsFull) {
  NocProperties properties;
  properties.nmu_reads = 2;
  make({"pl.0"}, properties);
  memories[0]->latency = 100 * kNs;
  for (unsigned i = 0; i < 3; ++i) read(0, 0, 0x1000 + i * 64, 64);
  run();
  const auto& requests = initiators[0]->requests;
  EXPECT_LT(requests[1].accepted, kNs);
  EXPECT_GE(requests[2].accepted, 100 * kNs);
  EXPECT_NE(requests[2].answered, 0U);
}

TEST_F(NocTest, AFullTargetHoldsRequestsInTheNetworkAndLosesNone) {
  make({"pl.0", "pl.4", "pl.8"});
  memories[0]->latency = 500 * kNs;
  memories[0]->room = 1;
  for (size_t i = 0; i < 3; ++i) {
    for (unsigned n = 0; n < 4; ++n) write(i, 0, 0x10000 * i + 0x1000 * n, 2048);
    for (unsigned n = 0; n < 4; ++n) read(i, 0, 0x10000 * i + 0x1000 * n, 2048);
  }
  run(100'000);
  for (const auto& initiator : initiators) EXPECT_EQ(initiator->answers, 8U);
  EXPECT_THAT(memories[0]->seen, SizeIs(3 * 8 * 8));
  EXPECT_EQ(noc->payloads_in_use(), 0U);
  EXPECT_EQ(noc->waiting_for(), "");
}

TEST_F(NocTest, UnmappedAddressesAndUnfitBurstsAreAnsweredWithErrors) {
  make({"pl.0"});
  read(0, 0, 0x4'0000'0000, 64);
  read(0, 10, 0x1f80, 256);
  read(0, 20, 0x2000, 64);
  run();
  const auto& requests = initiators[0]->requests;
  EXPECT_EQ(requests[0].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(requests[1].status, tlm::TLM_BURST_ERROR_RESPONSE);
  EXPECT_EQ(requests[2].status, tlm::TLM_OK_RESPONSE);
}

TEST_F(NocTest, RegulationHoldsAnNmuToItsRate) {
  NocProperties properties;
  properties.regulation = {{.endpoint = "pl.0", .rate = {2'000'000'000}, .burst = KiB(4)}};
  make({"pl.0"}, properties);
  for (unsigned i = 0; i < 16; ++i) read(0, 0, 0x1000 + i * 0x1000, 4096);
  run();
  // 64 KiB, the first 4 KiB at once, then 2 B a cycle.
  EXPECT_NEAR(static_cast<double>(last_answer_ns(0)), (65536 - 4096) / 2.0 + 50, 20);
}

TEST_F(NocTest, TwoReadersOfOnePortShareItsLinkAndTheirWaitingIsCounted) {
  make({"pl.0", "pl.4"});
  for (unsigned i = 0; i < 8; ++i) {
    read(0, 0, 0x1000 + i * 0x1000, 4096, 1);
    read(1, 0, 0x100000 + i * 0x1000, 4096, 2);
  }
  run();
  EXPECT_NEAR(static_cast<double>(last_answer_ns(0)), static_cast<double>(last_answer_ns(1)), 40);
  EXPECT_NEAR(static_cast<double>(std::max(last_answer_ns(0), last_answer_ns(1))), 2 * 8 * 256 + 32, 8);
  uint64_t bytes = 0;
  for (const LinkUse& link : noc->link_uses()) {
    if (link.name.starts_with("ddr.0_to_")) bytes += link.bytes[1] + link.bytes[2];
  }
  EXPECT_EQ(bytes, 2U * 8 * 4096);
}

TEST_F(NocTest, BlockingTransportTakesTheStructuralLatencyAndDebugPassesThrough) {
  make({"pl.0"});
  memories[0]->latency = 10 * kNs;
  run(1);
  uint32_t word = 0;
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(0x100);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
  payload.set_data_length(4);
  payload.set_streaming_width(4);
  sc_time delay;
  initiators[0]->socket->b_transport(payload, delay);
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(delay.value(), (noc->structural_round_trip("pl.0", "ddr.0") + 10) * kNs);
  EXPECT_EQ(initiators[0]->socket->transport_dbg(payload), 4U);
  payload.set_address(0x4'0000'0000);
  EXPECT_EQ(initiators[0]->socket->transport_dbg(payload), 0U);
}

class Recorder : public observe::Observer {
 public:
  [[nodiscard]] uint32_t topics() const override { return bit(observe::Topic::signal); }
  bool signal_declared(uint32_t id, const observe::SignalInfo& info) override {
    EXPECT_EQ(info.group, "noc");
    paths[id] = info.path;
    return true;
  }
  void signal_changed(uint32_t id, uint64_t value, observe::Time at) override {
    EXPECT_GE(at, last_) << paths[id];
    EXPECT_EQ(at, core::now_ps());
    last_ = at;
    changes.push_back({paths[id], value, at});
  }
  struct Change {
    std::string path;
    uint64_t value;
    observe::Time at;
  };
  std::map<uint32_t, std::string> paths;
  std::vector<Change> changes;

 private:
  observe::Time last_ = 0;
};

TEST_F(NocTest, LinkAndNmuSignalsAreToldAtTheirTimes) {
  Recorder recorder;
  hub.join(recorder);
  make({"pl.0"});
  write(0, 100, 0x1000, 256);
  run();
  std::vector<std::pair<uint64_t, uint64_t>> injection, outstanding;
  for (const auto& change : recorder.changes) {
    if (change.path.find("link.ends.pl_0_to_") != std::string::npos)
      injection.emplace_back(change.value, change.at / kNs);
    if (change.path == "noc.pl_0.outstanding") outstanding.emplace_back(change.value, change.at / kNs);
  }
  using Changes = std::vector<std::pair<uint64_t, uint64_t>>;
  EXPECT_EQ(injection, (Changes{{1, 100}, {0, 117}}));
  uint64_t end = 100 + noc->structural_round_trip("pl.0", "ddr.0") + 16;
  EXPECT_EQ(outstanding, (Changes{{1, 100}, {0, end}}));
}

TEST_F(NocTest, UnknownEndpointsAreNamedWithThoseThereAre) {
  make({"pl.0"});
  EXPECT_THROW(noc->endpoint("pl.28"), std::out_of_range);
  EXPECT_THROW(noc->endpoint("plx"), std::out_of_range);
  run(1);
}

}  // namespace
}  // namespace vesper::noc
