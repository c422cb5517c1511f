#include "models/dma/dma_engine.h"

#include <gmock/gmock.h>

#include <memory>
#include <numeric>
#include <random>

#include "models/core/sim_error.h"
#include "tests/support/memory_target.h"

namespace vesper::dma {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Acceptance = test::MemoryTarget::Acceptance;

/// Where a transfer's bursts lie: each row cut at multiples of the burst length, in order.
std::vector<std::pair<uint64_t, uint32_t>> bursts_of(const Descriptor& d, uint32_t burst_bytes) {
  std::vector<std::pair<uint64_t, uint32_t>> all;
  for (uint64_t row = 0; row < d.rows; ++row) {
    uint64_t at = d.address + row * d.stride;
    uint64_t end = at + d.row_bytes;
    while (at < end) {
      uint64_t cut = std::min(end, at / burst_bytes * burst_bytes + burst_bytes);
      all.emplace_back(at, static_cast<uint32_t>(cut - at));
      at = cut;
    }
  }
  return all;
}

/// When each burst is requested and when the transfer is done, in cycles, by the rules of an AXI port: a
/// request a cycle, a beat a cycle, at most `limit` bursts outstanding. Written from the engine's contract.
struct Schedule {
  std::vector<core::Cycles> requested;
  core::Cycles done = 0;
};

struct Memory {
  uint64_t accept_ps = 0;
  uint64_t latency_ps = 0;
};

uint64_t beats_of(std::pair<uint64_t, uint32_t> burst, uint32_t width) {
  return (burst.first + burst.second - 1) / width - burst.first / width + 1;
}

Schedule schedule_of(const Descriptor& d, const AxiPort& port, const core::ClockDomain& clock,
                     core::Cycles start, const Memory& memory) {
  Schedule schedule;
  std::vector<core::Cycles> finished;
  core::Cycles accepted = start;  // the request before was taken
  core::Cycles channel = start;   // the data channel is free
  uint32_t limit = d.write ? port.outstanding_writes : port.outstanding_reads;
  for (const auto& burst : bursts_of(d, port.burst_bytes())) {
    size_t i = schedule.requested.size();
    core::Cycles earliest = accepted;
    if (i >= limit) earliest = std::max(earliest, finished[i - limit]);
    uint64_t beats = beats_of(burst, port.width_bytes());
    core::Cycles request = earliest;
    if (d.write) {
      request = channel = std::max(channel, earliest) + beats;
    } else if (i > 0) {
      request = std::max(earliest, schedule.requested.back() + 1);
    }
    schedule.requested.push_back(request);
    uint64_t taken = clock.edge(request) + memory.accept_ps;
    accepted = clock.cycle_at_or_after(taken);
    core::Cycles answered = clock.cycle_at_or_after(taken + memory.latency_ps);
    if (!d.write) answered = channel = std::max(answered, std::max(channel, request) + beats);
    finished.push_back(answered);
  }
  schedule.done = finished.empty() ? start : finished.back();
  return schedule;
}

class TransferLog : public observe::Observer {
 public:
  [[nodiscard]] uint32_t topics() const override {
    return bit(observe::Topic::transfer) | bit(observe::Topic::latency);
  }
  void transfer(const observe::Transfer& event) override { all.push_back(event); }
  void latency(const observe::Transfer& event) override { ledgers.emplace_back(event, *event.parts); }
  std::vector<observe::Transfer> all;
  std::vector<std::pair<observe::Transfer, observe::LatencyParts>> ledgers;
};

class DmaEngineTest : public test::Stimulus {
 protected:
  void make(const AxiPort& port) {
    hub.join(log);
    core::Environment environment;
    environment.observers = &hub;
    environment.requesters = {"t0", "t1", "t2", "camera"};
    engine = std::make_unique<DmaEngine>("engine", port, MHz(230), environment, [this] {
      done.push_back(core::now_ps());
      if (on_done) on_done();
    });
    engine->socket.bind(memory.socket);
  }
  void start(uint64_t ps, const Descriptor& descriptor, core::Cycles setup = 0, uint16_t task = 3) {
    agenda.at(ps, [this, descriptor, setup, task] {
      core::JobTag tag;
      tag.task = task;
      tag.job = 8;
      tag.layer = 5;
      engine->start(descriptor, tag, setup);
      EXPECT_TRUE(engine->busy());
    });
  }
  std::vector<std::pair<uint64_t, uint32_t>> requested() {
    std::vector<std::pair<uint64_t, uint32_t>> all;
    for (const auto& request : memory.requests) all.emplace_back(request.address, request.bytes);
    return all;
  }
  std::vector<core::Cycles> request_cycles() {
    std::vector<core::Cycles> all;
    for (const auto& request : memory.requests) {
      all.push_back(clock.cycle_at_or_after(request.at));
      EXPECT_EQ(clock.edge(all.back()), request.at) << "requests are made at edges";
    }
    return all;
  }

  /// A time that ends in the n-th cycle after any edge it begins at.
  [[nodiscard]] uint64_t within(core::Cycles n) const { return edge(n) - 1; }

  observe::ObserverHub hub;
  TransferLog log;
  test::MemoryTarget memory{"memory"};
  std::unique_ptr<DmaEngine> engine;
  std::vector<uint64_t> done;
  std::function<void()> on_done;
};

constexpr uint64_t kBase = 0x8'0000'0000;

TEST_F(DmaEngineTest, ReadsARequestACycleAndABeatACycle) {
  make({.width_bits = 512, .burst_beats = 4, .outstanding_reads = 16});
  memory.latency_ps = within(10);
  start(edge(5) - 1, {kBase, 1024, 1, 0, false}, 100);
  run_until(ms(1));
  EXPECT_THAT(requested(), ElementsAre(std::pair(kBase, 256U), std::pair(kBase + 256, 256U),
                                       std::pair(kBase + 512, 256U), std::pair(kBase + 768, 256U)));
  EXPECT_THAT(request_cycles(), ElementsAre(105U, 106U, 107U, 108U));
  // The first is answered at 115, when its 4 beats have come; the others queue for the channel.
  EXPECT_THAT(done, ElementsAre(edge(115 + 3 * 4)));
  ASSERT_EQ(log.all.size(), 4U);
  EXPECT_EQ(log.all[1].start, edge(106));
  EXPECT_EQ(log.all[1].end, edge(119));
  EXPECT_EQ(log.all[1].bytes, 256U);
  EXPECT_EQ(log.all[1].job, (observe::JobId{3, 8}));
  EXPECT_EQ(log.all[1].layer, 5U);
  EXPECT_FALSE(log.all[1].write);
  EXPECT_THAT(memory.violations, IsEmpty());
}

TEST_F(DmaEngineTest, WritesAreSentWhenTheirLastBeatHasLeft) {
  make({.width_bits = 512, .burst_beats = 4, .outstanding_writes = 16});
  memory.latency_ps = within(10);
  start(edge(5), {kBase, 1024, 1, 0, true}, 100);
  run_until(ms(1));
  EXPECT_THAT(request_cycles(), ElementsAre(109U, 113U, 117U, 121U));
  EXPECT_THAT(done, ElementsAre(edge(131)));
  EXPECT_TRUE(memory.requests[0].write);
}

TEST_F(DmaEngineTest, NoMoreBurstsAreOutstandingThanAllowed) {
  make({.width_bits = 256, .burst_beats = 2, .outstanding_reads = 2});
  memory.latency_ps = within(50);
  start(0, {kBase, 256, 1, 0, false});
  run_until(ms(1));
  EXPECT_THAT(request_cycles(), ElementsAre(0U, 1U, 50U, 52U)) << "the second's beats come after the first's";
  EXPECT_EQ(memory.most_in_flight, 2U);
}

TEST_F(DmaEngineTest, ABurstTakesItsBeatsHoweverFastMemoryIs) {
  make({.width_bits = 32, .burst_beats = 16, .outstanding_reads = 1});
  memory.acceptance = Acceptance::later;
  memory.accept_ps = within(1000);
  memory.latency_ps = 0;
  start(0, {kBase, 128, 1, 0, false});
  run_until(ms(1));
  EXPECT_THAT(request_cycles(), ElementsAre(0U, 1000U));
  EXPECT_THAT(done, ElementsAre(edge(2000)));
  memory.acceptance = Acceptance::respond;
  uint64_t now = core::now_ps();
  uint64_t cycle = clock.cycle_at_or_after(now + 1);
  start(edge(cycle), {kBase, 128, 1, 0, false});
  run_until(ms(2));
  EXPECT_EQ(done.back(), edge(cycle + 32)) << "two bursts of 16 beats, although each is answered in the call";
}

TEST_F(DmaEngineTest, UnalignedBurstsTakeTheBeatsTheyTouch) {
  make({.width_bits = 512, .burst_beats = 64, .outstanding_reads = 4});
  memory.acceptance = Acceptance::respond;
  start(0, {kBase + 32, 64, 1, 0, false});
  run_until(ms(1));
  EXPECT_THAT(done, ElementsAre(edge(2))) << "64 bytes at offset 32 lie in two beats";
}

TEST_F(DmaEngineTest, SetupDelaysTheFirstRequestOfEachTransfer) {
  make({});
  memory.latency_ps = 0;
  on_done = [this] {
    if (done.size() == 1) engine->start({kBase, 64, 1, 0, false}, core::JobTag{}, 300);
  };
  start(edge(10), {kBase, 64, 1, 0, false}, 300);
  run_until(ms(1));
  EXPECT_THAT(request_cycles(), ElementsAre(310U, 611U));
  EXPECT_EQ(memory.requests[0].transfer + 1, memory.requests[1].transfer);
}

TEST_F(DmaEngineTest, AnEmptyTransferIsDoneAfterItsSetup) {
  make({});
  start(edge(10), {kBase, 0, 4, 64, false}, 7);
  run_until(ms(1));
  EXPECT_THAT(done, ElementsAre(edge(17)));
  EXPECT_THAT(memory.requests, IsEmpty());
  EXPECT_FALSE(engine->busy());
}

TEST_F(DmaEngineTest, ARequestThatIsNotTakenBlocksTheNext) {
  make({.width_bits = 512, .burst_beats = 1, .outstanding_reads = 16});
  memory.acceptance = Acceptance::later;
  memory.accept_ps = within(5);
  memory.latency_ps = within(20);
  start(0, {kBase, 256, 1, 0, false});
  run_until(ms(1));
  EXPECT_THAT(request_cycles(), ElementsAre(0U, 5U, 10U, 15U));
  EXPECT_THAT(memory.violations, IsEmpty());
  EXPECT_THAT(done, ElementsAre(edge(40)));
}

TEST_F(DmaEngineTest, AnAnswerToAnEarlierBurstIsNoEndOfThisRequest) {
  make({.width_bits = 512, .burst_beats = 1, .outstanding_reads = 16});
  memory.acceptance = Acceptance::later;
  memory.accept_ps = within(10);
  memory.latency_ps = within(4);  // the answer comes while the next request waits to be taken
  start(0, {kBase, 512, 1, 0, false});
  run_until(ms(1));
  EXPECT_THAT(memory.violations, IsEmpty());
  EXPECT_THAT(request_cycles(), ElementsAre(0U, 10U, 20U, 30U, 40U, 50U, 60U, 70U));
}

TEST_F(DmaEngineTest, AResponseWithoutEndReqEndsTheRequest) {
  make({.width_bits = 512, .burst_beats = 1, .outstanding_reads = 16});
  memory.acceptance = Acceptance::silent;
  memory.latency_ps = within(4);
  start(0, {kBase, 192, 1, 0, false});
  run_until(ms(1));
  EXPECT_THAT(memory.violations, IsEmpty());
  EXPECT_THAT(request_cycles(), ElementsAre(0U, 4U, 8U));
}

TEST_F(DmaEngineTest, AnErrorResponseEndsTheSimulationWithInitiatorAddressAndTime) {
  make({.width_bits = 512, .burst_beats = 1, .outstanding_reads = 1});
  memory.latency_ps = within(4);
  memory.respond = [](const test::MemoryTarget::Request& request) {
    return request.address == kBase + 64 ? tlm::TLM_ADDRESS_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
  };
  start(0, {kBase, 192, 1, 0, false});
  run_until(ms(1));
  EXPECT_EQ(core::failure_message(), "engine: read of 64 bytes at 0x800000040 for camera job 8 failed at " +
                                         std::to_string(edge(8)) +
                                         " ps: TLM_ADDRESS_ERROR_RESPONSE (nothing answers there); on_error: "
                                         "abandon gives the job up and goes on");
}

TEST_F(DmaEngineTest, AbandonsATransferAndWaitsForWhatIsUnderWay) {
  make({.width_bits = 512, .burst_beats = 1, .outstanding_reads = 2});
  engine->set_on_error(OnError::abandon);
  memory.latency_ps = within(10);
  memory.respond = [](const test::MemoryTarget::Request& request) {
    return request.address == kBase + 64 ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
  };
  start(0, {kBase, 4096, 1, 0, false});
  run_until(us(10));
  // The third burst was requested when the first was done, the second fails at 11.
  EXPECT_THAT(request_cycles(), ElementsAre(0U, 1U, 10U));
  EXPECT_THAT(done, ElementsAre(edge(20)));
  EXPECT_TRUE(engine->failed());
  EXPECT_EQ(engine->errors(), 1U);
  EXPECT_EQ(memory.in_flight(), 0U);
  EXPECT_EQ(core::failure_message(), "");

  start(us(11).ps, {kBase + 4096, 128, 1, 0, false});
  run_until(us(20));
  EXPECT_EQ(done.size(), 2U);
  EXPECT_FALSE(engine->failed());
  EXPECT_EQ(engine->errors(), 1U);
}

TEST_F(DmaEngineTest, AbandonsAWriteWhoseNextBurstIsInTheChannel) {
  make({.width_bits = 64, .burst_beats = 16, .outstanding_writes = 4});
  engine->set_on_error(OnError::abandon);
  memory.latency_ps = within(20);
  memory.respond = [](const test::MemoryTarget::Request& request) {
    return request.address == kBase ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
  };
  start(0, {kBase, 4096, 1, 0, true});
  run_until(us(10));
  EXPECT_THAT(request_cycles(), ElementsAre(16U, 32U));
  EXPECT_THAT(done, ElementsAre(edge(52)));
  start(us(11).ps, {kBase + 4096, 128, 1, 0, true});
  run_until(us(20));
  EXPECT_EQ(memory.requests.size(), 3U);
  EXPECT_EQ(done.size(), 2U);
}

TEST_F(DmaEngineTest, TheLedgerOfEveryBurstIsClosed) {
  using observe::LatencyPart;
  make({.width_bits = 512, .burst_beats = 4, .outstanding_reads = 16});
  memory.latency_ps = within(10);
  start(0, {kBase, 1024, 1, 0, false});
  run_until(ms(1));
  ASSERT_EQ(log.ledgers.size(), 4U);
  for (size_t i = 0; i < 4; ++i) {
    const auto& [transfer, parts] = log.ledgers[i];
    EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), uint64_t{0}), transfer.end - transfer.start);
    EXPECT_EQ(parts[static_cast<size_t>(LatencyPart::other)], memory.latency_ps);
    EXPECT_EQ(parts[static_cast<size_t>(LatencyPart::port)],
              transfer.end - transfer.start - memory.latency_ps);
    EXPECT_EQ(transfer.bytes, 256U);
    EXPECT_EQ(transfer.start, log.all[i].start);
    EXPECT_EQ(transfer.end, log.all[i].end);
  }
  EXPECT_EQ(log.ledgers[3].first.end, edge(10 + 3 * 4));
}

TEST_F(DmaEngineTest, SaysWhatItWaitsFor) {
  make({.width_bits = 512, .burst_beats = 1, .outstanding_reads = 2});
  memory.acceptance = Acceptance::later;
  memory.accept_ps = ms(1).ps;
  EXPECT_EQ(engine->waiting_for(), "");
  start(0, {kBase, 256, 1, 0, false});
  run_until(us(1));
  EXPECT_EQ(engine->waiting_for(), "1 bursts outstanding at engine, 256 bytes to go, request not accepted");
}

/// Random transfers, one after the other, through one kind of memory: bursts cover exactly the rows, in
/// order, once, at the cycles that an AXI port's rules give.
class RandomTransfers : public DmaEngineTest {
 protected:
  void run(unsigned seed, const AxiPort& port, bool write) {
    make(port);
    random.seed(seed);
    memory.latency_ps = random() % 3 == 0 ? random() % 20'000 : random() % 400'000;
    if (random() % 2 == 0) {
      memory.acceptance = Acceptance::later;
      memory.accept_ps = random() % 30'000;
    }
    std::vector<std::pair<uint64_t, uint32_t>> bursts;
    uint64_t bytes = 0;
    std::vector<core::Cycles> requests;
    std::vector<uint64_t> ends;
    core::Cycles at = 0;
    Memory timing{memory.acceptance == Acceptance::later ? memory.accept_ps : 0, memory.latency_ps};
    for (int i = 0; i < 30; ++i) {
      Descriptor d = random_descriptor(write);
      core::Cycles setup = random() % 50;
      start(edge(at), d, setup, static_cast<uint16_t>(i));
      Schedule schedule = schedule_of(d, port, clock, at + setup, timing);
      for (auto& burst : bursts_of(d, port.burst_bytes())) bursts.push_back(burst);
      requests.insert(requests.end(), schedule.requested.begin(), schedule.requested.end());
      bytes += d.bytes();
      ends.push_back(edge(schedule.done));
      at = schedule.done + 1 + random() % 10;
    }
    run_until(edge(at + 10));
    EXPECT_EQ(requested(), bursts);
    EXPECT_EQ(request_cycles(), requests);
    EXPECT_EQ(done, ends);
    EXPECT_THAT(memory.violations, IsEmpty());
    EXPECT_LE(memory.most_in_flight, write ? port.outstanding_writes : port.outstanding_reads);
    EXPECT_EQ(memory.in_flight(), 0U);
    uint64_t observed = 0;
    for (const observe::Transfer& transfer : log.all) observed += transfer.bytes;
    EXPECT_EQ(observed, bytes);
    EXPECT_FALSE(engine->busy());
  }

  Descriptor random_descriptor(bool write) {
    Descriptor d;
    d.address = kBase + random() % 100'000;
    d.row_bytes = 1 + static_cast<uint32_t>(random() % (random() % 2 == 0 ? 300 : 9000));
    d.rows = 1 + static_cast<uint32_t>(random() % 6);
    d.stride = d.row_bytes + random() % 5000;
    d.write = write;
    return d;
  }

  std::mt19937 random;
};

TEST_F(RandomTransfers, Read1) {
  run(1, {.width_bits = 512, .burst_beats = 64, .outstanding_reads = 16}, false);
}
TEST_F(RandomTransfers, Read2) {
  run(2, {.width_bits = 128, .burst_beats = 16, .outstanding_reads = 1}, false);
}
TEST_F(RandomTransfers, Read3) {
  run(3, {.width_bits = 32, .burst_beats = 256, .outstanding_reads = 3}, false);
}
TEST_F(RandomTransfers, Read4) {
  run(4, {.width_bits = 1024, .burst_beats = 1, .outstanding_reads = 256}, false);
}
TEST_F(RandomTransfers, Read5) {
  run(5, {.width_bits = 256, .burst_beats = 64, .outstanding_reads = 2}, false);
}
TEST_F(RandomTransfers, Write1) {
  run(6, {.width_bits = 512, .burst_beats = 64, .outstanding_writes = 16}, true);
}
TEST_F(RandomTransfers, Write2) {
  run(7, {.width_bits = 128, .burst_beats = 16, .outstanding_writes = 1}, true);
}
TEST_F(RandomTransfers, Write3) {
  run(8, {.width_bits = 32, .burst_beats = 256, .outstanding_writes = 3}, true);
}
TEST_F(RandomTransfers, Write4) {
  run(9, {.width_bits = 1024, .burst_beats = 1, .outstanding_writes = 256}, true);
}

TEST(AxiPort, BurstsAreWholeBeatsOfAPowerOfTwoAndAtMost4KiB) {
  EXPECT_EQ((AxiPort{.width_bits = 512, .burst_beats = 64}).burst_bytes(), 4096U);
  EXPECT_EQ((AxiPort{.width_bits = 1024, .burst_beats = 256}).burst_bytes(), 4096U);
  EXPECT_EQ((AxiPort{.width_bits = 32, .burst_beats = 1}).burst_bytes(), 4U);
  EXPECT_EQ((AxiPort{.width_bits = 256, .burst_beats = 48}).burst_bytes(), 1024U);
}

}  // namespace
}  // namespace vesper::dma
