#include "models/cpu/debug_points.h"

#include <gtest/gtest.h>

namespace vesper::cpu {
namespace {

constexpr uint32_t kNop = 0xD503201F;
constexpr uint32_t kStore = 0xF9000020;  // str x0, [x1]
constexpr uint32_t kLoad = 0xF9400020;   // ldr x0, [x1]

class DebugPointsTest : public ::testing::Test {
 protected:
  std::optional<HaltReason> met(uint64_t pc, uint32_t instruction = kNop) {
    auto event = points_.met(pc, instruction, [this](unsigned n) { return n == 31 ? sp_ : x1_; });
    return event ? std::optional(event->reason) : std::nullopt;
  }
  DebugPoints points_;
  uint64_t sp_ = 0x1000;
  uint64_t x1_ = 0x2000;
};

TEST_F(DebugPointsTest, TheInstructionAtWhichTheCoreGoesOnIsExecuted) {
  points_.set_breakpoint(0x100, true);
  EXPECT_EQ(met(0x100), HaltReason::breakpoint);
  points_.resume(0x100);
  EXPECT_EQ(met(0x100), std::nullopt);
  EXPECT_EQ(met(0x100), HaltReason::breakpoint);
  points_.set_breakpoint(0x100, false);
  EXPECT_EQ(met(0x100), std::nullopt);
}

TEST_F(DebugPointsTest, AStepLeavesItsRange) {
  points_.step(0x100, 0x110);
  points_.resume(0x100);
  for (uint64_t pc : {0x100, 0x104, 0x10C, 0x104}) EXPECT_EQ(met(pc), std::nullopt) << pc;
  EXPECT_EQ(met(0x110), HaltReason::step);
  EXPECT_FALSE(points_.look_at_all());
}

TEST_F(DebugPointsTest, AnInterruptOnAStepIsServedUnseen) {
  points_.set_breakpoint(0x908, true);
  points_.step(0, 0);
  points_.resume(0x100);
  points_.interrupted(0x100, sp_);  // before the instruction was executed
  sp_ -= 0x100;
  EXPECT_EQ(met(0x900), std::nullopt);
  EXPECT_EQ(met(0x100), std::nullopt);  // the handler runs the same code, deeper
  sp_ += 0x100;
  EXPECT_EQ(met(0x100), std::nullopt);  // back: executed now
  EXPECT_EQ(met(0x104), HaltReason::step);
  points_.step(0, 0);
  points_.resume(0x104);
  points_.interrupted(0x104, sp_);
  EXPECT_EQ(met(0x908), HaltReason::breakpoint);
}

TEST_F(DebugPointsTest, WatchpointsAreMetInFrontOfTheAccess) {
  points_.set_watchpoint({0x2004, 4, Watch::write}, true);
  EXPECT_EQ(met(0x100, kLoad), std::nullopt);
  EXPECT_EQ(met(0x100, kStore), HaltReason::watchpoint);
  x1_ = 0x2008;
  EXPECT_EQ(met(0x100, kStore), std::nullopt);
  points_.set_watchpoint({0x2004, 4, Watch::write}, false);
  points_.set_watchpoint({0x2008, 1, Watch::read}, true);
  EXPECT_EQ(met(0x100, kLoad), HaltReason::watchpoint);
  EXPECT_EQ(met(0x100, kNop), std::nullopt);
}

}  // namespace
}  // namespace vesper::cpu
