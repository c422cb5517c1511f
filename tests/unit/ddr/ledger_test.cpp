// Where a request's time went, as its payload and the summary tell it: exact sums, to the picosecond.
#include <cmath>
#include <numeric>

#include "tests/conformance/ddr/traffic.h"
#include "tests/unit/ddr/ddr_fixture.h"

namespace vesper::ddr {
namespace {

using core::LatencyPart;
using testing::Initiator;
using testing::SplitMix64;

uint64_t of(const Initiator::Answer& answer, LatencyPart part) {
  return answer.latency[static_cast<size_t>(part)];
}

/// A clock without a whole number of picoseconds: 1333.333333 MHz.
DdrController::Properties odd_clock(const char* policy) {
  DdrController::Properties properties;
  properties.part.clock = {1'333'333'333};
  properties.controller.policy = policy;
  properties.port_packets = 4;
  return properties;
}

class LedgerTest : public testing::DdrFixture {
 protected:
  static constexpr uint64_t kClock = 625;

  /// Random requests of three requesters at all ports, with doors that are often closed.
  void traffic(uint64_t seed, size_t count) {
    SplitMix64 random(seed);
    std::vector<bool> blocked(4, false);
    for (uint32_t i = 0; i < 4; ++i) {
      initiator(i).on_accepted = [&blocked, i] { blocked[i] = false; };
    }
    for (size_t sent = 0; sent < count;) {
      const auto port = static_cast<uint32_t>(random.next() % 4);
      if (!blocked[port]) {
        core::JobTag tag;
        tag.task = static_cast<uint16_t>(random.next() % 3);
        const auto command = random.next() % 3 == 0 ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
        const uint32_t bytes = 64U << random.next() % 4;
        blocked[port] = !initiator(port).send(command, random.next() % 4096 * 4096, bytes, tag);
        ++sent;
      }
      run_for(random.next() % 20'000);
    }
    run_for(100'000'000);
  }
  void expect_sums(size_t count) {
    size_t answers = 0;
    uint64_t at_doors = 0;
    for (const auto& each : initiators_) {
      for (const Initiator::Answer& answer : each->answers) {
        ++answers;
        ASSERT_EQ(std::accumulate(answer.latency.begin(), answer.latency.end(), uint64_t{0}),
                  answer.at - answer.sent);
        at_doors += of(answer, LatencyPart::door);
        EXPECT_EQ(of(answer, LatencyPart::other) + of(answer, LatencyPart::port), 0U);
      }
    }
    EXPECT_EQ(answers, count);
    EXPECT_GT(at_doors, 0U);
  }
  /// Per task: the parts sum to the latency, who waited for whom sums to arbitration.
  void expect_report_reconciles() {
    auto picoseconds = [](const nlohmann::ordered_json& seconds) {
      return static_cast<uint64_t>(std::llround(seconds.get<double>() * 1e12));
    };
    const core::RunReport made = report();
    const auto& tasks = made.memory["ddr"][0]["tasks"];
    ASSERT_EQ(tasks.size(), 3U);
    for (uint32_t task = 0; task < 3; ++task) {
      uint64_t parts = 0;
      for (const auto& [name, seconds] : tasks[task]["time_s"].items()) parts += picoseconds(seconds);
      EXPECT_EQ(parts, picoseconds(tasks[task]["latency_s"]));
      uint64_t lost = 0;
      for (const core::Interference& entry : made.interference) lost += entry.task == task ? entry.ps : 0;
      EXPECT_EQ(lost, picoseconds(tasks[task]["time_s"]["arbitration"]));
      EXPECT_GT(lost, 0U);
    }
  }
};

TEST_F(LedgerTest, AnIdleReadIsServiceAndItsRow) {
  make();
  run_for(1'000'000);
  initiator().read(0);
  run_for(1'000'000);
  const Initiator::Answer& answer = initiator().answers.at(0);
  EXPECT_EQ(of(answer, LatencyPart::row_miss), 22 * kClock);
  EXPECT_EQ(of(answer, LatencyPart::service), answer.at - answer.sent - 22 * kClock);
  EXPECT_EQ(of(answer, LatencyPart::bank_conflict), 0U);
}

TEST_F(LedgerTest, AnotherRowOfTheBankIsAConflict) {
  make();
  initiator().read(0);
  run_for(1'000'000);
  initiator().read(uint64_t{1} << 17);
  run_for(1'000'000);
  EXPECT_EQ(of(initiator().answers.at(1), LatencyPart::bank_conflict), 22 * kClock);
  EXPECT_EQ(of(initiator().answers.at(1), LatencyPart::row_miss), 22 * kClock);
}

TEST_F(LedgerTest, TimeAtAClosedDoorIsTheDoors) {
  DdrController::Properties properties;
  properties.port_packets = 1;
  make(properties);
  initiator().read(0, 4096);
  initiator().read(4096, 4096);
  run_for(10'000'000);
  ASSERT_EQ(initiator().accepted.size(), 2U);
  EXPECT_EQ(of(initiator().answers.at(0), LatencyPart::door), 0U);
  EXPECT_EQ(of(initiator().answers.at(1), LatencyPart::door), initiator().accepted[1]);
}

TEST_F(LedgerTest, AnAnswerThatWaitsForTheOneBeforeWaitsForLinks) {
  make();
  initiator().answer_later = true;
  initiator().read(0);
  initiator().read(64);
  run_for(1'000'000);
  initiator().end_response();
  const Initiator::Answer& second = initiator().answers.at(1);
  EXPECT_EQ(std::accumulate(second.latency.begin(), second.latency.end(), uint64_t{0}), second.at);
  EXPECT_GT(of(second, LatencyPart::links), 900'000U);
}

TEST_F(LedgerTest, PartsOfRandomTrafficSumExactlyVersal) {
  make(odd_clock("versal"));
  traffic(1, 4000);
  expect_sums(4000);
  expect_report_reconciles();
}

TEST_F(LedgerTest, PartsOfRandomTrafficSumExactlyFrfcfsDrain) {
  make(odd_clock("frfcfs-drain"));
  traffic(2, 4000);
  expect_sums(4000);
  expect_report_reconciles();
}

}  // namespace
}  // namespace vesper::ddr
