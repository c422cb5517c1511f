// The core alone: counting, budgets, aborts, exceptions; hand-assembled code.
#include "models/cpu/unicorn_core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>

#include "models/cpu/load_store.h"

namespace vesper::cpu {
namespace {

using ::testing::ElementsAre;

constexpr uint64_t kBase = 0x4000'0000;
constexpr uint32_t kNop = 0xD503201F;
constexpr uint32_t kSelf = 0x14000000;  // b .
constexpr uint32_t kWfi = 0xD503207F;
constexpr uint32_t kAddX2 = 0x91000442;   // add x2, x2, #1
constexpr uint32_t kUnmask = 0xD50342FF;  // msr daifclr, #2
constexpr uint32_t kMask = 0xD50342DF;    // msr daifset, #2
constexpr uint32_t kEret = 0xD69F03E0;
constexpr uint32_t kSemihost = 0xD45E0000;  // hlt #0xf000

struct Client : CoreClient {
  void debug_halted(const HaltEvent& event) override {
    if (on_halt) on_halt(event);
  }
  std::function<void(const HaltEvent&)> on_halt;
  bool read(uint64_t address, unsigned size, uint32_t& value) override {
    accesses.push_back(address);
    sizes.push_back(size);
    if (throws) throw std::runtime_error("from the bus");
    if (on_access) on_access();
    value = 0x55;
    return !refuses;
  }
  bool write(uint64_t address, unsigned size, uint32_t) override {
    accesses.push_back(address);
    sizes.push_back(size);
    return !refuses;
  }
  bool read_system(uint32_t encoding, uint64_t& value) override {
    value = 1234;
    return encoding == system_register(3, 3, 14, 0, 1);
  }
  bool write_system(uint32_t, uint64_t) override { return false; }
  void interrupt_taken() override { ++interrupts; }
  void block_entered(uint64_t pc) override { blocks.push_back(pc - kBase); }

  bool refuses = false;
  bool throws = false;
  int interrupts = 0;
  std::function<void()> on_access;
  std::vector<uint64_t> accesses, blocks;
  std::vector<unsigned> sizes;
};

struct UnicornCoreTest : ::testing::Test {
  UnicornCoreTest() : memory(new (std::align_val_t{4096}) std::byte[kBytes]{}) {
    core.map_memory(kBase, {memory, kBytes});
    core.map_rest_to_client();
    core.reset(kBase);
    core.set_x(10, 0x900'0000);
  }
  ~UnicornCoreTest() override { ::operator delete[](memory, std::align_val_t{4096}); }
  void place(uint64_t offset, std::initializer_list<uint32_t> code) {
    std::memcpy(memory + offset, std::data(code), code.size() * 4);
  }
  /// VBAR_EL1 = kBase + 0x800, then `code` at 8.
  void with_vectors(std::initializer_list<uint32_t> code) {
    place(0, {0x10004000, 0xD518C000});  // adr x0, . + 0x800; msr vbar_el1, x0
    place(8, code);
  }

  static constexpr size_t kBytes = 1 << 20;
  std::byte* memory;
  Client client;
  UnicornCore core{client};
};

TEST_F(UnicornCoreTest, CountsInstructionsExactly) {
  place(0, {kNop, kNop, kAddX2, kWfi});
  EXPECT_EQ(core.run(1000), Stop::wait_for_interrupt);
  EXPECT_EQ(core.executed(), 4U);
  EXPECT_EQ(core.pc(), kBase + 16);
}

TEST_F(UnicornCoreTest, StopsAtTheBlockThatReachesTheBudget) {
  place(0, {kAddX2, kAddX2, 0x17FFFFFE});  // a block of 3 for ever
  EXPECT_EQ(core.run(7), Stop::budget);
  EXPECT_EQ(core.executed(), 9U);
  EXPECT_EQ(core.x(2), 6U);
  EXPECT_EQ(core.run(1), Stop::budget);
  EXPECT_EQ(core.executed(), 12U);
  EXPECT_EQ(core.x(2), 8U);
}

TEST_F(UnicornCoreTest, TakesA64BitAccessInTwoHalves) {
  place(0, {0xF9400141, kWfi});  // ldr x1, [x10]
  EXPECT_EQ(core.run(10), Stop::wait_for_interrupt);
  EXPECT_THAT(client.accesses, ElementsAre(0x900'0000, 0x900'0004));
  EXPECT_THAT(client.sizes, ElementsAre(4, 4));
  EXPECT_EQ(core.x(1), 0x55'0000'0055U);
}

TEST_F(UnicornCoreTest, RefusedLoadAbortsAtItsInstructionAndKeepsItsRegisters) {
  with_vectors({kAddX2, 0xB940014A, kAddX2, kSelf});  // ldr w10, [x10]
  place(0xA00, {kSemihost});
  client.refuses = true;
  EXPECT_EQ(core.run(100), Stop::semihosting);
  EXPECT_EQ(core.pc(), kBase + 0xA04);
  EXPECT_EQ(core.x(2), 1U);
  EXPECT_EQ(core.x(10), 0x900'0000U);
  EXPECT_EQ(client.accesses.size(), 1U);
}

TEST_F(UnicornCoreTest, RefusedLoadWithWritebackKeepsItsBase) {
  with_vectors({0xB8404541, kSelf});  // ldr w1, [x10], #4
  place(0xA00, {kSemihost});
  client.refuses = true;
  EXPECT_EQ(core.run(100), Stop::semihosting);
  EXPECT_EQ(core.x(10), 0x900'0000U);
}

TEST_F(UnicornCoreTest, RefusedStoreAborts) {
  with_vectors({0xF9000142, kAddX2, kSelf});          // str x2, [x10]: the second half is not attempted
  place(0xA00, {0xD5385201, 0xD5386003, kSemihost});  // mrs x1, esr_el1; mrs x3, far_el1
  client.refuses = true;
  EXPECT_EQ(core.run(100), Stop::semihosting);
  EXPECT_EQ(core.x(1), 0x9600'0050U);
  EXPECT_EQ(core.x(3), 0x900'0000U);
  EXPECT_EQ(core.x(2), 0U);
  EXPECT_EQ(client.accesses.size(), 1U);
}

TEST_F(UnicornCoreTest, TakesAnInterruptWhenUnmaskedAndReturns) {
  with_vectors({kAddX2, kUnmask, kAddX2, kMask, kAddX2, kWfi});
  place(0xA80,
        {0x9100056B, kMask, 0xB9400141, kEret});  // add x11, x11, #1; ...; ldr w1, [x10] lowers the line
  client.on_access = [&] { core.interrupt(false); };
  core.interrupt(true);
  EXPECT_EQ(core.run(100), Stop::wait_for_interrupt);
  EXPECT_EQ(client.interrupts, 1);
  EXPECT_EQ(core.x(11), 1U);
  EXPECT_EQ(core.x(2), 3U);
}

TEST_F(UnicornCoreTest, MaskedInterruptIsNotTaken) {
  with_vectors({kAddX2, kWfi});
  core.interrupt(true);
  EXPECT_EQ(core.run(100), Stop::wait_for_interrupt);
  EXPECT_EQ(client.interrupts, 0);
}

TEST_F(UnicornCoreTest, InterruptRaisedDuringAnAccessIsTakenAtTheNextBlock) {
  with_vectors({kUnmask, 0xB9400141, kAddX2, 0x14000001, kAddX2, kSelf});  // ldr; add; b next; add; b .
  place(0xA80, {kSemihost});
  client.on_access = [&] { core.interrupt(true); };
  EXPECT_EQ(core.run(1000), Stop::semihosting);
  EXPECT_EQ(core.x(2), 1U);
}

TEST_F(UnicornCoreTest, ExceptionsSayWhatTheyAre) {
  with_vectors({0xD4000021, 0xD4200040, 0x00000000, kWfi});  // svc #1; brk #2; udf
  // mrs x1, esr_el1; mrs x3, elr_el1; hlt; and back behind the instruction: add x3, x3, #x4; msr elr_el1, x3;
  // eret
  place(0xA00, {0xD5385201, 0xD5384023, kSemihost, 0x8B040063, 0xD5184023, kEret});
  EXPECT_EQ(core.run(100), Stop::semihosting);
  EXPECT_EQ(core.x(1), 0x15U << 26 | 1U << 25 | 1);
  EXPECT_EQ(core.x(3), kBase + 0xC);  // behind SVC
  core.set_x(4, 0);
  EXPECT_EQ(core.run(100), Stop::semihosting);
  EXPECT_EQ(core.x(1) >> 26, 0x3CU);
  EXPECT_EQ(core.x(3), kBase + 0xC);  // at BRK
  core.set_x(4, 4);
  EXPECT_EQ(core.run(100), Stop::semihosting);
  EXPECT_EQ(core.x(1), 1U << 25);
  EXPECT_EQ(core.x(3), kBase + 0x10);  // at UDF
  EXPECT_EQ(core.run(100), Stop::wait_for_interrupt);
}

TEST_F(UnicornCoreTest, SystemRegistersComeFromTheClient) {
  place(0, {0xD53BE026, kWfi});  // mrs x6, cntpct_el0
  EXPECT_EQ(core.run(10), Stop::wait_for_interrupt);
  EXPECT_EQ(core.x(6), 1234U);
}

TEST_F(UnicornCoreTest, ExceptionsOfTheClientComeOutOfRun) {
  place(0, {0xB9400141, kSelf});
  client.throws = true;
  EXPECT_THROW(core.run(100), std::runtime_error);
}

TEST_F(UnicornCoreTest, WatchSeesEveryBlockOnce) {
  place(0, {kNop, 0x14000002, kNop, kAddX2, kWfi});
  core.watch(true);
  EXPECT_EQ(core.run(1), Stop::budget);
  EXPECT_EQ(core.run(100), Stop::wait_for_interrupt);
  EXPECT_THAT(client.blocks, ElementsAre(0, 12));
}

TEST_F(UnicornCoreTest, FetchOutsideMemoryIsAFault) {
  place(0, {0xD61F0140});  // br x10
  EXPECT_EQ(core.run(100), Stop::fault);
  EXPECT_EQ(core.fault(), "instruction fetch outside memory");
  EXPECT_EQ(core.pc(), 0x900'0000U);
}

TEST_F(UnicornCoreTest, VectorThatFaultsItselfIsALoop) {
  with_vectors({0x00000000});  // udf, and zeros at the vector
  EXPECT_EQ(core.run(100), Stop::fault);
  EXPECT_EQ(core.fault(), "exception loop: ESR_EL1 0x2000000, FAR_EL1 0x0");
}

TEST(MemoryOperand, CoversEveryAddressingMode) {
  RegisterFile x = [](unsigned n) { return n == 31 ? 0x8000U : 0x1000U * n; };
  auto at = [&](uint32_t instruction) { return memory_operand(instruction, 0x4000, x)->address; };
  EXPECT_EQ(at(0xB9400541), 0xA004U);                          // ldr w1, [x10, #4]
  EXPECT_EQ(at(0xF9400BE1), 0x8010U);                          // ldr x1, [sp, #16]
  EXPECT_EQ(at(0x3DC00541), 0xA010U);                          // ldr q1, [x10, #16]
  EXPECT_EQ(at(0xB85FC141), 0x9FFCU);                          // ldur w1, [x10, #-4]
  EXPECT_EQ(at(0xB8404541), 0xA000U);                          // ldr w1, [x10], #4
  EXPECT_EQ(at(0xB8404D41), 0xA004U);                          // ldr w1, [x10, #4]!
  EXPECT_EQ(at(0xB8637941), 0xA000U + (0x3000U << 2));         // ldr w1, [x10, x3, lsl #2]
  EXPECT_EQ(at(0xA9408941), 0xA008U);                          // ldp x1, x2, [x10, #8]
  EXPECT_EQ(at(0xA8C10941), 0xA000U);                          // ldp x1, x2, [x10], #16
  EXPECT_EQ(at(0xA9BF0941), 0x9FF0U);                          // stp x1, x2, [x10, #-16]!
  EXPECT_EQ(at(0x58000081), 0x4010U);                          // ldr x1, . + 16
  EXPECT_EQ(at(0xC85F7D41), 0xA000U);                          // ldxr x1, [x10]
  EXPECT_EQ(at(0x39400541), 0xA001U);                          // ldrb w1, [x10, #1]
  EXPECT_FALSE(memory_operand(0x91000442, 0, x).has_value());  // add
  EXPECT_FALSE(memory_operand(0x14000000, 0, x).has_value());  // b
}

}  // namespace
}  // namespace vesper::cpu
