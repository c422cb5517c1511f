// Firmware on the CPU: times, interrupts, aborts, the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cpu/cpu_fixture.h"

namespace vesper::test {
namespace {

using observe::Mark;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint64_t kNs = 1000;
constexpr uint64_t kUs = 1'000'000;

TEST(Cpu, RunsFirmwareFromResetToExit) {
  CpuPlatform platform("hello");
  platform.run();
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_TRUE(platform.cpu.exited());
  EXPECT_THAT(platform.recorder.lines, ElementsAre("hello 42 7 0 0xabcdef"));
  EXPECT_THAT(platform.recorder.log_sources, ElementsAre("uart"));
  sc_core::sc_stop();
  EXPECT_THAT(platform.recorder.lines, ElementsAre("hello 42 7 0 0xabcdef", "no end of line"));
}

// Between the ends of the two writes: mov, b; 1000 x (sub, cbnz); str, b: 2004 instructions.
TEST(Cpu, ChargesEveryInstructionExactly) {
  CpuPlatform platform("exact", {.clock = MHz(1400), .quantum = ns(0)}, {.write_latency = ns(40)});
  platform.run();
  ASSERT_EQ(platform.probe.writes.size(), 2U);
  core::ClockDomain clock(MHz(1400));
  uint64_t first = platform.probe.writes[0].at;
  uint64_t resumed = clock.cycle_at_or_after(first);
  EXPECT_EQ(platform.probe.writes[1].at, clock.edge(resumed + 2004) + 40 * kNs);
}

TEST(Cpu, ChargesFractionsOfCyclesExactly) {
  CpuPlatform platform("exact", {.clock = MHz(1000), .cycles_per_instruction = {750'000}, .quantum = ns(0)},
                       {.write_latency = ns(0)});
  platform.run();
  ASSERT_EQ(platform.probe.writes.size(), 2U);
  // 2004 instructions of 3/4 cycle: 1503 cycles of 1 ns, whatever fraction was left before.
  uint64_t took = platform.probe.writes[1].at - platform.probe.writes[0].at;
  EXPECT_EQ(took, 1503 * kNs);
}

TEST(Cpu, QuantumDoesNotChangeTheTimesOfCodeThatIsNotInterrupted) {
  CpuPlatform platform("exact", {.quantum = us(10)});
  platform.run();
  ASSERT_EQ(platform.probe.writes.size(), 2U);
  core::ClockDomain clock(MHz(1400));
  uint64_t resumed = clock.cycle_at_or_after(platform.probe.writes[0].at);
  EXPECT_EQ(platform.probe.writes[1].at, clock.edge(resumed + 2004) + 40 * kNs);
}

TEST(Cpu, InfinitelyFastFirmwareTakesOnlyBusTime) {
  CpuPlatform platform("exact", {.cycles_per_instruction = {0}}, {.write_latency = ns(40)});
  platform.run();
  ASSERT_EQ(platform.probe.writes.size(), 2U);
  EXPECT_EQ(platform.probe.writes[0].at, 40 * kNs);
  EXPECT_EQ(platform.probe.writes[1].at, 80 * kNs);
}

TEST(Cpu, InfinitelyFastFirmwareOnAnInfinitelyFastBusTakesNoTime) {
  CpuPlatform platform("storm", {.cycles_per_instruction = {0}},
                       {.read_latency = ns(0), .write_latency = ns(0)});
  platform.run();
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_THAT(platform.results(), ElementsAre(250, 250, 250, 250, 1, 0xDEAD, 0xDEAD, 0xDEAD));
  for (const Probe::Write& write : platform.probe.writes) EXPECT_EQ(write.at, 0U);
}

TEST(Cpu, EndlessLoopWithoutTimeIsAnError) {
  CpuPlatform platform("endless", {.cycles_per_instruction = {0}, .instructions_per_instant = 1'000'000});
  platform.run();
  EXPECT_THAT(core::failure_message(),
              AllOf(HasSubstr("cpu: endless loop: 1000"), HasSubstr("in main"), HasSubstr("at 0 s")));
}

TEST(Cpu, EndlessLoopWithTimeRunsUntilTheEnd) {
  CpuPlatform platform("endless");
  platform.run(3 * kUs);
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_EQ(core::now_ps(), 3 * kUs);
}

TEST(Cpu, TakesA64BitAccessAsTwoWordsLowestAddressFirst) {
  CpuPlatform platform("access");
  platform.run();
  auto& writes = platform.probe.writes;
  ASSERT_EQ(writes.size(), 5U);
  EXPECT_EQ(writes[0].value, 0x1111'2222U);
  EXPECT_EQ(std::pair(writes[1].index, writes[1].value), std::pair(2U, 0x5555'6666U));
  EXPECT_EQ(std::pair(writes[2].index, writes[2].value), std::pair(3U, 0x3333'4444U));
  EXPECT_EQ(writes[2].at - writes[1].at,
            core::ClockDomain(MHz(1400)).edge_at_or_after(writes[1].at) - writes[1].at + 40 * kNs);
  EXPECT_EQ(platform.results()[1], 1U);
  EXPECT_EQ(platform.results()[4], 0x3333'4444U);
}

TEST(Cpu, BusErrorsAreDataAbortsAtTheInstruction) {
  CpuPlatform platform("bus_errors");
  platform.run();
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_THAT(platform.results(), ElementsAre(1, 1, 1, 3, 0xDEAD, 0xDEAD, 0xDEAD, 0xDEAD));
}

TEST(Cpu, UnhandledAbortEndsTheRunWithInitiatorAddressAndTime) {
  CpuPlatform platform("unmapped");
  platform.run();
  EXPECT_THAT(
      core::failure_message(),
      AllOf(
          HasSubstr("cpu: firmware panic: data abort: ESR 0x96000050, address 0xb0000024"),
          HasSubstr("last bus error: write of 4 bytes at 0xb0000024 by cpu (TLM_ADDRESS_ERROR_RESPONSE) at "),
          HasSubstr(" ps")));
}

TEST(Cpu, PanicEndsTheRunWithItsMessage) {
  CpuPlatform platform("panic");
  platform.run();
  EXPECT_THAT(core::failure_message(), HasSubstr("cpu: firmware panic: the answer is 0x2a (pc 0x"));
  EXPECT_THAT(platform.recorder.lines, ElementsAre("panic: the answer is 0x2a", "the answer is 0x2a"));
}

TEST(Cpu, FetchOutsideMemoryEndsTheRun) {
  CpuPlatform platform("runaway");
  platform.run();
  EXPECT_THAT(core::failure_message(), AllOf(HasSubstr("instruction fetch outside memory"),
                                             HasSubstr("pc 0x70000000 in no function, at ")));
}

TEST(Cpu, ExceptionLoopEndsTheRun) {
  CpuPlatform platform("exception_loop");
  platform.run();
  EXPECT_THAT(
      core::failure_message(),
      AllOf(HasSubstr("exception loop: ESR_EL1 0x96000010, FAR_EL1 0xb0000000"), HasSubstr("in main")));
}

TEST(Cpu, WaitForInterruptLosesNoInterrupt) {
  CpuPlatform platform("sleep");
  platform.run();
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_THAT(platform.results(), ElementsAre(1, 1, 2, 3, 0xDEAD, 0xDEAD, 0xDEAD, 0xDEAD));
  EXPECT_TRUE(platform.cpu.exited());
}

TEST(Cpu, WakesInTheInstantOfTheInterrupt) {
  CpuPlatform platform("sleep", {.clock = MHz(1000)});
  platform.run();
  auto& marks = platform.recorder.marks;
  auto last =
      std::find_if(marks.rbegin(), marks.rend(), [](auto& m) { return m.mark == Mark::vector_entered; });
  ASSERT_NE(last, marks.rend());
  uint64_t raised = platform.probe.raised.back().second;
  // After WFI, masked, the loop goes round to where the mask is lifted: a few instructions of 1 ns.
  EXPECT_GT(last->at, core::ClockDomain(MHz(1000)).edge_at_or_after(raised));
  EXPECT_LE(last->at, raised + 20 * kNs);
}

TEST(Cpu, SurvivesAnInterruptStorm) {
  CpuPlatform platform("storm");
  platform.run();
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_THAT(platform.results(), ElementsAre(250, 250, 250, 250, 1, 0xDEAD, 0xDEAD, 0xDEAD));
  EXPECT_EQ(platform.recorder.times_of(Mark::vector_entered).size(), 1000U);
  EXPECT_EQ(platform.recorder.times_of(Mark::interrupt_acknowledged).size(), 1000U);
}

TEST(Cpu, MasksNestAndUrgentInterruptsPreempt) {
  CpuPlatform platform("nested");
  platform.run();
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_THAT(platform.results(), ElementsAre(0, 3, 1, 2, 3, 0xDEAD, 0xDEAD, 0xDEAD));
}

TEST(Cpu, TakesAnInterruptAtTheFirstBlockBoundary) {
  CpuPlatform platform("latency", {.clock = MHz(1000), .quantum = ns(0)});
  platform.run();
  ASSERT_EQ(platform.probe.raised.size(), 1U);
  auto entered = platform.recorder.times_of(Mark::vector_entered);
  ASSERT_EQ(entered.size(), 1U);
  // The loop that waits is one block of 3 instructions at most.
  EXPECT_GE(entered[0], platform.probe.raised[0].second);
  EXPECT_LE(entered[0] - platform.probe.raised[0].second, 3 * kNs);
}

/// Activity at every nanosecond around the core, which would tie it to simulated time.
struct Noise : sc_core::sc_module {
  explicit Noise(sc_core::sc_module_name name) : sc_module(name) {
    SC_HAS_PROCESS(Noise);
    SC_METHOD(tick);
  }
  void tick() { next_trigger(1, sc_core::SC_NS); }
};

TEST(Cpu, SeesAnInterruptAtMostAQuantumAndABlockLate) {
  Noise noise("noise");
  CpuPlatform platform("latency", {.clock = MHz(1000), .quantum = ns(500)});
  platform.run(20 * kUs);
  auto entered = platform.recorder.times_of(Mark::vector_entered);
  ASSERT_EQ(entered.size(), 1U);
  EXPECT_GE(entered[0], platform.probe.raised[0].second);
  EXPECT_LE(entered[0] - platform.probe.raised[0].second, 503 * kNs);
}

TEST(Cpu, SeesAnInterruptExactlyWithQuantumZeroAmongOtherActivity) {
  Noise noise("noise");
  CpuPlatform platform("latency", {.clock = MHz(1000), .quantum = ns(0)});
  platform.run(20 * kUs);
  auto entered = platform.recorder.times_of(Mark::vector_entered);
  ASSERT_EQ(entered.size(), 1U);
  EXPECT_GE(entered[0], platform.probe.raised[0].second);
  EXPECT_LE(entered[0] - platform.probe.raised[0].second, 3 * kNs);
}

TEST(Cpu, TimerInterruptEndsTheWait) {
  CpuPlatform platform("timer");
  platform.run();
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_EQ(platform.results()[0], 100'000'000U);
  EXPECT_LT(platform.results()[1], 30U);  // acknowledging takes some 100 ns: at most 30 counts of 10 ns
  EXPECT_EQ(platform.results()[2], 1U);
  EXPECT_THAT(platform.recorder.times_of(Mark::interrupt_asserted), ElementsAre(50 * kUs));
}

TEST(Cpu, TellsWhichFunctionExecutes) {
  CpuPlatform platform("panic");
  platform.run();
  std::vector<std::string> names;
  for (auto& [name, at] : platform.recorder.functions) names.push_back(name);
  auto main_at = std::find(names.begin(), names.end(), "main");
  ASSERT_NE(main_at, names.end());
  EXPECT_EQ(*(main_at - 1), "_start");
  EXPECT_EQ(*(main_at + 1), "vesper::hal::uart::open");
  EXPECT_THAT(names, Contains("give_up"));
  EXPECT_THAT(names, Contains("vesper::hal::panic"));
  EXPECT_TRUE(std::is_sorted(platform.recorder.functions.begin(), platform.recorder.functions.end(),
                             [](auto& a, auto& b) { return a.second < b.second; }));
}

TEST(Cpu, MarksCallsOfThePolicyFunction) {
  CpuPlatform platform("panic", {.policy_function = "vesper::hal::uart::open"});
  platform.run();
  EXPECT_EQ(platform.recorder.times_of(Mark::policy_entered).size(), 1U);
  auto left = platform.recorder.times_of(Mark::policy_left);
  ASSERT_EQ(left.size(), 1U);
  // The driver writes two registers of 40 ns each.
  EXPECT_GE(left[0] - platform.recorder.times_of(Mark::policy_entered)[0], 80 * kNs);
}

TEST(Cpu, ObserversTakeNoSimulatedTime) {
  CpuPlatform watched("storm", {.quantum = ns(0)});
  CpuPlatform alone("storm", {.quantum = ns(0)}, {}, 0, "alone_");
  watched.run();
  EXPECT_TRUE(watched.cpu.exited());
  EXPECT_FALSE(watched.recorder.functions.empty());
  EXPECT_TRUE(alone.recorder.functions.empty());
  EXPECT_EQ(watched.cpu.instructions(), alone.cpu.instructions());
  ASSERT_EQ(watched.probe.writes.size(), alone.probe.writes.size());
  for (size_t i = 0; i < alone.probe.writes.size(); ++i) {
    EXPECT_EQ(watched.probe.writes[i].at, alone.probe.writes[i].at);
  }
  EXPECT_EQ(watched.probe.raised, alone.probe.raised);
}

TEST(Cpu, RefusesAPolicyFunctionThatDoesNotExist) {
  EXPECT_THROW(CpuPlatform("panic", {.policy_function = "no_such"}), cpu::ElfError);
}

TEST(Cpu, RefusesFirmwareOutsideItsMemory) {
  EXPECT_THROW(CpuPlatform("panic", {.memory_base = {0x20000}}), cpu::ElfError);
}

TEST(Cpu, DeclaresItsTraces) {
  CpuPlatform platform("panic");
  EXPECT_THAT(platform.recorder.signals, Contains("cpu:cpu.function"));
  EXPECT_THAT(platform.recorder.signals, Contains("cpu:cpu.awake"));
  EXPECT_THAT(platform.recorder.signals, Contains("irq:gic.irq40"));
}

}  // namespace
}  // namespace vesper::test
