#include "models/ddr/accounting.h"

#include <gmock/gmock.h>

#include <numeric>

#include "models/ddr/controller.h"

namespace vesper::ddr {
namespace {

uint64_t part_of(const Breakdown& parts, Cause cause) { return parts[static_cast<size_t>(cause)]; }

class AccountingTest : public ::testing::Test {
 protected:
  void make(const char* policy = "frfcfs-drain") {
    ControllerSettings settings;
    settings.policy = policy;
    settings.map = "16R-2B-2BG-10C";
    controller_ = make_controller(part_, settings);
  }
  void submit(uint64_t address, bool write, Clock at, uint32_t task, uint32_t bytes = 64) {
    controller_->advance(at);
    controller_->submit({.address = address, .bytes = bytes, .task = task, .write = write, .cookie = next_++},
                        at);
    answers_.emplace_back();
  }
  /// Completes everything; the answers' breakdowns by order of submission.
  void finish() {
    controller_->advance(1'000'000);
    Completed completed;
    while (controller_->take_completed(1'000'000, completed)) {
      Answer& answer = answers_[completed.request.cookie];
      answer.latency = completed.clock - completed.arrival;
      answer.parts = *completed.parts;
    }
  }
  struct Answer {
    uint64_t latency = 0;
    Breakdown parts{};
  };
  [[nodiscard]] uint64_t part(size_t request, Cause cause) const {
    return part_of(answers_[request].parts, cause);
  }
  void expect_sums() const {
    for (const Answer& answer : answers_) {
      EXPECT_EQ(std::accumulate(answer.parts.begin(), answer.parts.end(), uint64_t{0}), answer.latency);
    }
  }

  static constexpr uint64_t kRow = uint64_t{1} << 17;
  Part part_;
  std::unique_ptr<Controller> controller_;
  std::vector<Answer> answers_;
  uint64_t next_ = 0;
};

TEST_F(AccountingTest, AnIdleReadIsServiceAndRowMiss) {
  make();
  submit(0, false, 100, 1);
  finish();
  expect_sums();
  EXPECT_EQ(part(0, Cause::row_miss), part_.trcd);
  EXPECT_EQ(part(0, Cause::service), answers_[0].latency - part_.trcd);
  EXPECT_EQ(controller_->accounting().totals(1).rows[1], 1U);
}

TEST_F(AccountingTest, AnotherOpenRowIsABankConflict) {
  make();
  submit(0, false, 100, 1);
  submit(kRow, false, 500, 2);
  finish();
  expect_sums();
  EXPECT_EQ(part(1, Cause::bank_conflict), part_.trp);
  EXPECT_EQ(part(1, Cause::row_miss), part_.trcd);
  EXPECT_EQ(controller_->accounting().totals(2).rows[2], 1U);
}

TEST_F(AccountingTest, ARowHitIsServiceAlone) {
  make();
  submit(0, false, 100, 1);
  submit(64, false, 500, 1);
  finish();
  expect_sums();
  EXPECT_EQ(part(1, Cause::service), answers_[1].latency);
  EXPECT_EQ(controller_->accounting().totals(1).rows[0], 1U);
}

TEST_F(AccountingTest, RefreshIsCharged) {
  make();
  submit(0, false, part_.trefi + 10, 1);
  finish();
  expect_sums();
  EXPECT_EQ(part(0, Cause::refresh), part_.trfc - 10);
}

TEST_F(AccountingTest, TurnaroundIsCharged) {
  make("versal");
  for (uint64_t i = 0; i < 30; ++i) submit(64 * i, true, 100, 1);
  submit(64 * 40, false, 130, 2);
  finish();
  expect_sums();
  EXPECT_GT(part(30, Cause::turnaround), 0U);
}

TEST_F(AccountingTest, WaitingForAnotherGoesToIt) {
  make();
  submit(0, false, 100, 1, 2048);
  submit(2048, false, 100, 2);
  finish();
  expect_sums();
  const Accounting& accounting = controller_->accounting();
  EXPECT_GT(part(1, Cause::arbitration), 100U);
  EXPECT_EQ(accounting.lost(2, 1), part(1, Cause::arbitration));
  EXPECT_EQ(accounting.lost(2, 2), 0U);
}

TEST_F(AccountingTest, MatrixAndTotalsReconcileExactly) {
  for (const char* policy : {"frfcfs-drain", "versal"}) {
    make(policy);
    answers_.clear();
    next_ = 0;
    uint64_t read = 0;
    uint64_t written = 0;
    for (uint64_t i = 0; i < 3000; ++i) {
      const bool write = i % 7 < 2;
      const auto bytes = static_cast<uint32_t>(64 << i % 5);
      (write ? written : read) += bytes;
      submit(i * 7919 % 4096 * 4096, write, i * 20, static_cast<uint32_t>(i % 70), bytes);
    }
    finish();
    expect_sums();
    const Accounting& accounting = controller_->accounting();
    uint64_t latency = 0;
    uint64_t read_bytes = 0;
    uint64_t write_bytes = 0;
    for (uint32_t task = 0; task < kMaxTasks; ++task) {
      const TaskTotals& totals = accounting.totals(task);
      uint64_t lost = 0;
      for (uint32_t other = 0; other < kMaxTasks; ++other) lost += accounting.lost(task, other);
      EXPECT_EQ(lost, part_of(totals.parts, Cause::arbitration)) << policy << " task " << task;
      EXPECT_EQ(std::accumulate(totals.parts.begin(), totals.parts.end(), uint64_t{0}), totals.latency);
      latency += totals.latency;
      read_bytes += totals.read_bytes;
      write_bytes += totals.write_bytes;
    }
    uint64_t expected = 0;
    for (const Answer& answer : answers_) expected += answer.latency;
    EXPECT_EQ(latency, expected);
    EXPECT_EQ(read_bytes, read);
    EXPECT_EQ(write_bytes, written);
  }
}

}  // namespace
}  // namespace vesper::ddr
