#include "models/scheduler/job_release.h"

#include <memory>

#include "models/scheduler/release_port.h"
#include "tests/support/stimulus.h"

namespace vesper::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace abi::job_release;

class JobReleaseTest : public test::Stimulus {
 protected:
  /// A task per list of release times; deadlines 1 ms later.
  void make(const std::vector<std::vector<uint64_t>>& tasks, JobRelease::Properties properties = {},
            uint32_t control = kControlInterruptEnable) {
    hub_.join(observer);
    core::Environment environment;
    environment.observers = &hub_;
    for (size_t i = 0; i < tasks.size(); ++i) {
      core::TaskInfo task;
      task.name = "t" + std::to_string(i);
      task.next_release = [times = tasks[i], n = size_t{0}]() mutable -> std::optional<core::Release> {
        if (n == times.size()) return std::nullopt;
        uint64_t release = times[n++];
        return core::Release{release, release + ms(1).ps};
      };
      environment.tasks.push_back(task);
    }
    model = std::make_unique<JobRelease>("release", properties, environment);
    cpu.socket.bind(model->regs.socket);
    block.socket.bind(model->fifo);
    available = std::make_unique<test::InterruptProbe>(model->available);
    interrupt = std::make_unique<test::InterruptProbe>(model->interrupt);
    agenda.at(0, [this, control] { cpu.write32(kControl, control); });
  }

  /// The job number taken from the FIFO socket, or none.
  std::optional<uint32_t> take(uint64_t task) {
    abi::ReleaseWords words{};
    if (block.read(task * release_port::kStride, words) != tlm::TLM_OK_RESPONSE) return std::nullopt;
    return words.job;
  }

  observe::ObserverHub hub_;
  test::RecordingObserver observer{{"fifo.t0", "release.interrupt"}};
  test::Initiator cpu{"cpu"};
  test::Initiator block{"block"};
  std::unique_ptr<JobRelease> model;
  std::unique_ptr<test::InterruptProbe> available;
  std::unique_ptr<test::InterruptProbe> interrupt;
};

TEST_F(JobReleaseTest, JobEntersAtTheEdgeOfItsReleaseAndInterruptFollowsOneCycleLater) {
  make({{edge(100) - 1, edge(200), edge(300) + 1}});
  for (uint64_t n : {100U, 200U, 301U}) {
    agenda.at(edge(n + 10), [this] { cpu.write32(kTask + kTaskPop, 0); });
  }
  run_until(edge(400));
  EXPECT_THAT(available->rises(), ElementsAre(edge(100), edge(200), edge(301)));
  EXPECT_THAT(interrupt->rises(), ElementsAre(edge(101), edge(201), edge(302)));
  EXPECT_THAT(interrupt->falls(), ElementsAre(edge(110), edge(210), edge(311)));
  EXPECT_THAT(available->falls(), ElementsAre(edge(110), edge(210), edge(311)));
}

TEST_F(JobReleaseTest, AReleaseAtTimeZeroEntersAtTimeZero) {
  make({{0}});
  run_until(edge(5));
  EXPECT_THAT(available->rises(), ElementsAre(0));
  EXPECT_THAT(interrupt->rises(), ElementsAre(edge(1)));
}

TEST_F(JobReleaseTest, TellsObserversTheNominalReleaseInOrder) {
  make({{edge(10) + 7, edge(30)}, {edge(20)}});
  run_until(edge(50));
  ASSERT_EQ(observer.released.size(), 3U);
  EXPECT_EQ(observer.released[0].job, (observe::JobId{0, 0}));
  EXPECT_EQ(observer.released[0].release, edge(10) + 7);
  EXPECT_EQ(observer.released[0].deadline, edge(10) + 7 + ms(1).ps);
  EXPECT_EQ(observer.released[1].job, (observe::JobId{1, 0}));
  EXPECT_EQ(observer.released[2].job, (observe::JobId{0, 1}));
}

TEST_F(JobReleaseTest, InterruptStaysLowUntilEnabledAndFallsWhenDisabled) {
  make({{edge(10)}}, {}, 0);
  agenda.at(edge(50), [this] { cpu.write32(kControl, kControlInterruptEnable); });
  agenda.at(edge(60), [this] { cpu.write32(kControl, 0); });
  run_until(edge(100));
  EXPECT_THAT(interrupt->rises(), ElementsAre(edge(51)));
  EXPECT_THAT(interrupt->falls(), ElementsAre(edge(60)));
}

TEST_F(JobReleaseTest, AJobTakenBeforeTheInterruptRisesLeavesItLow) {
  make({{edge(10)}}, {.interrupt_cycles = 5});
  agenda.at(edge(12), [this] { EXPECT_EQ(take(0), 0U); });
  run_until(edge(100));
  EXPECT_THAT(interrupt->rises(), IsEmpty());
}

TEST_F(JobReleaseTest, InterruptWithoutDelayRisesWithTheJob) {
  make({{edge(10)}}, {.interrupt_cycles = 0});
  run_until(edge(100));
  EXPECT_THAT(interrupt->rises(), ElementsAre(edge(10)));
}

TEST_F(JobReleaseTest, WindowShowsTheOldestJobAndPendingItsTask) {
  make({{}, {edge(10), edge(20)}});
  agenda.at(edge(30), [this] {
    uint32_t window = kTask + kTaskStride;
    EXPECT_EQ(cpu.read32(kPendingLow), 2U);
    EXPECT_EQ(cpu.read32(kPendingHigh), 0U);
    EXPECT_EQ(cpu.read32(window), 0U);
    EXPECT_EQ(cpu.read32(window + 4), static_cast<uint32_t>(edge(10)));
    EXPECT_EQ(cpu.read32(window + 12), static_cast<uint32_t>(edge(10) + ms(1).ps));
    cpu.write32(window + kTaskPop, 1);
    EXPECT_EQ(cpu.read32(window), 1U);
    EXPECT_EQ(cpu.read32(window + 4), static_cast<uint32_t>(edge(20)));
    cpu.write32(window + kTaskPop, 1);
    EXPECT_EQ(cpu.read32(kPendingLow), 0U);
    EXPECT_EQ(cpu.read32(window + 4), 0U);
    cpu.write32(window + kTaskPop, 1);
  });
  run_until(edge(40));
}

TEST_F(JobReleaseTest, TimesBeyondThirtyTwoBitsAreSplit) {
  uint64_t late = ms(100).ps;
  make({{late}});
  agenda.at(late + us(1).ps, [this, late] {
    EXPECT_EQ(cpu.read32(kTask + 8), static_cast<uint32_t>(late >> 32));
    EXPECT_EQ(cpu.read32(kTask + 16), static_cast<uint32_t>((late + ms(1).ps) >> 32));
  });
  run_until(late + us(2).ps);
}

TEST_F(JobReleaseTest, FullFifoDelaysButNeverDrops) {
  make({{edge(10), edge(11), edge(12), edge(13)}}, {.fifo_depth = 2});
  std::vector<uint32_t> taken;
  agenda.at(edge(20), [&] {
    EXPECT_EQ(cpu.read32(kLate), 2U);
    while (auto job = take(0)) taken.push_back(*job);
  });
  run_until(edge(30));
  EXPECT_THAT(taken, ElementsAre(0, 1, 2, 3));
  ASSERT_EQ(observer.released.size(), 4U);
  EXPECT_FALSE(observer.released[1].late);
  EXPECT_TRUE(observer.released[2].late);
  EXPECT_TRUE(observer.released[3].late);
  using Change = test::RecordingObserver::Change;
  EXPECT_THAT(observer.changes["fifo.t0"],
              ElementsAre(Change{0, "0"}, Change{edge(10), "1"}, Change{edge(11), "2"}, Change{edge(20), "1"},
                          Change{edge(20), "0"}));
}

TEST_F(JobReleaseTest, EveryEntryIsAnEdgeOfAvailable) {
  make({{edge(10)}, {edge(15)}});
  run_until(edge(30));
  EXPECT_THAT(available->rises(), ElementsAre(edge(10), edge(15)));
  EXPECT_TRUE(available->level());
}

TEST_F(JobReleaseTest, FifoSocketRefusesWhatItDoesNotHave) {
  make({{edge(10)}});
  agenda.at(edge(20), [this] {
    abi::ReleaseWords words{};
    uint64_t mask = 0;
    EXPECT_EQ(block.read(release_port::kWaiting, mask), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(mask, 1U);
    EXPECT_EQ(block.read(release_port::kStride, words), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(block.write(0, words), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(block.read(0, mask), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(take(0), 0U);
    EXPECT_EQ(take(0), std::nullopt);
    EXPECT_EQ(block.read(release_port::kWaiting, mask), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(mask, 0U);
  });
  run_until(edge(30));
}

TEST_F(JobReleaseTest, ReadOnlyRegistersRefuseWrites) {
  make({{}});
  agenda.at(edge(1), [this] {
    EXPECT_EQ(cpu.write<uint32_t>(kPendingLow, 1), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(cpu.write<uint32_t>(kTask, 1), tlm::TLM_COMMAND_ERROR_RESPONSE);
    uint32_t value = 0;
    EXPECT_EQ(cpu.read<uint32_t>(kTask + kTaskStride, value), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
  run_until(edge(10));
}

TEST_F(JobReleaseTest, NothingWakesWithoutReleases) {
  make({{}});
  run_until(edge(10));
  EXPECT_FALSE(sc_core::sc_pending_activity());
}

}  // namespace
}  // namespace vesper::scheduler
