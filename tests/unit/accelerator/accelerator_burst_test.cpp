#include <algorithm>

#include "models/core/sim_error.h"
#include "tests/support/memory_target.h"
#include "tests/unit/accelerator/accelerator_bench.h"

namespace vesper::accelerator {
namespace {

using observe::OperationKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t kA = 0x8'0000'0000;
constexpr uint64_t kB = 0x8'1000'0000;
constexpr uint64_t kC = 0x8'2000'0000;
constexpr uint64_t kPartial = 0x8'3000'0000;

class AcceleratorBurst : public AcceleratorBench {
 protected:
  /// A tile of 8 x 16 x 32 elements of 4 bytes: A has 512, B 2048 and C 1024 bytes.
  static Accelerator::Properties tiny(Layout layout) {
    Accelerator::Properties properties;
    properties.tile = {8, 16, 32};
    properties.cycles.compute = 1000;
    properties.cycles.clean = 50;
    properties.fixed_memory.setup = 30;
    properties.layout = layout;
    properties.a = properties.b = properties.c = {
        .width_bits = 512, .burst_beats = 64, .outstanding_reads = 16, .outstanding_writes = 16};
    return properties;
  }
  void make_burst(const Accelerator::Properties& properties) {
    make(properties, true);
    bind_feedback();
    test::MemoryTarget* memories[] = {&a, &b, &c};
    const char* names[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; ++i) {
      core::connect(model->endpoint(names[i]), core::TargetEndpoint{&memories[i]->socket});
      memories[i]->latency_ps = edge(20) - 1;  // ends in the 20th cycle after any edge
    }
  }
  static abi::MetadataEntry placed(abi::MetadataEntry made) {
    made.a = kA;
    made.b = kB;
    made.c = kC;
    made.partial = kPartial;
    return made;
  }
  static std::vector<std::pair<uint64_t, uint32_t>> places(const test::MemoryTarget& memory) {
    std::vector<std::pair<uint64_t, uint32_t>> all;
    for (const auto& request : memory.requests) all.emplace_back(request.address, request.bytes);
    return all;
  }
  void expect_clean() {
    for (const test::MemoryTarget* memory : {&a, &b, &c}) {
      EXPECT_THAT(memory->violations, IsEmpty());
      EXPECT_EQ(memory->in_flight(), 0U);
    }
  }

  test::MemoryTarget a{"memory_a"};
  test::MemoryTarget b{"memory_b"};
  test::MemoryTarget c{"memory_c"};
};

TEST_F(AcceleratorBurst, TiledLayoutMovesContiguousTiles) {
  make_burst(tiny(Layout::tiled));
  // 2 x 2 x 2 tiles: k is the inner loop, then n.
  load(1, {{placed(entry(16, 32, 64, 0, 9, 0, 4))}});
  issue(edge(0), words(1, 6, 0));
  run_until(ms(1));
  std::vector<std::pair<uint64_t, uint32_t>> a_tiles, b_tiles, c_tiles;
  for (uint64_t m = 0; m < 2; ++m) {
    for (uint64_t n = 0; n < 2; ++n) {
      for (uint64_t k = 0; k < 2; ++k) {
        a_tiles.emplace_back(kA + (m * 2 + k) * 512, 512);
        b_tiles.emplace_back(kB + (k * 2 + n) * 2048, 2048);
      }
      c_tiles.emplace_back(kC + (m * 2 + n) * 1024, 1024);
    }
  }
  EXPECT_EQ(places(a), a_tiles);
  EXPECT_EQ(places(b), b_tiles);
  EXPECT_EQ(places(c), c_tiles);
  for (const auto& request : c.requests) EXPECT_TRUE(request.write);
  for (const auto& request : a.requests) {
    EXPECT_FALSE(request.write);
    EXPECT_EQ(request.task, 1);
    EXPECT_EQ(request.job, 6U);
    EXPECT_EQ(request.layer, 4U);
  }
  expect_clean();
}

TEST_F(AcceleratorBurst, RowMajorLayoutMovesRowsAStrideApart) {
  make_burst(tiny(Layout::row_major));
  load(0, {{placed(entry(16, 32, 64, 0, 9))}});
  issue(edge(0), words(0, 0, 0));
  run_until(ms(1));
  std::vector<std::pair<uint64_t, uint32_t>> a_rows, b_rows, c_rows;
  for (uint64_t m = 0; m < 2; ++m) {
    for (uint64_t n = 0; n < 2; ++n) {
      for (uint64_t k = 0; k < 2; ++k) {
        for (uint64_t row = 0; row < 8; ++row)
          a_rows.emplace_back(kA + ((m * 8 + row) * 32 + k * 16) * 4, 64);
        for (uint64_t row = 0; row < 16; ++row)
          b_rows.emplace_back(kB + ((k * 16 + row) * 64 + n * 32) * 4, 128);
      }
      for (uint64_t row = 0; row < 8; ++row) c_rows.emplace_back(kC + ((m * 8 + row) * 64 + n * 32) * 4, 128);
    }
  }
  EXPECT_EQ(places(a), a_rows);
  EXPECT_EQ(places(b), b_rows);
  EXPECT_EQ(places(c), c_rows);
  expect_clean();
}

TEST_F(AcceleratorBurst, EdgeTilesArePaddedAndLiePaddedInMemory) {
  make_burst(tiny(Layout::row_major));
  load(0, {{placed(entry(9, 17, 33, 0, 9))}});  // 2 x 2 x 2 tiles again
  issue(edge(0), words(0, 0, 0));
  run_until(ms(1));
  EXPECT_EQ(a.requests.size(), 8U * 8);
  EXPECT_EQ(a.requests.back().address, kA + (15 * 32 + 16) * 4);
  EXPECT_EQ(a.requests.back().bytes, 64U);
  EXPECT_EQ(c.requests.size(), 4U * 8);
}

TEST_F(AcceleratorBurst, OperationsTakeSetupLatencyAndBeats) {
  make_burst(tiny(Layout::tiled));
  load(0, {{placed(entry(8, 16, 32, 0, 2))}});
  issue(edge(100), words(0, 0, 0));
  run_until(ms(1));
  ASSERT_EQ(log.operations.size(), 3U);
  // Load: A has 8 beats, B 32; a memory 20 cycles away answers before 32 beats have come.
  EXPECT_EQ(a.requests[0].at, edge(103 + 30));
  EXPECT_EQ(b.requests[0].at, edge(103 + 30));
  EXPECT_EQ(log.operations[0].kind, OperationKind::load);
  EXPECT_EQ(log.operations[0].start, edge(103));
  EXPECT_EQ(log.operations[0].cycles, 30U + 32U);
  EXPECT_EQ(log.operations[0].bytes, 512U + 2048U);
  EXPECT_EQ(log.operations[1].kind, OperationKind::compute);
  EXPECT_EQ(log.operations[1].start, edge(165));
  EXPECT_EQ(log.operations[1].cycles, 1000U);
  // Store: 16 beats leave, then the memory answers.
  EXPECT_EQ(c.requests[0].at, edge(1165 + 30 + 16));
  EXPECT_EQ(log.operations[2].kind, OperationKind::store);
  EXPECT_EQ(log.operations[2].start, edge(1165));
  EXPECT_EQ(log.operations[2].cycles, 30U + 16U + 20U);
  EXPECT_EQ(log.operations[2].bytes, 1024U);
  EXPECT_THAT(feedback->times(), ElementsAre(edge(1165 + 66 + 2)));
  EXPECT_THAT(log.first_computes, ElementsAre(std::pair(observe::JobId{0, 0}, edge(165))));
}

TEST_F(AcceleratorBurst, AnIterationEndsWithItsLongestOperation) {
  Accelerator::Properties properties = tiny(Layout::tiled);
  properties.cycles.compute = 3;
  make_burst(properties);
  load(0, {{placed(entry(8, 32, 32, 0, 3))}});
  issue(edge(0), words(0, 0, 0));
  run_until(ms(1));
  // Iterations: load; load beside compute; compute; store.
  EXPECT_THAT(feedback->times(), ElementsAre(edge(3 + 62 + 62 + 3 + 66 + 2)));
}

TEST_F(AcceleratorBurst, PersistKeepsThePartialTileAndResumeBringsItBack) {
  make_burst(tiny(Layout::row_major));
  constexpr uint32_t kPersist = abi::kEntryPreemptive | abi::kEntryPersistAtEnd;
  load(0, {{placed(entry(8, 64, 32, 0, 2, kPersist))},
           {placed(entry(8, 64, 32, 3, 5, abi::kEntryPersistAtStart))}});
  abi::MetadataEntry other = entry(8, 16, 32, 0, 0, 0, 7);
  other.a = other.b = other.c = 0x9'0000'0000;
  load(1, {{other}});
  issue(edge(0), words(0, 11, 0));
  issue(edge(5000), words(1, 22, 0, abi::kInstructionPreempt, 0, 0));
  issue(edge(6000), words(0, 11, 1, abi::kInstructionResume));
  run_until(ms(1));
  // A partial tile is contiguous whatever the layout. It is kept for the old job and brought back for the
  // same.
  ASSERT_GE(c.requests.size(), 2U);
  EXPECT_TRUE(c.requests[0].write);
  EXPECT_EQ(c.requests[0].address, kPartial);
  EXPECT_EQ(c.requests[0].bytes, 1024U);
  EXPECT_EQ(c.requests[0].task, 0);
  EXPECT_EQ(c.requests[0].job, 11U);
  EXPECT_FALSE(c.requests[1].write);
  EXPECT_EQ(c.requests[1].address, kPartial);
  EXPECT_EQ(c.requests[1].bytes, 1024U);
  EXPECT_EQ(c.requests[1].job, 11U);
  std::vector<std::pair<OperationKind, uint64_t>> swaps;
  for (const auto& operation : log.operations) {
    if (operation.kind != OperationKind::persist && operation.kind != OperationKind::resume) continue;
    swaps.emplace_back(operation.kind, operation.cycles);
    EXPECT_EQ(operation.job, (observe::JobId{0, 11}));
    EXPECT_EQ(operation.bytes, 1024U);
  }
  EXPECT_THAT(swaps, ElementsAre(std::pair(OperationKind::persist, 30U + 16U + 20U),
                                 std::pair(OperationKind::resume, 30U + 20U)));
  const auto again = std::ranges::find_if(log.operations, [this](const observe::Operation& operation) {
    return operation.kind == OperationKind::load && operation.step == 2 && operation.start >= edge(6000);
  });
  ASSERT_NE(again, log.operations.end());
  ASSERT_EQ(log.regions.size(), 3U);
  EXPECT_EQ(log.regions[0].swap, 0U);
  EXPECT_EQ(log.regions[1].swap, edge(30 + 16 + 20));
  EXPECT_EQ(log.regions[2].swap, edge(30 + 20 + again->cycles));
  EXPECT_EQ(log.regions[2].compute, edge(2 * operation_costs(tiny(Layout::row_major)).compute));
  // Loads of t0: tiles 0, 1, 2 before; tile 2 again, then 3. 8 rows of A each; one tile of the other's.
  EXPECT_EQ(a.requests.size(), (3U + 1U + 2U) * 8U);
  EXPECT_EQ(a.requests[3 * 8].job, 22U);
  EXPECT_EQ(a.requests[4 * 8].address, kA + 2 * 64);
  EXPECT_EQ(a.requests[5 * 8].address, kA + 3 * 64);
  expect_clean();
}

TEST_F(AcceleratorBurst, RecomputeMovesTheSameBytesAgain) {
  make_burst(tiny(Layout::tiled));
  load(0, {{placed(entry(8, 64, 32, 0, 2, abi::kEntryPreemptive))}, {placed(entry(8, 64, 32, 3, 5))}});
  load(1, {{placed(entry(8, 16, 32, 0, 0))}});
  issue(edge(0), words(0, 11, 0));
  issue(edge(5000), words(1, 22, 0, abi::kInstructionPreempt, 0, 0));
  issue(edge(10'000), words(0, 11, 1, abi::kInstructionResume));
  run_until(ms(1));
  std::vector<uint64_t> tiles;
  for (const auto& request : a.requests) {
    if (request.job == 11) tiles.push_back((request.address - kA) / 512);
  }
  EXPECT_THAT(tiles, ElementsAre(0, 1, 2, 0, 1, 2, 3));
  EXPECT_EQ(c.requests.size(), 1U) << "one store, no partial tile";
  EXPECT_EQ(log.operations.size(), (3U + 2U) + (1U + 1U) + (3U + 2U) + (1U + 2U + 1U));
  EXPECT_EQ(report().accelerators[0].steps, 3U + 1U + 3U + 3U);
  EXPECT_EQ(report().accelerators[0].compute_busy, edge(6 * 1000));
}

TEST_F(AcceleratorBurst, AMemoryThatRefusesOnlyDelays) {
  make_burst(tiny(Layout::row_major));
  for (test::MemoryTarget* memory : {&a, &b, &c}) {
    memory->acceptance = test::MemoryTarget::Acceptance::later;
    memory->accept_ps = edge(7) - 1;
    memory->latency_ps = edge(3) - 1;
  }
  load(0, {{placed(entry(16, 32, 64, 0, 9))}});
  issue(edge(0), words(0, 0, 0));
  run_until(ms(1));
  EXPECT_EQ(a.requests.size(), 8U * 8);
  EXPECT_EQ(b.requests.size(), 8U * 16);
  EXPECT_EQ(c.requests.size(), 4U * 8);
  EXPECT_EQ(feedback->accesses.size(), 1U);
  expect_clean();
}

TEST_F(AcceleratorBurst, AnErrorEndsTheSimulation) {
  make_burst(tiny(Layout::tiled));
  b.respond = [](const test::MemoryTarget::Request&) { return tlm::TLM_GENERIC_ERROR_RESPONSE; };
  load(0, {{placed(entry(8, 16, 32, 0, 2))}});
  issue(edge(0), words(0, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(),
              HasSubstr("accelerator.load_b: read of 2048 bytes at 0x810000000 for t0 job 0 failed at " +
                        std::to_string(edge(33) + b.latency_ps) + " ps"));
}

/// Two regions of task 0's job, the second resumed from a partial tile or computed again; task 1 has one.
class AcceleratorErrors : public AcceleratorBurst {
 protected:
  void make_surviving(uint32_t strategy = 0) {
    Accelerator::Properties properties = tiny(Layout::tiled);
    properties.on_error = dma::OnError::abandon;
    make_burst(properties);
    const uint32_t starts = strategy != 0 ? abi::kEntryPersistAtStart : 0;
    load(0, {{placed(entry(8, 64, 32, 0, 2, abi::kEntryPreemptive | strategy))},
             {placed(entry(8, 64, 32, 3, 5, starts))}});
    abi::MetadataEntry other = placed(entry(8, 64, 32, 0, 5, abi::kEntryPreemptive));
    other.a += 1 << 20;
    load(1, {{other}});
  }
  static void fail_at(test::MemoryTarget& memory, uint64_t address) {
    memory.respond = [address](const test::MemoryTarget::Request& request) {
      return request.address == address ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
    };
  }
  [[nodiscard]] std::vector<uint32_t> feedback_tasks() const {
    std::vector<uint32_t> all;
    for (const auto& access : feedback->accesses) all.push_back(access.as<abi::FeedbackWords>().task);
    return all;
  }
  [[nodiscard]] size_t count(OperationKind kind) const {
    return static_cast<size_t>(std::ranges::count(log.operations, kind, &observe::Operation::kind));
  }
  static constexpr uint32_t kFailed = abi::kFeedbackFailed;
  static constexpr uint32_t kLast = abi::kFeedbackLast;
};

TEST_F(AcceleratorErrors, AJobIsAbandonedItsOtherRegionsPassEmptyAndTheNextJobRuns) {
  make_surviving();
  fail_at(a, kA + 512);  // the second tile
  issue(edge(0), words(0, 4, 0));
  issue(edge(10'000), words(0, 4, 1));
  run_until(us(80));
  EXPECT_THAT(feedback_tasks(), ElementsAre(kFailed, kLast | kFailed));
  EXPECT_THAT(places(a), ElementsAre(std::pair(kA, 512U), std::pair(kA + 512, 512U)));
  ASSERT_EQ(log.failed.size(), 1U);
  EXPECT_EQ(log.failed[0].first, (observe::JobId{0, 4}));
  // The phase ends with its computation, the buffer is cleaned in 50 cycles, feedback takes 2; the second
  // region begins 3 cycles after its instruction.
  ASSERT_EQ(count(OperationKind::clean), 1U);
  EXPECT_EQ(log.operations.back().job, (observe::JobId{0, 4}));
  EXPECT_EQ(log.operations.back().end, log.failed[0].second + edge(50));
  EXPECT_EQ(feedback->times()[1], edge(10'000 + 3 + 2));
  EXPECT_THAT(log.completed, IsEmpty());
  EXPECT_EQ(report().accelerators[0].errors, 1U);

  a.respond = nullptr;
  issue(edge(20'000), words(0, 5, 0));
  issue(edge(30'000), words(0, 5, 1));
  run_until(ms(1));
  ASSERT_EQ(log.completed.size(), 1U);
  EXPECT_EQ(log.completed[0].first, (observe::JobId{0, 5}));
  EXPECT_THAT(feedback_tasks(), ElementsAre(kFailed, kLast | kFailed, 0U, kLast));
  EXPECT_EQ(core::failure_message(), "");
  expect_clean();
}

TEST_F(AcceleratorErrors, AnErrorOfALastRegionsStoreFailsTheJob) {
  make_surviving();
  fail_at(c, kC);
  issue(edge(0), words(1, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(feedback_tasks(), ElementsAre(1U | kLast | kFailed));
  EXPECT_EQ(log.failed.size(), 1U);
  EXPECT_THAT(log.completed, IsEmpty());
}

TEST_F(AcceleratorErrors, NothingOfAFailedJobIsSwappedOut) {
  make_surviving();
  fail_at(b, kB);
  issue(edge(0), words(0, 0, 0));
  run_until(us(80));
  b.respond = nullptr;
  issue(edge(20'000), words(1, 0, 0, abi::kInstructionPreempt, 0, 0));
  run_until(ms(1));
  EXPECT_EQ(count(OperationKind::clean), 1U) << "that after the failure";
  ASSERT_EQ(log.completed.size(), 1U);
  EXPECT_EQ(log.completed[0].first, (observe::JobId{1, 0}));
}

TEST_F(AcceleratorErrors, AFailedJobStillSwapsTheOtherOut) {
  make_surviving();
  fail_at(b, kB);
  issue(edge(0), words(0, 0, 0));
  run_until(us(80));
  b.respond = nullptr;
  load(1, {{placed(entry(8, 64, 32, 0, 2, abi::kEntryPreemptive))}, {placed(entry(8, 64, 32, 3, 5))}});
  issue(edge(20'000), words(1, 0, 0, abi::kInstructionPreempt, 0, 0));
  issue(edge(40'000), words(0, 0, 1, abi::kInstructionPreempt | abi::kInstructionResume, 1, 0));
  run_until(ms(1));
  ASSERT_EQ(count(OperationKind::clean), 2U);
  EXPECT_EQ(log.operations.back().kind, OperationKind::clean);
  EXPECT_EQ(log.operations.back().job, (observe::JobId{1, 0}));
  EXPECT_EQ(log.failed.size(), 1U);
  EXPECT_THAT(feedback_tasks(), ElementsAre(kFailed, 1U, kLast | kFailed));
}

TEST_F(AcceleratorErrors, AJobWhosePartialOutputIsLostFailsAndTheOneThatPreemptsItRuns) {
  make_surviving(abi::kEntryPersistAtEnd);
  fail_at(c, kPartial);
  issue(edge(0), words(0, 0, 0));
  issue(edge(20'000), words(1, 7, 0, abi::kInstructionPreempt, 0, 0));
  issue(edge(40'000), words(0, 0, 1, abi::kInstructionResume));
  run_until(ms(1));
  ASSERT_EQ(log.failed.size(), 1U);
  EXPECT_EQ(log.failed[0].first, (observe::JobId{0, 0}));
  ASSERT_EQ(log.completed.size(), 1U);
  EXPECT_EQ(log.completed[0].first, (observe::JobId{1, 7}));
  EXPECT_THAT(feedback_tasks(), ElementsAre(0U, 1U | kLast, kLast | kFailed));
  EXPECT_EQ(count(OperationKind::resume), 0U);
  EXPECT_EQ(count(OperationKind::clean), 0U);
}

TEST_F(AcceleratorErrors, AJobWhosePartialOutputCannotBeReadBackFails) {
  make_surviving(abi::kEntryPersistAtEnd);
  c.respond = [](const test::MemoryTarget::Request& request) {
    return request.write ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE;
  };
  issue(edge(0), words(0, 0, 0));
  issue(edge(20'000), words(1, 7, 0, abi::kInstructionPreempt, 0, 0));
  issue(edge(40'000), words(0, 0, 1, abi::kInstructionResume));
  run_until(ms(1));
  ASSERT_EQ(log.failed.size(), 1U);
  EXPECT_EQ(log.failed[0].first, (observe::JobId{0, 0}));
  EXPECT_EQ(count(OperationKind::resume), 1U);
  EXPECT_THAT(feedback_tasks(), ElementsAre(0U, 1U | kLast, kLast | kFailed));
}

TEST_F(AcceleratorBurst, SaysWhatItWaitsFor) {
  make_burst(tiny(Layout::tiled));
  b.latency_ps = ms(10).ps;
  load(0, {{placed(entry(8, 16, 32, 0, 2))}});
  issue(edge(0), words(0, 0, 0));
  run_until(ms(1));
  EXPECT_EQ(model->waiting_for(), "1 bursts outstanding at accelerator.load_b, 2048 bytes to go");
}

TEST_F(AcceleratorBurst, BytesOfTransfersOperationsAndRequestsAgree) {
  make_burst(tiny(Layout::row_major));
  load(0, {{placed(entry(20, 40, 70, 0, 28, abi::kEntryPreemptive | abi::kEntryPersistAtEnd))}});
  load(1, {{placed(entry(8, 16, 32, 0, 2))}});
  issue(edge(0), words(0, 0, 0));
  issue(edge(100'000), words(1, 0, 0, abi::kInstructionPreempt, 0, 0));
  run_until(ms(1));
  uint64_t operations = 0;
  uint64_t transfers = 0;
  uint64_t requests = 0;
  for (const auto& operation : log.operations) operations += operation.bytes;
  for (const auto& transfer : log.transfers) transfers += transfer.bytes;
  for (const test::MemoryTarget* memory : {&a, &b, &c}) {
    for (const auto& request : memory->requests) requests += request.bytes;
  }
  EXPECT_EQ(operations, transfers);
  EXPECT_EQ(transfers, requests);
  EXPECT_EQ(requests, 27U * (512 + 2048) + 9U * 1024 + 1024 + 512 + 2048 + 1024);
  expect_clean();
}

}  // namespace
}  // namespace vesper::accelerator
