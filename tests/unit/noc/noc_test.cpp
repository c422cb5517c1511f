#include "models/noc/noc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <map>

namespace vesper::noc {
namespace {

using core::to_time;
using sc_core::sc_time;
using testing::Each;
using testing::SizeIs;

constexpr uint64_t kNs = 1000;

/// Sends payloads at given times and notes when they were accepted and answered.
class Initiator : public sc_core::sc_module {
 public:
  struct Request {
    uint64_t at;
    bool write;
    uint64_t address;
    uint32_t bytes;
    core::JobTag tag;
    uint64_t begun = 0;
    uint64_t accepted = 0;
    uint64_t answered = 0;
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
    core::LatencyParts parts{};
    [[nodiscard]] uint64_t part_ns(core::LatencyPart part) const {
      return parts[static_cast<size_t>(part)] / kNs;
    }
  };

  explicit Initiator(sc_core::sc_module_name module_name) : sc_module(module_name) {
    SC_HAS_PROCESS(Initiator);
    SC_THREAD(run);
    socket.register_nb_transport_bw(this, &Initiator::backward);
  }
  tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};
  std::vector<Request> requests;
  size_t answers = 0;
  core::PayloadPool pool;

 private:
  void run() {
    for (size_t i = 0; i < requests.size(); ++i) {
      if (requests[i].at > core::now_ps()) wait(to_time(requests[i].at - core::now_ps()));
      send(i);
      if (requests[i].accepted == 0) wait(accepted_);
    }
  }
  void send(size_t i) {
    Request& request = requests[i];
    auto command = request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
    auto& payload = pool.allocate(command, request.address, request.bytes, request.tag);
    index_[&payload] = i;
    request.begun = core::now_ps();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_time delay;
    tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
    if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) request.accepted = core::now_ps() + 1;
  }
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_time&) {
    Request& request = requests[index_.at(&payload)];
    if (request.accepted == 0) {
      request.accepted = core::now_ps() + 1;
      accepted_.notify(sc_core::SC_ZERO_TIME);
    }
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    EXPECT_EQ(request.answered, 0U) << "answered twice";
    request.answered = core::now_ps();
    request.status = payload.get_response_status();
    request.parts = core::latency_of(payload)->ps;
    EXPECT_EQ(core::latency_of(payload)->sum(), request.answered - request.begun) << "parts of the latency";
    ++answers;
    index_.erase(&payload);
    payload.release();
    return tlm::TLM_COMPLETED;
  }
  std::map<tlm::tlm_generic_payload*, size_t> index_;
  sc_core::sc_event accepted_;
};

/// A memory that answers `latency` after a request was taken; takes at most `room` at a time.
class Memory : public sc_core::sc_module {
 public:
  struct Seen {
    uint64_t at;
    uint64_t address;
    uint32_t bytes;
    bool write;
    uint16_t task;
    unsigned char* data;
  };
  explicit Memory(sc_core::sc_module_name module_name) : sc_module(module_name) {
    SC_HAS_PROCESS(Memory);
    SC_METHOD(answer);
    sensitive << due_;
    dont_initialize();
    socket.register_nb_transport_fw(this, &Memory::forward);
    socket.register_b_transport(this, &Memory::blocking);
    socket.register_transport_dbg(this, &Memory::debug);
  }
  tlm_utils::simple_target_socket<Memory> socket{"socket"};
  uint64_t latency = 0;
  size_t room = 1000;
  std::vector<Seen> seen;

 private:
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_time&) {
    EXPECT_EQ(phase, tlm::BEGIN_REQ);
    EXPECT_EQ(at_door_, nullptr) << "BEGIN_REQ before the END_REQ of the one before";
    payload.acquire();
    seen.push_back({core::now_ps(), payload.get_address(), payload.get_data_length(), payload.is_write(),
                    core::tag_of(payload).task, payload.get_data_ptr()});
    if (pending_.size() >= room) {
      at_door_ = &payload;
      return tlm::TLM_ACCEPTED;
    }
    take(payload);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  void take(tlm::tlm_generic_payload& payload) {
    pending_.emplace(core::now_ps() + latency, &payload);
    due_.notify(to_time(pending_.begin()->first - core::now_ps()));
  }
  void answer() {
    while (!pending_.empty() && pending_.begin()->first <= core::now_ps()) {
      auto* payload = pending_.begin()->second;
      pending_.erase(pending_.begin());
      payload->set_response_status(tlm::TLM_OK_RESPONSE);
      call(*payload, tlm::BEGIN_RESP);
      payload->release();
      if (at_door_ != nullptr) {
        auto* next = std::exchange(at_door_, nullptr);
        take(*next);
        call(*next, tlm::END_REQ);
      }
    }
    if (!pending_.empty()) due_.notify(to_time(pending_.begin()->first - core::now_ps()));
  }
  void call(tlm::tlm_generic_payload& payload, tlm::tlm_phase phase) {
    sc_time delay;
    socket->nb_transport_bw(payload, phase, delay);
  }
  void blocking(tlm::tlm_generic_payload& payload, sc_time& delay) {
    delay += to_time(latency);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  unsigned debug(tlm::tlm_generic_payload& payload) { return payload.get_data_length(); }

  std::multimap<uint64_t, tlm::tlm_generic_payload*> pending_;
  tlm::tlm_generic_payload* at_door_ = nullptr;
  sc_core::sc_event due_;
};

class NocTest : public testing::Test {
 protected:
  void make(const std::vector<std::string>& nmus, const NocProperties& properties = {}) {
    environment.requesters = {"a", "b", "c"};
    environment.observers = &hub;
    noc = std::make_unique<Noc>("noc", properties, environment);
    for (size_t i = 0; i < nmus.size(); ++i) {
      initiators.push_back(std::make_unique<Initiator>(("initiator" + std::to_string(i)).c_str()));
      core::connect(noc->endpoint(nmus[i]), core::InitiatorEndpoint{[&](core::TargetSocket& target) {
                      initiators[i]->socket.bind(target);
                    }});
    }
    for (unsigned i = 0; i < 4; ++i) {
      memories.push_back(std::make_unique<Memory>(("memory" + std::to_string(i)).c_str()));
      core::connect(noc->endpoint("ddr." + std::to_string(i)), core::TargetEndpoint{&memories[i]->socket});
    }
  }
  void read(size_t initiator, uint64_t at_ns, uint64_t address, uint32_t bytes, uint16_t task = 0) {
    add(initiator, at_ns, false, address, bytes, task);
  }
  void write(size_t initiator, uint64_t at_ns, uint64_t address, uint32_t bytes, uint16_t task = 0) {
    add(initiator, at_ns, true, address, bytes, task);
  }
  void add(size_t initiator, uint64_t at_ns, bool write, uint64_t address, uint32_t bytes, uint16_t task) {
    Initiator::Request request{
        .at = at_ns * kNs, .write = write, .address = address, .bytes = bytes, .tag = {}};
    request.tag.task = task;
    initiators[initiator]->requests.push_back(request);
  }
  void run(uint64_t until_ns = 1'000'000) { sc_core::sc_start(to_time(until_ns * kNs)); }
  [[nodiscard]] uint64_t latency_ns(size_t initiator, size_t request = 0) const {
    const auto& one = initiators[initiator]->requests[request];
    EXPECT_NE(one.answered, 0U);
    return (one.answered - one.at) / kNs;
  }
  [[nodiscard]] uint64_t last_answer_ns(size_t initiator) const {
    uint64_t last = 0;
    for (const auto& one : initiators[initiator]->requests) last = std::max(last, one.answered);
    return last / kNs;
  }

  observe::ObserverHub hub;
  core::Environment environment;
  std::unique_ptr<Noc> noc;
  std::vector<std::unique_ptr<Initiator>> initiators;
  std::vector<std::unique_ptr<Memory>> memories;
};

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

// Seeds are processes of their own: one simulation each (parameter of the test's name).
class RandomNocTraffic : public NocTest, public testing::WithParamInterface<uint64_t> {
 protected:
  uint64_t below(uint64_t n) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state_ >> 33) % n;
  }
  void make_random() {
    for (int i = 0; i < 8; ++i) below(2);
    NocProperties properties;
    properties.nmu_reads = properties.nmu_writes = static_cast<uint32_t>(2 + below(8));
    properties.nsu_reads = properties.nsu_writes = static_cast<uint32_t>(1 + below(8));
    // 783 MHz has no whole number of picoseconds.
    if (GetParam() % 2 == 0) properties.clock = MHz(783);
    if (GetParam() % 3 == 0)
      properties.regulation = {{.endpoint = "pl.1", .rate = {3'000'000'000}, .burst = KiB(4)}};
    make({"pl.0", "pl.1", "pl.9", "aie.3", "cpu.0"}, properties);
    for (auto& memory : memories) {
      memory->latency = (20 + below(200)) * kNs;
      memory->room = 1 + below(8);
    }
    for (auto& initiator : initiators) {
      for (uint64_t n = 0; n < kRequests; ++n) initiator->requests.push_back(random_request(n));
    }
  }
  Initiator::Request random_request(uint64_t n) {
    uint64_t page = below(1 << 18) * 4096, offset = below(64) * 64;
    Initiator::Request request{.at = below(2'000'000) + n * 50 * kNs,
                               .write = below(2) == 0,
                               .address = below(50) == 0 ? 0x4'0000'0000 : page + offset,
                               .bytes = static_cast<uint32_t>(1 + below(4096 - offset)),
                               .tag = {}};
    request.tag.qos = static_cast<core::QosClass>(below(3));
    request.tag.task = static_cast<uint16_t>(below(3));
    if (below(2) == 0) request.tag.port_rate = 2'000'000'000 + below(14) * 1'000'000'000;
    return request;
  }
  static constexpr uint64_t kRequests = 300;
  uint64_t state_ = GetParam() * 0x9e3779b97f4a7c15;
};

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
    if (change.path.find("link.pl.0_to_") != std::string::npos)
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
