#include "models/core/sim_error.h"
#include "tests/unit/accelerator/accelerator_bench.h"

namespace vesper::accelerator {
namespace {

namespace km = abi::kernel_manager;
using observe::OperationKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Row {
  uint16_t task;
  uint32_t job, layer, step;
  OperationKind kind;
  uint64_t start, cycles, bytes;
  bool operator==(const Row&) const = default;
  friend void PrintTo(const Row& row, std::ostream* out) {
    *out << row.task << '#' << row.job << " layer " << row.layer << " step " << row.step << ' '
         << name_of(row.kind) << " at " << row.start << " for " << row.cycles << ", " << row.bytes << " B";
  }
};

class AcceleratorFixed : public AcceleratorBench {
 protected:
  /// Compute and swap cycles of the regions told.
  std::vector<std::pair<core::Cycles, core::Cycles>> shares() {
    std::vector<std::pair<core::Cycles, core::Cycles>> all;
    for (const observe::RegionEnded& region : log.regions) {
      all.emplace_back(clock.cycle_at_or_after(region.compute), clock.cycle_at_or_after(region.swap));
      EXPECT_EQ(region.compute, edge(all.back().first));
      EXPECT_EQ(region.swap, edge(all.back().second));
    }
    return all;
  }
  /// The operations told, starts in cycles.
  std::vector<Row> rows() {
    std::vector<Row> all;
    for (const observe::Operation& o : log.operations) {
      core::Cycles start = clock.cycle_at_or_after(o.start);
      EXPECT_EQ(o.start, edge(start));
      EXPECT_EQ(o.end, edge(start + o.cycles));
      all.push_back({o.job.task, o.job.job, o.layer, o.step, o.kind, start, o.cycles, o.bytes});
    }
    return all;
  }
};

TEST_F(AcceleratorFixed, LaunchesOnTheThirdCycleAndFeedsBackTwoCyclesAfterTheEnd) {
  make(small());
  bind_feedback();
  load(1, {{entry(1, 1, 1, 0, 2)}});
  enable_interrupt();
  issue(edge(100) - 1000, words(1, 7, 0));
  run_until(ms(1));
  EXPECT_THAT(rows(), ElementsAre(Row{1, 7, 0, 0, OperationKind::load, 103, 10, 8},
                                  Row{1, 7, 0, 1, OperationKind::compute, 113, 20, 0},
                                  Row{1, 7, 0, 2, OperationKind::store, 133, 31, 4}));
  ASSERT_EQ(log.instructions.size(), 1U);
  EXPECT_EQ(log.instructions[0].at, edge(100) - 1000);
  EXPECT_THAT(feedback->times(), ElementsAre(edge(164 + 2)));
  EXPECT_THAT(interrupt->rises(), ElementsAre(edge(164 + 3)));
  ASSERT_EQ(log.regions.size(), 1U);
  EXPECT_EQ(log.regions[0].end, edge(164));
  EXPECT_EQ(log.regions[0].feedback, edge(166));
  EXPECT_TRUE(log.regions[0].last);
  EXPECT_THAT(log.completed, ElementsAre(std::pair(observe::JobId{1, 7}, edge(164))));
  EXPECT_THAT(log.first_computes, ElementsAre(std::pair(observe::JobId{1, 7}, edge(113))));
}

TEST_F(AcceleratorFixed, AnInstructionOnAnEdgeStartsAtThatEdge) {
  make(small());
  load(0, {{entry(1, 1, 1, 0, 0)}});
  issue(edge(100), words(0, 0, 0));
  run_until(ms(1));
  ASSERT_EQ(rows().size(), 1U);
  EXPECT_EQ(rows()[0].start, 103U);
}

TEST_F(AcceleratorFixed, EachFurtherEntryOfARegionTakesOneCycleMore) {
  make(small());
  bind_feedback();
  load(0, {{entry(1, 1, 1, 0, 2, 0, 0), entry(1, 1, 1, 0, 2, 0, 1), entry(1, 1, 1, 0, 2, 0, 2)}});
  issue(edge(100), words(0, 0, 0));
  run_until(ms(1));
  ASSERT_EQ(rows().size(), 9U);
  EXPECT_EQ(rows()[0].start, 105U);
  EXPECT_EQ(rows()[3].start, 105U + 61U);
  EXPECT_EQ(rows()[3].layer, 1U);
  EXPECT_THAT(feedback->times(), ElementsAre(edge(105 + 3 * 61 + 2)));
}

TEST_F(AcceleratorFixed, LatenciesAreProperties) {
  Accelerator::Properties properties = small();
  properties.lookup_cycles = 5;
  properties.launch_cycles = 7;
  properties.feedback_cycles = 11;
  properties.interrupt_cycles = 13;
  make(properties);
  bind_feedback();
  load(0, {{entry(1, 1, 1, 0, 0)}});
  enable_interrupt();
  issue(edge(100), words(0, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(feedback->times(), ElementsAre(edge(100 + 12 + 10 + 11)));
  EXPECT_THAT(interrupt->rises(), ElementsAre(edge(100 + 12 + 10 + 11 + 13)));
}

TEST_F(AcceleratorFixed, FeedbackNamesWhatEnded) {
  make(small());
  bind_feedback();
  load(2, {{entry(1, 1, 1, 0, 0)}, {entry(1, 1, 1, 1, 2)}});
  issue(edge(10), words(2, 5, 0));
  issue(edge(100), words(2, 5, 1));
  run_until(ms(1));
  ASSERT_EQ(feedback->accesses.size(), 2U);
  auto first = feedback->accesses[0].as<abi::FeedbackWords>();
  EXPECT_EQ(first.task, 2U);
  EXPECT_EQ(first.job, 5U);
  EXPECT_EQ(first.region, 0U);
  auto second = feedback->accesses[1].as<abi::FeedbackWords>();
  EXPECT_EQ(second.task, 2U | abi::kFeedbackLast);
  EXPECT_EQ(second.region, 1U);
}

TEST_F(AcceleratorFixed, TheInterruptFallsWhenFeedbackIsPoppedOrItIsDisabled) {
  make(small());
  load(0, {{entry(1, 1, 1, 0, 0)}, {entry(1, 1, 1, 1, 2)}});
  enable_interrupt();
  issue(edge(10), words(0, 0, 0));
  agenda.at(edge(50), [this] {
    EXPECT_EQ(cpu.read32(km::kStatus), km::kStatusFeedback);
    EXPECT_EQ(cpu.read32(km::kFeedback + 8), 0U);
    cpu.write32(km::kFeedbackPop, 1);
    EXPECT_EQ(cpu.read32(km::kStatus), 0U);
  });
  issue(edge(60), words(0, 0, 1));
  agenda.at(edge(70), [this] { EXPECT_EQ(cpu.read32(km::kStatus), km::kStatusBusy); });
  agenda.at(edge(200), [this] { cpu.write32(km::kControl, 0); });
  run_until(ms(1));
  EXPECT_THAT(interrupt->rises(), ElementsAre(edge(10 + 3 + 10 + 3), edge(60 + 3 + 51 + 3)));
  EXPECT_THAT(interrupt->falls(), ElementsAre(edge(50), edge(200)));
}

TEST_F(AcceleratorFixed, SoftwareThatPollsSeesFeedbackWithoutTheInterrupt) {
  make(small());
  load(0, {{entry(1, 1, 1, 0, 0)}});
  issue(edge(10), words(0, 3, 0));
  agenda.at(edge(24), [this] { EXPECT_EQ(cpu.read32(km::kStatus), km::kStatusBusy); });
  agenda.at(edge(26), [this] {
    EXPECT_EQ(cpu.read32(km::kStatus), km::kStatusFeedback);
    EXPECT_EQ(cpu.read32(km::kFeedback + 4), 3U);
  });
  run_until(ms(1));
  EXPECT_THAT(interrupt->rises(), IsEmpty());
}

TEST_F(AcceleratorFixed, AnInstructionWhileARegionRunsIsAnsweredWithAnError) {
  make(small());
  bind_feedback();
  load(0, {{entry(1, 1, 1, 0, 2)}});
  issue(edge(10), words(0, 0, 0));
  for (uint64_t cycle : {10U, 11U, 13U, 40U, 74U, 75U})
    issue(edge(cycle), words(0, 1, 0), tlm::TLM_GENERIC_ERROR_RESPONSE);
  issue(edge(77), words(0, 1, 0));  // its feedback became visible at 10 + 3 + 61 + 2
  run_until(ms(1));
  EXPECT_THAT(feedback->times(), ElementsAre(edge(76), edge(77 + 3 + 61 + 2)));
  EXPECT_EQ(core::failure_message(), "");
}

TEST_F(AcceleratorFixed, FirmwareThatWritesOneEndsTheSimulation) {
  make(small());
  load(0, {{entry(1, 1, 1, 0, 2)}});
  write_registers(edge(10), words(0, 0, 0));
  write_registers(edge(20), words(0, 1, 0));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(),
              HasSubstr("accelerator: an instruction was written while a region runs, at " +
                        std::to_string(edge(20))));
}

TEST_F(AcceleratorFixed, NonsensicalTablesEndTheSimulation) {
  make(small());
  load(0, {{entry(1, 0, 1, 0, 2)}});
  issue(edge(10), words(0, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(), HasSubstr("metadata entry 0 of region 0 of task 0"));
  EXPECT_THAT(core::failure_message(), HasSubstr("at " + std::to_string(edge(10)) + " ps"));
}

TEST_F(AcceleratorFixed, AnInstructionForATaskNobodyKnowsEndsTheSimulation) {
  make(small());
  load(40, {{entry(1, 1, 1, 0, 2)}});
  issue(edge(10), words(40, 0, 0));
  run_until(ms(1));
  EXPECT_THAT(core::failure_message(), HasSubstr("task 40"));
}

TEST_F(AcceleratorFixed, RegistersAndSocketDoTheSame) {
  make(small());
  load(0, {{entry(1, 3, 1, 0, 1, abi::kEntryPreemptive)}, {entry(1, 3, 1, 2, 4)}});
  issue(edge(10), words(0, 0, 0));
  issue(edge(100), words(0, 0, 1, abi::kInstructionResume));
  write_registers(edge(1010), words(0, 1, 0));
  write_registers(edge(1100), words(0, 1, 1, abi::kInstructionResume));
  run_until(ms(1));
  std::vector<Row> all = rows();
  ASSERT_EQ(all.size() % 2, 0U);
  size_t half = all.size() / 2;
  ASSERT_GT(half, 5U);
  for (size_t i = 0; i < half; ++i) {
    Row expected = all[i];
    expected.start += 1000;
    expected.job = 1;
    EXPECT_EQ(all[half + i], expected);
  }
}

TEST_F(AcceleratorFixed, RecomputeCleansForTheOldJobAndReplaysForTheNew) {
  make(small());
  bind_feedback();
  // Both have a tile of 4 inputs; t0 is cut after iteration 2.
  load(0, {{entry(1, 4, 1, 0, 2, abi::kEntryPreemptive)}, {entry(1, 4, 1, 3, 5)}});
  load(1, {{entry(1, 1, 1, 0, 2, 0, 6)}});
  issue(edge(0), words(0, 11, 0));
  issue(edge(100), words(1, 22, 0, abi::kInstructionPreempt, 0, 0));
  issue(edge(300), words(0, 11, 1, abi::kInstructionResume));
  run_until(ms(1));
  std::vector<Row> all = rows();
  std::vector<Row> swapped(all.begin() + 5, all.begin() + 9);
  EXPECT_THAT(swapped, ElementsAre(Row{0, 11, 0, 2, OperationKind::clean, 103, 4, 0},
                                   Row{1, 22, 6, 0, OperationKind::load, 107, 10, 8},
                                   Row{1, 22, 6, 1, OperationKind::compute, 117, 20, 0},
                                   Row{1, 22, 6, 2, OperationKind::store, 137, 31, 4}));
  // Loads tiles 0, 1, 2 again and computes 0 and 1: iterations of 10, 20 and 20 cycles; then 3, 4, 5 as ever.
  std::vector<Row> resumed(all.begin() + 9, all.end());
  EXPECT_THAT(resumed, ElementsAre(Row{0, 11, 0, 0, OperationKind::load, 303, 10, 8},
                                   Row{0, 11, 0, 1, OperationKind::load, 313, 10, 8},
                                   Row{0, 11, 0, 1, OperationKind::compute, 313, 20, 0},
                                   Row{0, 11, 0, 2, OperationKind::load, 333, 10, 8},
                                   Row{0, 11, 0, 2, OperationKind::compute, 333, 20, 0},
                                   Row{0, 11, 0, 3, OperationKind::load, 353, 10, 8},
                                   Row{0, 11, 0, 3, OperationKind::compute, 353, 20, 0},
                                   Row{0, 11, 0, 4, OperationKind::compute, 373, 20, 0},
                                   Row{0, 11, 0, 5, OperationKind::store, 393, 31, 4}));
  EXPECT_EQ(feedback->times().back(), edge(393 + 31 + 2));
  EXPECT_THAT(shares(), ElementsAre(std::pair(40U, 0U), std::pair(20U, 4U), std::pair(40U, 50U)));
}

TEST_F(AcceleratorFixed, PersistStoresForTheOldJobAndReadsBackForTheNew) {
  make(small());
  load(0, {{entry(1, 4, 1, 0, 2, abi::kEntryPreemptive | abi::kEntryPersistAtEnd)},
           {entry(1, 4, 1, 3, 5, abi::kEntryPersistAtStart)}});
  load(1, {{entry(1, 4, 1, 0, 1, abi::kEntryPreemptive | abi::kEntryPersistAtEnd, 6)},
           {entry(1, 4, 1, 2, 5, abi::kEntryPersistAtStart, 6)}});
  issue(edge(0), words(0, 11, 0));
  issue(edge(100), words(1, 22, 0, abi::kInstructionPreempt, 0, 0));
  issue(edge(300), words(0, 11, 1, abi::kInstructionPreempt | abi::kInstructionResume, 1, 0));
  run_until(ms(1));
  std::vector<Row> all = rows();
  ASSERT_EQ(all.size(), 5U + 4U + 7U);
  EXPECT_EQ(all[5], (Row{0, 11, 0, 2, OperationKind::persist, 103, 30, 4}));
  EXPECT_EQ(all[6], (Row{1, 22, 6, 0, OperationKind::load, 133, 10, 8}));
  std::vector<Row> both(all.begin() + 9, all.begin() + 13);
  EXPECT_THAT(both, ElementsAre(Row{1, 22, 6, 1, OperationKind::persist, 303, 30, 4},
                                Row{0, 11, 0, 3, OperationKind::resume, 333, 40, 4},
                                Row{0, 11, 0, 2, OperationKind::load, 373, 10, 8},
                                Row{0, 11, 0, 3, OperationKind::load, 383, 10, 8}));
  EXPECT_THAT(shares(),
              ElementsAre(std::pair(40U, 0U), std::pair(20U, 30U), std::pair(40U, 30U + 40U + 10U)));
}

TEST_F(AcceleratorFixed, SwapsTakeTheirCyclesAtEveryBoundary) {
  make(small());
  bind_feedback();
  OperationCosts costs = operation_costs(small());
  TileWalk walk(2, 3, 2, Tile{1, 1, 1});
  constexpr uint32_t kLast = 13;
  std::vector<std::vector<abi::MetadataEntry>> recompute, persist;
  for (uint32_t i = 0; i <= kLast; ++i) {
    uint32_t preemptive = i < kLast ? abi::kEntryPreemptive : 0;
    recompute.push_back({entry(2, 3, 2, i, i, preemptive)});
    persist.push_back(
        {entry(2, 3, 2, i, i, preemptive | abi::kEntryPersistAtStart | abi::kEntryPersistAtEnd)});
  }
  load(0, recompute);
  load(1, persist);
  load(2, {{entry(1, 1, 1, 0, 0)}});
  std::vector<uint64_t> expected;
  core::Cycles at = 0;
  auto add = [&](uint32_t task, uint32_t region, uint32_t flags, uint32_t last_task, uint32_t last_region,
                 uint64_t cycles) {
    issue(edge(at), words(task, 0, region, flags, last_task, last_region));
    expected.push_back(edge(at + 3 + cycles + 2));
    at += 3 + cycles + 2 + 1;
  };
  for (uint32_t task = 0; task < 2; ++task) {
    for (uint32_t i = 0; i <= kLast; ++i) {
      uint64_t out = i == kLast ? 0 : task == 0 ? costs.clean : costs.persist;
      add(2, 0, abi::kInstructionPreempt, task, i, out + costs.load);
      uint64_t in =
          task == 0 ? recompute_resume_cycles(walk, costs, i) : persist_resume_cycles(walk, costs, i);
      add(task, i, abi::kInstructionResume, 0, 0, in + iteration_cycles(walk, costs, i));
    }
  }
  run_until(ms(1));
  EXPECT_EQ(feedback->times(), expected);
}

TEST_F(AcceleratorFixed, CountsStepsAndComputeTimeReplayedOnesIncluded) {
  make(small());
  load(0, {{entry(1, 4, 1, 0, 2, abi::kEntryPreemptive)}, {entry(1, 4, 1, 3, 5)}});
  issue(edge(0), words(0, 11, 0));
  issue(edge(300), words(0, 11, 1, abi::kInstructionResume));
  run_until(ms(1));
  ASSERT_EQ(report().accelerators.size(), 1U);
  EXPECT_EQ(report().accelerators[0].steps, 6U + 3U);
  EXPECT_EQ(report().accelerators[0].compute_busy, edge((4 + 2) * 20));
}

TEST_F(AcceleratorFixed, TablesRewrittenBetweenRunsAreHeeded) {
  make(small());
  bind_feedback();
  load(0, {{entry(1, 1, 1, 0, 0)}});
  issue(edge(0), words(0, 0, 0));
  agenda.at(edge(50), [this] {
    uint32_t last = 2;
    EXPECT_EQ(cpu.write(km::kMetadataTable + offsetof(abi::MetadataEntry, last_iteration), last),
              tlm::TLM_OK_RESPONSE);
  });
  issue(edge(100), words(0, 1, 0));
  run_until(ms(1));
  EXPECT_THAT(feedback->times(), ElementsAre(edge(0 + 3 + 10 + 2), edge(100 + 3 + 61 + 2)));
}

TEST_F(AcceleratorFixed, TransfersAddUpToTheBytesOfTheOperations) {
  make(small());
  load(0, {{entry(2, 3, 2, 0, 13)}});
  issue(edge(0), words(0, 0, 0));
  run_until(ms(1));
  uint64_t moved = 0;
  for (const observe::Transfer& transfer : log.transfers) moved += transfer.bytes;
  EXPECT_EQ(moved, 12U * 8 + 4U * 4);
  EXPECT_EQ(hub.ports(),
            (std::vector<std::string>{"accelerator.load_a", "accelerator.load_b", "accelerator.store_c"}));
}

}  // namespace
}  // namespace vesper::accelerator
