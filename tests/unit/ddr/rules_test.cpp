#include <gmock/gmock.h>

#include <algorithm>
#include <array>

#include "models/ddr/controller.h"
#include "tests/conformance/ddr/traffic.h"
#include "tests/unit/ddr/timing_checker.h"

namespace vesper::ddr {
namespace {

using ::testing::IsEmpty;
using testing::SplitMix64;
using testing::TimingChecker;

Part ddr4_two_ranks() {
  Part part;
  part.ranks = 2;
  return part;
}

/// No bank groups, long bursts, few clocks between refreshes.
Part narrow_part() {
  Part part;
  part.bank_groups = 1;
  part.banks = 8;
  part.bus_bits = 32;
  part.burst_length = 16;
  part.tccd_s = part.tccd_l = 8;
  part.trrd_l = part.trrd_s = 10;
  part.twtr_l = part.twtr_s = 10;
  part.tfaw = 60;
  part.trefi = 3000;
  return part;
}

struct Case {
  const char* policy;
  Part part;
  const char* map;
};

const Case kCases[] = {
    {"frfcfs-drain", Part{}, "16R-2B-2BG-10C"},
    {"frfcfs-drain", Part{}, "6R-2B-1BG-11R-7C-1BG-3C"},
    {"frfcfs-drain", ddr4_two_ranks(), "1RK-16R-2B-1BG-7C-1BG-3C"},
    {"frfcfs-drain", narrow_part(), "16R-3B-10C"},
    {"versal", Part{}, "16R-2B-1BG-7C-1BG-3C"},
    {"versal", Part{}, "16R-7C-2B-2BG-3C"},
    {"versal", ddr4_two_ranks(), "16R-2B-2BG-1RK-10C"},
    {"versal", narrow_part(), "16R-3B-10C"},
};
const PagePolicy kPages[] = {PagePolicy::open, PagePolicy::closed, PagePolicy::adaptive};

/// Random requests of random length, direction, locality and distance in time.
class RandomTraffic {
 public:
  RandomTraffic(uint64_t seed, uint32_t ports) : random_(seed), ports_(ports) {
    write_share_ = random_.next() % 101;
    region_ = uint64_t{64} << (random_.next() % 24);
    most_bytes_ = 1U << (random_.next() % 13);
    spread_ = random_.next() % 3 == 0 ? 20'000 : random_.next() % 200;
  }
  Request next(uint64_t number) {
    const auto bytes = static_cast<uint32_t>(1 + random_.next() % most_bytes_);
    uint64_t address = random_.next() % region_;
    if (address / 4096 != (address + bytes - 1) / 4096) address = address / 4096 * 4096;
    return {.address = address,
            .bytes = bytes,
            .port = static_cast<uint32_t>(random_.next() % ports_),
            .task = static_cast<uint32_t>(random_.next() % 5),
            .urgency = static_cast<uint8_t>(random_.next() % 3),
            .write = random_.next() % 100 < write_share_,
            .cookie = number};
  }
  Clock pause() { return spread_ == 0 ? 0 : random_.next() % spread_; }

 private:
  SplitMix64 random_;
  uint32_t ports_;
  uint64_t write_share_, region_, most_bytes_, spread_;
};

/// Runs requests through a controller; every one has to be answered once, at or after a stated bound.
class Trial {
 public:
  /// The log is checked against `truth`, or else against the controller's own part.
  Trial(const Case& c, PagePolicy page, uint64_t seed, const Part* truth = nullptr)
      : checker_(truth != nullptr ? *truth : c.part), traffic_(seed, 4) {
    ControllerSettings settings;
    settings.policy = c.policy;
    settings.map = c.map;
    settings.page = page;
    settings.outstanding = seed % 3 == 0 ? 7 : 0;
    controller_ = make_controller(c.part, settings);
    controller_->set_log(&checker_);
  }

  void requests(uint64_t count) {
    for (uint64_t k = 0; k < count; ++k) {
      now_ += traffic_.pause();
      step_to(now_);
      const Request request = traffic_.next(k);
      controller_->submit(request, now_);
      sent_.push_back({request, now_});
      answers_.push_back(0);
    }
    for (int i = 0; i < 100'000 && controller_->requests_under_way() != 0; ++i) {
      step_to(std::max(now_ + 1, std::min(controller_->next_completion(), controller_->first_known()) + 1));
    }
    checker_.check_refreshes(now_);
  }

  [[nodiscard]] const std::vector<std::string>& violations() const { return checker_.violations(); }
  [[nodiscard]] bool each_answered_once() const {
    return std::all_of(answers_.begin(), answers_.end(), [](int n) { return n == 1; });
  }
  [[nodiscard]] int out_of_order() const { return out_of_order_; }
  [[nodiscard]] int before_bound() const { return before_bound_; }
  [[nodiscard]] int sums_wrong() const { return sums_wrong_; }
  /// Totals and the matrix of who waited for whom agree with what each request was told, task by task.
  void expect_totals() const {
    for (uint32_t task = 0; task < expected_.size(); ++task) {
      const TaskTotals& totals = controller_->accounting().totals(task);
      uint64_t lost = 0;
      for (uint32_t other = 0; other < kMaxTasks; ++other)
        lost += controller_->accounting().lost(task, other);
      EXPECT_EQ(lost, totals.parts[static_cast<size_t>(Cause::arbitration)]);
      EXPECT_EQ(totals.parts, expected_[task].parts);
      EXPECT_EQ(totals.latency, expected_[task].latency);
      EXPECT_EQ(totals.requests, expected_[task].requests);
      EXPECT_EQ(totals.read_bytes, expected_[task].read_bytes);
      EXPECT_EQ(totals.write_bytes, expected_[task].write_bytes);
    }
  }

 private:
  void step_to(Clock clock) {
    while (true) {
      const Clock bound = std::min(controller_->next_completion(), controller_->first_known());
      const Clock target = std::min(clock, bound == kNever ? clock : bound + 1);
      controller_->advance(target);
      Completed completed;
      while (controller_->take_completed(target, completed)) note(completed, bound);
      now_ = std::max(now_, target);
      if (target == clock) return;
    }
  }

  void note(const Completed& completed, Clock bound) {
    ++answers_[completed.request.cookie];
    if (completed.clock < bound) ++before_bound_;
    uint64_t sum = 0;
    for (const uint64_t part : *completed.parts) sum += part;
    if (sum != completed.clock - completed.arrival) ++sums_wrong_;
    expect(completed);
    if (completed.request.write) return;
    uint64_t& last = last_read_[completed.request.port];
    if (completed.request.cookie < last) ++out_of_order_;
    last = completed.request.cookie;
  }

  void expect(const Completed& completed) {
    TaskTotals& totals = expected_[completed.request.task];
    ++totals.requests;
    totals.latency += completed.clock - completed.arrival;
    (completed.request.write ? totals.write_bytes : totals.read_bytes) += completed.request.bytes;
    for (size_t cause = 0; cause < kCauses; ++cause) totals.parts[cause] += (*completed.parts)[cause];
  }

  TimingChecker checker_;
  RandomTraffic traffic_;
  std::unique_ptr<Controller> controller_;
  std::vector<std::pair<Request, Clock>> sent_;
  std::vector<int> answers_;
  std::array<uint64_t, 4> last_read_{};
  std::array<TaskTotals, 5> expected_{};
  Clock now_ = 0;
  int out_of_order_ = 0;
  int before_bound_ = 0;
  int sums_wrong_ = 0;
};

class Rules : public ::testing::TestWithParam<size_t> {};

TEST_P(Rules, HoldUnderRandomTrafficOfManySeeds) {
  const Case& c = kCases[GetParam()];
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    const PagePolicy page = kPages[seed % 3];
    Trial run(c, page, seed);
    run.requests(150);
    ASSERT_THAT(run.violations(), IsEmpty()) << c.policy << " seed " << seed;
    ASSERT_TRUE(run.each_answered_once()) << c.policy << " seed " << seed;
    ASSERT_EQ(run.before_bound(), 0) << c.policy << " seed " << seed;
    ASSERT_EQ(run.sums_wrong(), 0) << c.policy << " seed " << seed;
    run.expect_totals();
    ASSERT_FALSE(HasFailure()) << c.policy << " seed " << seed;
    if (std::string(c.policy) == "versal") {
      ASSERT_EQ(run.out_of_order(), 0) << "reads of a port, seed " << seed;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Controllers, Rules, ::testing::Range<size_t>(0, std::size(kCases)));

/// A controller that believes in shorter timings has to be caught, timing by timing.
TEST(Rules, EveryTimingMatters) {
  using Field = uint32_t Part::*;
  const std::pair<Field, const char*> timings[] = {
      {&Part::trcd, "tRCD"},     {&Part::trp, "tRP"},
      {&Part::tras, "tRAS"},     {&Part::trc, "tRC"},
      {&Part::trfc, "tRFC"},     {&Part::trrd_s, "tRRD_S"},
      {&Part::trrd_l, "tRRD_L"}, {&Part::tfaw, "tFAW"},
      {&Part::tccd_l, "tCCD"},   {&Part::twtr_s, "tWTR"},
      {&Part::twtr_l, "tWTR"},   {&Part::twr, "tWR"},
      {&Part::trtp, "tRTP"},     {&Part::trtw_gap, "read to write"}};
  Part slow;  // every constraint binds somewhere in this part
  slow.tras = 40;
  slow.trc = 70;
  slow.trrd_s = 5;
  slow.tfaw = 60;
  slow.trtp = 20;
  for (const auto& [field, rule] : timings) {
    Part believed = slow;
    --(believed.*field);
    if (field == &Part::trc) believed.trp -= 3, believed.trcd = 20;
    bool caught = false;
    for (uint64_t seed = 1; seed <= 60 && !caught; ++seed) {
      Trial trial({"frfcfs-drain", believed, "16R-2B-1BG-7C-1BG-3C"}, kPages[seed % 3], seed, &slow);
      trial.requests(150);
      for (const std::string& violation : trial.violations()) caught = caught || violation.starts_with(rule);
    }
    EXPECT_TRUE(caught) << rule;
  }
}

// The checker itself must find what it is there for.

TEST(TimingChecker, FindsAReadTooSoonAfterItsActivate) {
  TimingChecker checker{Part{}};
  checker.issued({CommandKind::activate, 0, 5, 0, 100});
  checker.issued({CommandKind::read, 0, 5, 0, 100 + Part{}.trcd - 1});
  EXPECT_THAT(checker.violations(), ::testing::ElementsAre(::testing::HasSubstr("tRCD")));
}

TEST(TimingChecker, FindsAFifthActivateInTheWindow) {
  TimingChecker checker{Part{}};
  for (uint32_t i = 0; i < 4; ++i) checker.issued({CommandKind::activate, 4 * i, 0, 0, 100 + 8 * i});
  checker.issued({CommandKind::activate, 1, 0, 0, 133});
  EXPECT_THAT(checker.violations(), ::testing::ElementsAre(::testing::HasSubstr("tFAW")));
}

TEST(TimingChecker, FindsAReadTooSoonAfterAWrite) {
  TimingChecker checker{Part{}};
  checker.issued({CommandKind::activate, 0, 0, 0, 100});
  checker.issued({CommandKind::activate, 4, 0, 0, 104});
  checker.issued({CommandKind::write, 0, 0, 0, 200});
  checker.issued({CommandKind::read, 4, 0, 0, 223});  // another bank group: CWL + 4 + tWTR_S = 24
  EXPECT_THAT(checker.violations(), ::testing::ElementsAre(::testing::HasSubstr("tWTR")));
}

TEST(TimingChecker, FindsAMissingRefresh) {
  TimingChecker checker{Part{}};
  checker.check_refreshes(10 * Part{}.trefi);
  EXPECT_EQ(checker.violations().size(), 1U);
}

}  // namespace
}  // namespace vesper::ddr
