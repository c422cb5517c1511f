/// The bounds of CLARE (RTSS 2025), hardware scheduler, for N = 1..15 tasks of at most one unfinished job
/// each: feedback 2 cycles, release 2 L + 5, issue 3 L + 4, and (2 N + 3) L + 3 N + 4 both from the end of a
/// feedback's turn to the instruction of that pass and from a job's entry in its FIFO to its being ready; L =
/// ceil(log2 N).
#include <algorithm>
#include <array>
#include <bit>
#include <iostream>

#include "platform/property/random.h"
#include "tests/unit/scheduler/scheduler_bench.h"

namespace vesper::scheduler {
namespace {

constexpr uint32_t ceil_log2(uint32_t n) { return static_cast<uint32_t>(std::bit_width(n - 1)); }
constexpr uint32_t floor_log2(uint32_t n) { return static_cast<uint32_t>(std::bit_width(n)) - 1; }

struct Bounds {
  explicit Bounds(uint32_t n)
      : release(2 * ceil_log2(n) + 5),
        issue(3 * ceil_log2(n) + 4),
        whole((2 * n + 3) * ceil_log2(n) + 3 * n + 4) {}
  uint32_t feedback = 2;
  uint32_t release;
  uint32_t issue;
  uint32_t whole;
};

/// Costs of this micro-architecture by levels moved.
constexpr uint32_t release_cycles(uint32_t levels) { return levels == 0 ? 3 : 2 * levels + 5; }
constexpr uint32_t issue_cycles(uint32_t levels) { return levels == 0 ? 4 : 3 * levels + 4; }

/// Releases into an empty heap up to n jobs, each moving up to the root.
constexpr uint32_t filling_cycles(uint32_t n) {
  uint32_t sum = 0;
  for (uint32_t size = 1; size <= n; ++size) sum += release_cycles(floor_log2(size));
  return sum;
}
/// Most levels the last leaf sifts down when the root of n jobs is removed.
constexpr uint32_t most_levels_down(uint32_t n) { return n < 2 ? 0 : floor_log2(n - 1); }

/// Cycles to fill an empty heap with jobs of these deadlines in this order, and to issue the root as its
/// job's last region: by the policy's own count of the levels it moves.
uint32_t cycles_of(const std::vector<uint32_t>& deadlines) {
  policy::TaskParameters task{1, 0, 0};
  policy::Dispatcher dispatcher(&task, 1);
  const policy::PolicyInfo* info = policy::find_policy("edf");
  auto storage = std::make_unique<std::byte[]>(info->size);
  dispatcher.use(*info->make(storage.get(), dispatcher.jobs(), nullptr));
  uint32_t sum = 0;
  for (uint32_t deadline : deadlines) {
    dispatcher.release(0, 0, 0, deadline);
    sum += release_cycles(dispatcher.policy().take_work().levels_up);
  }
  policy::Instruction instruction;
  if (!dispatcher.next(0, instruction)) return sum;
  return sum + issue_cycles(dispatcher.policy().take_work().levels_down);
}

std::vector<uint32_t> descending(uint32_t n) {
  std::vector<uint32_t> order(n);
  for (uint32_t i = 0; i < n; ++i) order[i] = n - i;
  return order;
}

/// The order of n releases that takes most cycles, the dequeuing issue included: of descending deadlines and
/// all that come from them by moving one element.
///
/// No other order takes more. Descending deadlines alone move every release to the root, and fall short of
/// the most levels down by at most one, 3 cycles (asserted below). Each release that does not reach the root
/// loses at least 2, so that a better order has just one such release: it is a descending order with one
/// element moved.
std::vector<uint32_t> worst_order(uint32_t n) {
  std::vector<uint32_t> worst = descending(n);
  for (uint32_t from = 0; from < n; ++from) {
    for (uint32_t to = 0; to < n; ++to) {
      std::vector<uint32_t> moved = descending(n);
      uint32_t deadline = moved[from];
      moved.erase(moved.begin() + from);
      moved.insert(moved.begin() + to, deadline);
      if (cycles_of(moved) > cycles_of(worst)) worst = moved;
    }
  }
  return worst;
}

TEST(WorstOrderTest, DescendingDeadlinesLackAtMostOneLevelOfRemoval) {
  for (uint32_t n = 1; n <= 15; ++n) {
    uint32_t everything = filling_cycles(n) + issue_cycles(most_levels_down(n));
    EXPECT_LE(everything - cycles_of(descending(n)), 3U) << n;
  }
}

TEST(WorstOrderTest, NoOrderOfUpToSevenTakesMore) {
  for (uint32_t n = 1; n <= 7; ++n) {
    std::vector<uint32_t> order = descending(n);
    std::ranges::reverse(order);
    uint32_t most = 0;
    do {
      most = std::max(most, cycles_of(order));
    } while (std::ranges::next_permutation(order).found);
    EXPECT_EQ(cycles_of(worst_order(n)), most) << n;
  }
}

class LatencyTest : public test::SchedulerBench, public ::testing::WithParamInterface<uint32_t> {
 protected:
  LatencyTest() : SchedulerBench({"scheduler.state"}) {}

  [[nodiscard]] uint32_t tasks() const { return GetParam(); }

  /// Longest turn of each kind, from the wave.
  std::map<std::string, Cycles> longest_turns() {
    std::map<std::string, Cycles> longest;
    const auto& changes = observer.changes["scheduler.state"];
    for (size_t i = 0; i + 1 < changes.size(); ++i) {
      Cycles took = clock.cycle_at_or_after(changes[i + 1].at) - clock.cycle_at_or_after(changes[i].at);
      std::string kind = changes[i].value.substr(0, changes[i].value.find(' '));
      longest[kind] = std::max(longest[kind], took);
    }
    return longest;
  }

  /// A job of each task from `first` on, in the loop's order with the deadlines that take most cycles.
  void release_all(uint16_t first = 0) {
    std::vector<uint32_t> order = worst_order(tasks() - first);
    for (uint16_t task = first; task < tasks(); ++task)
      release_now(task, ms(1).ps + us(order[task - first]).ps);
  }
  /// The same, the later the task, the earlier the deadline: every release moves to the root.
  void release_all_descending(uint16_t first) {
    for (uint16_t task = first; task < tasks(); ++task) release_now(task, ms(100).ps - us(task).ps);
  }
};

/// Every task releases its next job some time after the last is complete; regions take at least the 6 cycles
/// of the kernel management.
TEST_P(LatencyTest, EveryTurnAndEveryDelayStaysWithinItsBound) {
  SplitMix64 random(tasks());
  std::vector<uint32_t> regions;
  for (uint32_t i = 0; i < tasks(); ++i) regions.push_back(1 + static_cast<uint32_t>(random.up_to(2)));
  make(regions);
  auto release_later = [&](uint16_t task) {
    Cycles wait = random.up_to(1) == 0 ? random.up_to(3) : random.up_to(50ULL * tasks());
    agenda.at(edge(clock.cycle_at_or_after(core::now_ps()) + wait),
              [&, task] { release_now(task, core::now_ps() + random.up_to(us(100).ps)); });
  };
  for (uint16_t task = 0; task < tasks(); ++task) agenda.at(0, [&, task] { release_later(task); });
  run_time = [&](const Issued&) { return 6 + random.up_to(1) * random.up_to(100); };
  on_feedback_given = [&](const Issued& done) {
    if (done.region + 1 == regions[done.task]) release_later(static_cast<uint16_t>(done.task));
  };
  run_until(edge(300'000));

  Bounds bounds(tasks());
  ASSERT_GT(issued.size(), 2000U);
  EXPECT_EQ(counter(SchedulerBlock::kWorstFeedback), bounds.feedback);
  EXPECT_LE(counter(SchedulerBlock::kWorstRelease), bounds.release);
  EXPECT_LE(counter(SchedulerBlock::kWorstIssue), bounds.issue);
  EXPECT_LE(counter(SchedulerBlock::kWorstFeedbackToInstruction), bounds.whole);
  EXPECT_LE(counter(SchedulerBlock::kWorstReleaseToReady), bounds.whole);
}

TEST_P(LatencyTest, TheWaveAgreesWithTheCounters) {
  make(std::vector<uint32_t>(tasks(), 1));
  run_time = [](const Issued&) { return 50; };
  agenda.at(edge(3), [this] { release_all(); });
  run_until(edge(10'000));
  auto longest = longest_turns();
  Bounds bounds(tasks());
  EXPECT_EQ(longest["feedback"], bounds.feedback);
  EXPECT_LE(longest["release"], bounds.release);
  EXPECT_LE(longest["issue"], bounds.issue);
  EXPECT_EQ(longest["release"], counter(SchedulerBlock::kWorstRelease));
  EXPECT_EQ(longest["issue"], counter(SchedulerBlock::kWorstIssue));
}

/// The longest way from a feedback to the next instruction: the heap is empty, every task releases while the
/// feedback is handled, in the order that moves most levels, and the chosen job is dequeued.
TEST_P(LatencyTest, WorstFeedbackToInstruction) {
  uint32_t n = tasks();
  make(std::vector<uint32_t>(n, 1));
  agenda.at(0, [this] { release_now(0, ms(1).ps); });
  run_until(edge(n + 8));
  // FIFO 0 is checked at 1, ready at 4, n - 1 empty FIFOs, issue at n + 3, 4 cycles.
  ASSERT_EQ(issued.back().cycle, n + 7);
  Cycles feedback = n + 7 + 20ULL * (n + 2);  // the loop is at the feedback channel again
  agenda.at(edge(feedback), [this] { EXPECT_EQ(give_feedback(), tlm::TLM_OK_RESPONSE); });
  agenda.at(edge(feedback + 1), [this] { release_all(); });
  run_until(edge(feedback + 1000));

  ASSERT_EQ(issued.size(), 2U);
  Cycles measured = issued[1].cycle - (feedback + 2);
  uint32_t most = cycles_of(worst_order(n));
  std::cout << "N " << n << ": feedback handled -> instruction " << measured << " cycles, bound "
            << Bounds(n).whole << "\n";
  EXPECT_EQ(measured, most);
  constexpr std::array<Cycles, 15> kMost = {7, 14, 21, 33, 42, 52, 60, 74, 85, 96, 107, 119, 129, 140, 151};
  EXPECT_EQ(measured, kMost.at(n - 1));
  EXPECT_EQ(measured, counter(SchedulerBlock::kWorstFeedbackToInstruction));
  EXPECT_LE(measured, Bounds(n).whole);
}

/// The longest wait of a release with an idle accelerator: it just missed its turn, all others come first in
/// the order that moves most levels, one of them is dequeued and issued.
TEST_P(LatencyTest, WorstReleaseToReadyBehindAnIssue) {
  uint32_t n = tasks();
  make(std::vector<uint32_t>(n, 1));
  Cycles missed = 1 + 10ULL * (n + 2) + 1;  // the edge after FIFO 0 has been checked
  agenda.at(edge(missed), [this] {
    release_all(1);
    release_now(0, 1);
  });
  run_until(edge(missed + 1000));

  uint32_t others = n - 1;
  uint32_t filled_and_issued =
      others == 0 ? 1 : cycles_of(worst_order(others));  // alone, it waits for an empty issue channel
  uint32_t last = release_cycles(floor_log2(std::max(1U, others)));
  uint32_t expected = filled_and_issued + 1 + last;  // 1: the empty feedback channel
  uint32_t measured = counter(SchedulerBlock::kWorstReleaseToReady);
  std::cout << "N " << n << ": release -> ready behind an issue " << measured << " cycles, bound "
            << Bounds(n).whole << "\n";
  EXPECT_EQ(measured, expected);
  EXPECT_LE(measured, Bounds(n).whole);
}

/// The same with a busy accelerator whose feedback comes first: the heap is one larger, but nothing is
/// issued.
TEST_P(LatencyTest, WorstReleaseToReadyBehindAFeedback) {
  uint32_t n = tasks();
  make(std::vector<uint32_t>(n, 1));
  agenda.at(0, [this] { release_now(0, ms(1).ps); });
  Cycles instruction = n + 7;  // as above
  Cycles missed = instruction + 10ULL * (n + 2) + 2;
  agenda.at(edge(missed), [this] {
    release_all_descending(1);
    release_now(0, 1);
    EXPECT_EQ(give_feedback(), tlm::TLM_OK_RESPONSE);
  });
  run_until(edge(missed + 1000));

  uint32_t expected = filling_cycles(n - 1) + 1 + 2 + release_cycles(floor_log2(n));
  uint32_t measured = counter(SchedulerBlock::kWorstReleaseToReady);
  std::cout << "N " << n << ": release -> ready behind a feedback " << measured << " cycles, bound "
            << Bounds(n).whole << "\n";
  EXPECT_EQ(measured, expected);
  EXPECT_LE(measured, Bounds(n).whole);
}

INSTANTIATE_TEST_SUITE_P(Tasks, LatencyTest, ::testing::Range(1U, 16U));

}  // namespace
}  // namespace vesper::scheduler
