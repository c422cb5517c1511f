#include "models/accelerator/kernel_manager.h"

#include <gmock/gmock.h>

#include "models/core/sim_error.h"
#include "tests/support/stimulus.h"

namespace vesper::accelerator {
namespace {

namespace km = abi::kernel_manager;
using ::testing::HasSubstr;

TEST(Decode, TakesTheWordsApart) {
  Instruction i = decode({0x25U | 0x3FU << 8 | abi::kInstructionPreempt, 7, 9, 11});
  EXPECT_EQ(i.task, 0x25);
  EXPECT_EQ(i.last_task, 0x3F);
  EXPECT_TRUE(i.preempt);
  EXPECT_FALSE(i.resume);
  EXPECT_EQ(i.job, 7U);
  EXPECT_EQ(i.last_region, 9U);
  EXPECT_EQ(i.region, 11U);
  EXPECT_TRUE(decode({abi::kInstructionResume, 0, 0, 0}).resume);
}

class Holder : public sc_core::sc_module {
 public:
  explicit Holder(sc_core::sc_module_name name) : sc_module(name) {}
  std::vector<abi::InstructionWords> issued;
  KernelManager manager{[this](const abi::InstructionWords& words) { issued.push_back(words); }};
};

class KernelManagerTest : public test::Stimulus {
 protected:
  KernelManagerTest() { cpu.socket.bind(manager.regs.socket); }

  /// Task 2 has regions of one entry each, at index entry 10 and metadata entry 20.
  void load(const std::vector<abi::MetadataEntry>& entries) {
    auto count = static_cast<uint32_t>(entries.size());
    std::vector<abi::IndexEntry> index;
    for (uint32_t i = 0; i < count; ++i) index.push_back({20 + i, 1});
    const uint32_t base = 10;
    manager.regs.load(km::kTaskBase + 8, &base, 4);
    manager.regs.load(km::kRegionCount + 8, &count, 4);
    manager.regs.load(km::kIndexTable + base * sizeof index[0], index.data(), index.size() * sizeof index[0]);
    manager.regs.load(km::kMetadataTable + 20 * sizeof entries[0], entries.data(),
                      entries.size() * sizeof entries[0]);
  }
  static abi::MetadataEntry entry(uint32_t m, uint32_t k, uint32_t n, uint32_t first, uint32_t last,
                                  uint32_t flags = 0) {
    abi::MetadataEntry made{};
    made.m = m;
    made.k = k;
    made.n = n;
    made.first_iteration = first;
    made.last_iteration = last;
    made.flags = flags;
    return made;
  }
  std::string refusal(const Instruction& instruction) {
    try {
      (void)manager.request(instruction, Tile{1, 1, 1});
    } catch (const core::SimulationError& error) {
      return error.what();
    }
    ADD_FAILURE() << "taken";
    return "";
  }

  Holder holder{"holder"};
  std::vector<abi::InstructionWords>& issued = holder.issued;
  KernelManager& manager = holder.manager;
  test::Initiator cpu{"cpu"};
};

TEST_F(KernelManagerTest, FindsTheEntriesOfARegion) {
  load({entry(1, 2, 3, 0, 1), entry(4, 5, 6, 2, 3)});
  PhaseSequence::Request request = manager.request(
      {.task = 2, .region = 1, .preempt = true, .resume = true, .last_task = 2, .last_region = 0},
      Tile{1, 1, 1});
  EXPECT_EQ(request.entry_count, 1U);
  EXPECT_EQ(request.entries[0].k, 5U);
  EXPECT_TRUE(request.resume);
  EXPECT_EQ(request.preempted->k, 2U);
  EXPECT_EQ(request.preempted_task, 2);
  EXPECT_FALSE(manager.last_region(2, 0));
  EXPECT_TRUE(manager.last_region(2, 1));
}

TEST_F(KernelManagerTest, NonsenseIsRefusedByName) {
  load({entry(1, 1, 1, 0, 2), entry(0, 1, 1, 0, 2), entry(1, 0, 1, 0, 2), entry(1, 1, 0, 0, 2),
        entry(1, 1, 1, 2, 1), entry(1, 1, 1, 0, 3), entry(1, 1, 1, 0, 0xFFFF'FFFF)});
  EXPECT_THAT(refusal({.task = 2, .region = 7}), HasSubstr("no region 7 of task 2"));
  EXPECT_THAT(refusal({.task = 3, .region = 0}), HasSubstr("no region 0 of task 3"));
  EXPECT_THAT(refusal({.task = 64, .region = 0}), HasSubstr("no region 0 of task 64"));
  EXPECT_THAT(refusal({.task = 255, .region = 0xFFFF'FFFF}), HasSubstr("task 255"));
  for (uint32_t region = 1; region < 7; ++region) {
    EXPECT_THAT(refusal({.task = 2, .region = region}), HasSubstr("no range of iterations")) << region;
  }
}

TEST_F(KernelManagerTest, NonsenseInTheRegionSwappedOutIsRefused) {
  load({entry(1, 1, 1, 0, 2), entry(1, 0, 1, 0, 1, abi::kEntryPreemptive),
        entry(1, 1, 1, 0, 9, abi::kEntryPreemptive)});
  EXPECT_THAT(refusal({.task = 2, .region = 0, .preempt = true, .last_task = 2, .last_region = 1}),
              HasSubstr("no range of iterations"));
  EXPECT_THAT(refusal({.task = 2, .region = 0, .preempt = true, .last_task = 2, .last_region = 2}),
              HasSubstr("no range of iterations"));
  EXPECT_THAT(refusal({.task = 2, .region = 0, .preempt = true, .last_task = 2, .last_region = 3}),
              HasSubstr("no region 3 of task 2"));
}

TEST_F(KernelManagerTest, TablesAreBounded) {
  load({entry(1, 1, 1, 0, 2)});
  const uint32_t one = 1;
  const uint32_t beyond = 0xFFFF'FFFF;
  manager.regs.load(km::kRegionCount, &one, 4);
  manager.regs.load(km::kTaskBase, &beyond, 4);
  EXPECT_THAT(refusal({.task = 0, .region = 0}), HasSubstr("no entries in the metadata table"));
  const abi::IndexEntry entries[] = {
      {0, 0}, {static_cast<uint32_t>(abi::kMetadataEntries), 1}, {0xFFFF'FFFF, 0xFFFF'FFFF}};
  const uint32_t base = 100;
  manager.regs.load(km::kTaskBase, &base, 4);
  for (const abi::IndexEntry& wrong : entries) {
    manager.regs.load(km::kIndexTable + base * sizeof wrong, &wrong, sizeof wrong);
    EXPECT_THAT(refusal({.task = 0, .region = 0}), HasSubstr("no entries in the metadata table"));
  }
}

TEST_F(KernelManagerTest, RegistersAsTheAbiSays) {
  agenda.at(0, [this] {
    EXPECT_EQ(cpu.read32(km::kId), km::kIdValue);
    EXPECT_EQ(cpu.read32(km::kStatus), 0U);
    manager.busy = true;
    EXPECT_EQ(cpu.read32(km::kStatus), km::kStatusBusy);
    EXPECT_EQ(cpu.read32(km::kFeedback), 0U) << "an empty FIFO reads as zeros";
    cpu.write32(km::kFeedbackPop, 1);  // and a pop of it does nothing
    manager.push_feedback({1, 2, 3, 4});
    manager.push_feedback({5, 6, 7, 8});
    EXPECT_EQ(cpu.read32(km::kStatus), km::kStatusBusy | km::kStatusFeedback);
    for (uint32_t word = 0; word < 4; ++word) EXPECT_EQ(cpu.read32(km::kFeedback + 4 * word), 1 + word);
    cpu.write32(km::kFeedbackPop, 0);
    for (uint32_t word = 0; word < 4; ++word) EXPECT_EQ(cpu.read32(km::kFeedback + 4 * word), 5 + word);
    cpu.write32(km::kFeedbackPop, 0);
    EXPECT_FALSE(manager.feedback_waits());
    for (uint32_t word = 0; word < 3; ++word) cpu.write32(km::kInstruction + 4 * word, 10 + word);
    EXPECT_TRUE(issued.empty()) << "the last word issues it";
    cpu.write32(km::kInstruction + 12, 13);
    ASSERT_EQ(issued.size(), 1U);
    EXPECT_EQ(issued[0].task, 10U);
    EXPECT_EQ(issued[0].job, 11U);
    EXPECT_EQ(issued[0].last_region, 12U);
    EXPECT_EQ(issued[0].region, 13U);
  });
  run_until(1);
}

TEST_F(KernelManagerTest, TablesAreMemoryOnTheBus) {
  agenda.at(0, [this] {
    abi::MetadataEntry written = entry(1, 2, 3, 0, 4);
    EXPECT_EQ(cpu.write(km::kMetadataTable + 64, written), tlm::TLM_OK_RESPONSE);
    abi::MetadataEntry read{};
    EXPECT_EQ(cpu.read(km::kMetadataTable + 64, read), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(read.n, 3U);
    EXPECT_EQ(cpu.write(km::kSize - 4, uint64_t{0}), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
  run_until(1);
}

}  // namespace
}  // namespace vesper::accelerator
