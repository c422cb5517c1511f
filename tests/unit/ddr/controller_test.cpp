#include "models/ddr/controller.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/unit/ddr/timing_checker.h"

namespace vesper::ddr {
namespace {

using ::testing::ElementsAre;
using testing::TimingChecker;

class ControllerTest : public ::testing::TestWithParam<const char*> {
 protected:
  void make(ControllerSettings settings = {}) {
    settings.policy = GetParam();
    settings.map = "16R-2B-2BG-10C";
    controller_ = make_controller(part_, settings);
    controller_->set_log(&log_);
  }
  void submit(uint64_t address, bool write, Clock at, uint32_t bytes = 64, uint32_t port = 0,
              uint8_t urgency = 0) {
    controller_->submit({.address = address,
                         .bytes = bytes,
                         .port = port,
                         .urgency = urgency,
                         .write = write,
                         .cookie = address},
                        at);
  }
  std::vector<Completed> run_until(Clock clock) {
    controller_->advance(clock);
    std::vector<Completed> all;
    Completed completed;
    while (controller_->take_completed(clock, completed)) all.push_back(completed);
    return all;
  }
  [[nodiscard]] std::vector<CommandKind> kinds() const {
    std::vector<CommandKind> kinds;
    for (const Command& command : log_.commands()) kinds.push_back(command.kind);
    return kinds;
  }

  static constexpr uint64_t kRow = uint64_t{1} << 17;
  Part part_;
  TimingChecker log_{part_};
  std::unique_ptr<Controller> controller_;
};

TEST_P(ControllerTest, IdleReadOfAClosedBankTakesActivateReadAndBurst) {
  make();
  submit(0, false, 100);
  const auto done = run_until(1000);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].accepted, 100U);
  EXPECT_EQ(done[0].clock, 100U + 1 + part_.trcd + part_.cl + 4);
}

TEST_P(ControllerTest, RowHitNeedsNoActivate) {
  make();
  submit(0, false, 100);
  submit(64, false, 500);
  const auto done = run_until(1000);
  EXPECT_EQ(done.at(1).clock, 500U + 1 + part_.cl + 4);
}

TEST_P(ControllerTest, AnotherRowCostsAPrechargeMore) {
  make();
  submit(0, false, 100);
  submit(kRow, false, 500);
  const auto done = run_until(1000);
  EXPECT_EQ(done.at(1).clock, 500U + 1 + part_.trp + part_.trcd + part_.cl + 4);
}

TEST_P(ControllerTest, WritesAreAnsweredAClockAfterAcceptance) {
  make();
  submit(0, true, 100);
  const auto done = run_until(1000);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].clock, 101U);
}

TEST_P(ControllerTest, BurstsOfARequestStreamAtTheirBankGroupsPace) {
  make();
  submit(0, false, 100, 4096);
  const auto done = run_until(2000);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].clock, 100U + 1 + part_.trcd + 63 * part_.tccd_l + part_.cl + 4);
}

TEST_P(ControllerTest, AReadFindsItsDataInAHeldWrite) {
  make();
  submit(0, true, 100);
  submit(0, false, 100);
  const auto done = run_until(1000);
  ASSERT_EQ(done.size(), 2U);
  EXPECT_LE(done[1].clock, 104U);
  EXPECT_EQ(log_.count(CommandKind::read), 0U);
}

TEST_P(ControllerTest, AWriteNeverPassesAReadOfItsAddress) {
  ControllerSettings settings;
  settings.write_queue = 4;
  settings.write_high = 2;
  settings.write_low = 1;
  make(settings);
  // Row 1 keeps the bank busy; the read of row 0 has to wait, writes fill their queue meanwhile.
  for (uint64_t i = 0; i < 6; ++i) submit(kRow + 64 * i, false, 100);
  submit(0, false, 100);
  submit(0, true, 100);
  for (uint64_t i = 1; i < 6; ++i) submit(kRow * 2 + 64 * i, true, 100);
  run_until(5000);
  Clock read = 0;
  Clock write = kNever;
  for (const Command& command : log_.commands()) {
    if (command.block != 0) continue;
    if (command.kind == CommandKind::read) read = command.clock;
    if (command.kind == CommandKind::write) write = std::min(write, command.clock);
  }
  EXPECT_NE(read, 0U);
  EXPECT_LT(read, write);
}

TEST_P(ControllerTest, RefreshComesEveryTrefi) {
  make();
  run_until(10 * part_.trefi + 1);
  EXPECT_EQ(controller_->refreshes(), 10U);
  for (size_t i = 0; i < log_.commands().size(); ++i) {
    EXPECT_EQ(log_.commands()[i].clock, (i + 1) * part_.trefi);
  }
}

TEST_P(ControllerTest, AReadDuringRefreshWaitsForItsEnd) {
  make();
  submit(0, false, part_.trefi + 1);
  const auto done = run_until(20'000);
  EXPECT_EQ(done.at(0).clock, Clock{part_.trefi} + part_.trfc + part_.trcd + part_.cl + 4);
}

TEST_P(ControllerTest, IdleTimeIsSkippedNotStepped) {
  make();
  controller_->set_log(nullptr);
  submit(0, false, 100);
  run_until(1000);
  const uint64_t before = controller_->commands();
  const Clock hour = Clock{3600} * 1'600'000'000;
  submit(64, false, hour);
  const auto done = run_until(hour + 5000);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_LT(controller_->commands() - before, 20U);
  // All refreshes are counted all the same.
  EXPECT_EQ(controller_->refreshes(), (hour + 4999) / part_.trefi);
}

TEST_P(ControllerTest, ClosedPagesCloseWithTheirLastQueuedHit) {
  ControllerSettings settings;
  settings.page = PagePolicy::closed;
  make(settings);
  submit(0, false, 100, 128);
  run_until(1000);
  EXPECT_THAT(kinds(), ElementsAre(CommandKind::activate, CommandKind::read, CommandKind::read_precharge));
}

TEST_P(ControllerTest, AdaptivePagesCloseWhenAnotherRowWaits) {
  ControllerSettings settings;
  settings.page = PagePolicy::adaptive;
  make(settings);
  submit(0, false, 100);
  submit(kRow, false, 100);
  run_until(1000);
  EXPECT_THAT(kinds(), ElementsAre(CommandKind::activate, CommandKind::read_precharge, CommandKind::activate,
                                   CommandKind::read));
}

TEST_P(ControllerTest, ARowIsGivenUpAfterTheCapOfHits) {
  ControllerSettings settings;
  settings.row_hit_cap = 3;
  make(settings);
  submit(0, false, 100);
  submit(kRow, false, 100);
  for (uint64_t i = 1; i < 20; ++i) submit(64 * i, false, 100);
  run_until(3000);
  uint32_t hits = 0;
  for (const Command& command : log_.commands()) {
    if (command.kind == CommandKind::precharge) break;
    hits += command.kind == CommandKind::read ? 1 : 0;
  }
  // frfcfs-drain goes on with hits while the precharge is not ready, and at tCCD_L = 8 < tRTP = 12 it never
  // is.
  EXPECT_EQ(hits, std::string(GetParam()) == "versal" ? 3U : 20U);
}

TEST_P(ControllerTest, TheMoreUrgentPortGoesFirst) {
  ControllerSettings settings;
  settings.grant_bursts = 1;
  make(settings);
  for (uint64_t i = 0; i < 8; ++i) submit(64 * i, false, 100, 64, 0, 2);
  for (uint64_t i = 0; i < 8; ++i) submit(kRow + 64 * i, false, 100, 64, 1, 0);
  std::vector<Completed> done = run_until(3000);
  ASSERT_EQ(done.size(), 16U);
  Clock last_urgent = 0;
  Clock first_other = kNever;
  for (const Completed& completed : done) {
    if (completed.request.port == 1)
      last_urgent = std::max(last_urgent, completed.accepted);
    else
      first_other = std::min(first_other, completed.accepted);
  }
  EXPECT_LT(last_urgent, first_other);
}

TEST_P(ControllerTest, AStarvingPortIsServedAllTheSame) {
  ControllerSettings settings;
  settings.starvation = 300;
  make(settings);
  submit(0, false, 100, 64, 0, 2);
  for (uint64_t i = 0; i < 200; ++i) submit(kRow + 64 * i, false, 100, 64, 1, 0);
  for (const Completed& completed : run_until(20'000)) {
    if (completed.request.port != 0) continue;
    EXPECT_LT(completed.accepted, 600U);
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, ControllerTest, ::testing::Values("frfcfs-drain", "versal"),
                         [](const auto& policy) { return std::string(policy.param).substr(0, 6); });

TEST(Controllers, AnUnknownPolicyIsRefusedWithTheNames) {
  ControllerSettings settings;
  settings.policy = "fifo";
  try {
    make_controller(Part{}, settings);
    ADD_FAILURE();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(),
                ::testing::AllOf(::testing::HasSubstr("frfcfs-drain"), ::testing::HasSubstr("versal")));
  }
}

}  // namespace
}  // namespace vesper::ddr
