// The scheduler block behind a static level in firmware: requests through registers, room and its interrupt.
#include <bit>

#include "models/core/sim_error.h"
#include "tests/unit/scheduler/scheduler_bench.h"

namespace vesper::scheduler {
namespace {

namespace regs = abi::scheduler_block;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class BiLevel : public test::SchedulerBench {
 protected:
  void make_bi_level(uint32_t tasks, uint32_t capacity, const std::string& policy = "edf") {
    adjust = [this, policy](core::Environment& environment) {
      environment.static_level_in_firmware = true;
      const policy::PolicyInfo& info = *policy::find_policy(policy.c_str());
      for (size_t i = 0; i < info.parameter_count; ++i) {
        auto given = set.find(info.parameters[i].name);
        environment.policy.parameters.push_back(given != set.end() ? given->second
                                                                   : info.parameters[i].default_value);
      }
    };
    make(std::vector<uint32_t>(tasks, 1), {.micro_architecture = "dysta"}, policy, capacity);
    block->interrupt.connect(room_line);
  }
  void send(uint32_t task, uint32_t job, uint64_t deadline, double score = 0) {
    auto bits = std::bit_cast<uint64_t>(score);
    const uint32_t words[] = {task,
                              job,
                              0,
                              0,
                              static_cast<uint32_t>(deadline),
                              static_cast<uint32_t>(deadline >> 32),
                              1,
                              static_cast<uint32_t>(bits),
                              static_cast<uint32_t>(bits >> 32)};
    for (uint32_t i = 0; i < 9; ++i) cpu.write32(regs::kRequest + 4 * i, words[i]);
  }
  void send_at(Cycles n, uint32_t task, uint64_t deadline, double score = 0) {
    agenda.at(edge(n), [this, task, deadline, score] { send(task, 0, deadline, score); });
  }

  std::map<std::string, double> set;
  std::vector<std::pair<uint64_t, bool>> room_changes;
  core::InterruptIn room_line{[this](bool level) { room_changes.emplace_back(core::now_ps(), level); }};
};

TEST_F(BiLevel, ARequestIsTakenAndDecided) {
  make_bi_level(2, 4);
  send_at(10, 1, ms(1).ps);
  run_until(edge(100));
  // Read 1, written 1, for its score is there; one score 18, the instruction 2, its entry freed 1.
  EXPECT_THAT(issued, ElementsAre(Issued{10 + 2 + 18 + 3, 1, 0, 0}));
}

TEST_F(BiLevel, ItsReleaseFifosAreFirmwares) {
  make_bi_level(1, 4);
  release_at(10, 0, ms(1).ps);
  run_until(edge(100));
  EXPECT_THAT(issued, SizeIs(0));
  EXPECT_EQ(releases.waiting(0), 1U);
}

TEST_F(BiLevel, TheScoreOfTheStaticLevelDecides) {
  set["level"] = 1;
  make_bi_level(3, 4, "dysta");
  run_time = [](const Issued&) { return 100; };
  send_at(10, 0, ms(1).ps, 5);
  send_at(11, 1, ms(1).ps, 4);
  send_at(11, 2, ms(1).ps, 3);
  run_until(edge(1000));
  ASSERT_THAT(issued, SizeIs(3));
  EXPECT_EQ(issued[1].task, 2U);
  EXPECT_EQ(issued[2].task, 1U);
}

TEST_F(BiLevel, RoomCountsRequestsAndQueuedJobsAlike) {
  make_bi_level(4, 2);
  agenda.at(edge(10), [this] {
    EXPECT_EQ(cpu.read32(regs::kRoom), 2U);
    send(0, 0, ms(1).ps);
    EXPECT_EQ(cpu.read32(regs::kRoom), 1U);
    EXPECT_EQ(cpu.read32(regs::kStatus) & regs::kStatusFull, 0U);
    send(1, 0, ms(1).ps);
    EXPECT_EQ(cpu.read32(regs::kRoom), 0U);
    EXPECT_EQ(cpu.read32(regs::kStatus) & regs::kStatusFull, regs::kStatusFull);
  });
  agenda.at(edge(100), [this] {
    EXPECT_EQ(cpu.read32(regs::kRoom), 1U) << "the first has left the queue";
    EXPECT_EQ(cpu.read32(regs::kOccupancy), 1U);
  });
  run_until(edge(101));
}

TEST_F(BiLevel, RoomRaisesTheInterrupt) {
  make_bi_level(2, 1);
  agenda.at(edge(10), [this] {
    send(0, 0, ms(1).ps);
    cpu.write32(regs::kControl, regs::kControlEnable | regs::kControlRoomInterrupt);
    EXPECT_THAT(room_changes, SizeIs(0)) << "there is none";
  });
  run_until(edge(40));
  // With the instruction of a last region its entry is free.
  EXPECT_THAT(room_changes, ElementsAre(std::pair(edge(33), true)));
  agenda.at(edge(50), [this] { send(1, 0, ms(1).ps); });
  agenda.at(edge(60), [this] { EXPECT_THAT(room_changes, SizeIs(2)); });
  run_until(edge(61));
}

TEST_F(BiLevel, ARequestWithoutRoomEndsTheSimulation) {
  make_bi_level(2, 1);
  send_at(10, 0, ms(1).ps);
  send_at(10, 1, ms(1).ps);
  run_until(edge(100));
  EXPECT_THAT(core::failure_message(), HasSubstr("the request of task 1 job 0 found the request FIFO full"));
}

TEST_F(BiLevel, ARequestOfNoTaskEndsTheSimulation) {
  make_bi_level(2, 2);
  send_at(10, 7, ms(1).ps);
  run_until(edge(100));
  EXPECT_THAT(core::failure_message(), HasSubstr("there is no task 7"));
}

}  // namespace
}  // namespace vesper::scheduler
