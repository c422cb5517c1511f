// The interrupt controller through its registers, without a CPU.
#include "models/irq/gic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sw/abi/gic.h"
#include "tests/support/stimulus.h"

namespace vesper::irq {
namespace {

namespace map = abi::gic;
using observe::Mark;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Pair;

constexpr uint64_t kCpu = map::kCpuInterface;

struct Marks : observe::Observer {
  [[nodiscard]] uint32_t topics() const override { return bit(observe::Topic::mark); }
  void mark(Mark mark, uint32_t value, observe::Time) override { seen.emplace_back(mark, value); }
  std::vector<std::pair<Mark, uint32_t>> seen;
};

struct GicTest : ::testing::Test {
  GicTest() {
    cpu.socket.bind(gic.regs.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    write(map::kDistributorControl, 1);
    write(kCpu + map::kPriorityMask, 0xFF);
    write(kCpu + map::kCpuControl, 1);
  }
  void write(uint64_t address, uint32_t value) { cpu.write32(address, value); }
  uint32_t read(uint64_t address) { return cpu.read32(address); }
  void enable(uint32_t line, uint32_t priority = 0x80) {
    uint64_t address = map::kPriority + line / 4 * 4;
    write(address, (read(address) & ~(0xFFU << line % 4 * 8)) | priority << line % 4 * 8);
    write(map::kSetEnable + line / 32 * 4, 1U << line % 32);
  }
  void edge(uint32_t line) {
    uint64_t address = map::kConfiguration + line / 16 * 4;
    write(address, read(address) | 2U << line % 16 * 2);
  }
  uint32_t acknowledge() { return read(kCpu + map::kAcknowledge); }
  void end(uint32_t line) { write(kCpu + map::kEndOfInterrupt, line); }

  Marks marks;
  observe::ObserverHub hub;
  core::Environment environment = [this] {
    hub.join(marks);
    core::Environment made;
    made.observers = &hub;
    return made;
  }();
  Gic gic{"gic", {.lines = 96}, environment};
  test::Initiator cpu{"cpu"};
};

TEST_F(GicTest, LevelLineIsPendingWhileItIsHigh) {
  enable(40);
  EXPECT_FALSE(gic.irq.level());
  gic.line(40).drive(true);
  EXPECT_TRUE(gic.irq.level());
  gic.line(40).drive(false);
  EXPECT_FALSE(gic.irq.level());
}

TEST_F(GicTest, AcknowledgeMakesActiveAndEndAllowsItAgain) {
  enable(40);
  gic.line(40).drive(true);
  EXPECT_EQ(acknowledge(), 40U);
  EXPECT_FALSE(gic.irq.level());
  EXPECT_EQ(acknowledge(), map::kSpurious);
  end(40);
  EXPECT_TRUE(gic.irq.level());  // still high
  EXPECT_EQ(acknowledge(), 40U);
  gic.line(40).drive(false);
  end(40);
  EXPECT_FALSE(gic.irq.level());
}

TEST_F(GicTest, EdgeLineLatchesOnceAnEdge) {
  edge(41);
  enable(41);
  gic.line(41).drive(true);
  gic.line(41).drive(false);
  EXPECT_TRUE(gic.irq.level());
  EXPECT_EQ(acknowledge(), 41U);
  gic.line(41).drive(true);  // an edge while active is kept
  end(41);
  EXPECT_EQ(acknowledge(), 41U);
  end(41);
  EXPECT_FALSE(gic.irq.level());  // high, but no new edge
}

TEST_F(GicTest, MostUrgentFirstThenLowestNumber) {
  enable(50, 0x80);
  enable(51, 0x40);
  enable(45, 0x80);
  for (uint32_t line : {50U, 51U, 45U}) gic.line(line).drive(true);
  EXPECT_EQ(read(kCpu + map::kHighestPending), 51U);
  EXPECT_EQ(acknowledge(), 51U);
  EXPECT_EQ(read(kCpu + map::kRunningPriority), 0x40U);
  EXPECT_FALSE(gic.irq.level());  // the others are less urgent than what runs
  end(51);
  gic.line(51).drive(false);
  EXPECT_EQ(acknowledge(), 45U);
  end(45);
  EXPECT_EQ(read(kCpu + map::kRunningPriority), 0xFFU);
}

TEST_F(GicTest, MoreUrgentPreempts) {
  enable(40, 0x80);
  enable(41, 0x40);
  gic.line(40).drive(true);
  EXPECT_EQ(acknowledge(), 40U);
  gic.line(41).drive(true);
  EXPECT_TRUE(gic.irq.level());
  EXPECT_EQ(acknowledge(), 41U);
  EXPECT_EQ(read(kCpu + map::kRunningPriority), 0x40U);
  gic.line(41).drive(false);
  end(41);
  EXPECT_EQ(read(kCpu + map::kRunningPriority), 0x80U);
}

TEST_F(GicTest, BinaryPointMakesPrioritiesOneGroup) {
  write(kCpu + map::kBinaryPoint, 6);  // only bit 7 decides preemption
  enable(40, 0x70);
  enable(41, 0x40);
  gic.line(40).drive(true);
  EXPECT_EQ(acknowledge(), 40U);
  gic.line(41).drive(true);
  EXPECT_FALSE(gic.irq.level());
  end(40);
  EXPECT_EQ(acknowledge(), 41U);  // but it still comes first
}

TEST_F(GicTest, PriorityMaskHoldsBackWhatIsNotMoreUrgent) {
  enable(40, 0x80);
  gic.line(40).drive(true);
  write(kCpu + map::kPriorityMask, 0x80);
  EXPECT_FALSE(gic.irq.level());
  EXPECT_EQ(acknowledge(), map::kSpurious);
  write(kCpu + map::kPriorityMask, 0x88);
  EXPECT_TRUE(gic.irq.level());
}

TEST_F(GicTest, KeepsThirtyTwoPriorities) {
  write(map::kPriority + 40, 0xFF070F81);
  EXPECT_EQ(read(map::kPriority + 40), 0xF8000880U);
}

TEST_F(GicTest, EnablesAndPendingBitsAreSetAndCleared) {
  enable(40);
  EXPECT_EQ(read(map::kSetEnable + 4), 1U << 8);
  EXPECT_EQ(read(map::kClearEnable + 4), 1U << 8);
  write(map::kSetPending + 4, 1U << 8);
  EXPECT_EQ(read(map::kClearPending + 4), 1U << 8);
  EXPECT_TRUE(gic.irq.level());
  write(map::kClearPending + 4, 1U << 8);
  EXPECT_FALSE(gic.irq.level());
  write(map::kSetPending + 4, 1U << 8);
  write(map::kClearEnable + 4, 1U << 8);
  EXPECT_FALSE(gic.irq.level());
  EXPECT_EQ(read(map::kSetPending + 4), 1U << 8);
}

TEST_F(GicTest, DisabledDistributorOrInterfaceSignalsNothing) {
  enable(40);
  gic.line(40).drive(true);
  write(map::kDistributorControl, 0);
  EXPECT_FALSE(gic.irq.level());
  write(map::kDistributorControl, 1);
  write(kCpu + map::kCpuControl, 0);
  EXPECT_FALSE(gic.irq.level());
  EXPECT_EQ(acknowledge(), map::kSpurious);
}

TEST_F(GicTest, EndOfWhatIsNotActiveIsIgnored) {
  enable(40);
  gic.line(40).drive(true);
  end(40);
  EXPECT_EQ(acknowledge(), 40U);
  end(77);
  EXPECT_EQ(read(kCpu + map::kRunningPriority), 0x80U);
}

TEST_F(GicTest, TypeTellsTheNumberOfLines) { EXPECT_EQ(read(map::kType), 96U / 32 - 1); }

TEST_F(GicTest, EndpointsAreLines) {
  EXPECT_EQ(std::get<core::InterruptIn*>(gic.endpoint("95")), &gic.line(95));
  EXPECT_EQ(std::get<core::InterruptIn*>(gic.endpoint("30")), &gic.line(30));
  EXPECT_EQ(std::get<core::InterruptOut*>(gic.endpoint("irq")), &gic.irq);
  for (const char* name : {"96", "15", "-1", "40x", "x", ""})
    EXPECT_THROW(gic.endpoint(name), std::out_of_range);
  EXPECT_THAT(gic.endpoint_names(), Contains("16..95"));
}

TEST_F(GicTest, TellsAssertionAndAcknowledgement) {
  enable(40);
  gic.line(40).drive(true);
  acknowledge();
  EXPECT_THAT(marks.seen,
              ElementsAre(Pair(Mark::interrupt_asserted, 40), Pair(Mark::interrupt_acknowledged, 40)));
}

}  // namespace
}  // namespace vesper::irq
