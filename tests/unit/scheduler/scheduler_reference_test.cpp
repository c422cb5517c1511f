/// The block against a naive model of the same loop that steps through every cycle, on random workloads.
#include <map>

#include "platform/property/random.h"
#include "tests/unit/scheduler/scheduler_bench.h"

namespace vesper::scheduler {
namespace {

struct PlannedRelease {
  Cycles cycle = 0;
  uint16_t task = 0;
  uint64_t deadline = 0;
};

/// Every cycle, every channel: no arithmetic over idle time, a heap of its own.
class NaiveLoop {
 public:
  struct Out {
    Cycles cycle;
    uint32_t task, job, region;
    bool preempt, resume;
  };
  using RunTime = std::function<Cycles(uint32_t task, uint32_t job, uint32_t region)>;

  NaiveLoop(std::vector<uint32_t> regions, const std::vector<PlannedRelease>& releases, RunTime run_time,
            uint32_t capacity)
      : regions_(std::move(regions)),
        run_time_(std::move(run_time)),
        capacity_(capacity),
        fifos_(regions_.size()) {
    std::vector<uint32_t> numbers(regions_.size(), 0);
    for (const PlannedRelease& release : releases) {
      fifos_[release.task].push_back(
          {release.cycle, release.task, numbers[release.task]++, release.deadline, 0, 0});
    }
  }

  std::vector<Out> run(Cycles until) {
    Cycles now = 0;
    for (size_t channel = 0; now < until; channel = (channel + 1) % (regions_.size() + 2)) {
      if (channel == 0) {
        now += feedback(now);
      } else if (channel <= regions_.size()) {
        now += release(fifos_[channel - 1], now);
      } else {
        now += issue(now);
      }
    }
    return out_;
  }
  [[nodiscard]] size_t fullest() const { return fullest_; }

 private:
  struct NaiveJob {
    Cycles entered;
    uint32_t task, id;
    uint64_t deadline;
    uint64_t accepted;
    uint32_t region;
    [[nodiscard]] auto key() const { return std::pair(deadline, accepted); }
  };

  Cycles feedback(Cycles now) {
    if (!feedback_at_ || *feedback_at_ > now) return 1;
    feedback_at_.reset();
    allowed_ = true;
    return 2;
  }
  Cycles release(std::deque<NaiveJob>& fifo, Cycles now) {
    if (fifo.empty() || fifo.front().entered > now || heap_.size() == capacity_) return 1;
    NaiveJob job = fifo.front();
    fifo.pop_front();
    job.accepted = accepted_++;
    heap_.push_back(job);
    fullest_ = std::max(fullest_, heap_.size());
    Cycles levels = 0;
    for (size_t i = heap_.size() - 1; i > 0 && heap_[i].key() < heap_[(i - 1) / 2].key(); i = (i - 1) / 2) {
      std::swap(heap_[i], heap_[(i - 1) / 2]);
      ++levels;
    }
    return levels == 0 ? 3 : 2 * levels + 5;
  }
  Cycles issue(Cycles now) {
    if (!allowed_ || heap_.empty()) return 1;
    allowed_ = false;
    NaiveJob& root = heap_.front();
    std::pair<uint32_t, uint32_t> identity{root.task, root.id};
    bool same = on_chip_ == identity;
    Out out{0, root.task, root.id, root.region, on_chip_.has_value() && !same, !same && root.region > 0};
    bool last = ++root.region == regions_[root.task];
    on_chip_ = last ? std::nullopt : std::optional(identity);
    Cycles took = 3;
    if (last) {
      Cycles levels = remove_root();
      took += levels == 0 ? 1 : 3 * levels + 1;
    }
    out.cycle = now + took;
    feedback_at_ = out.cycle + run_time_(out.task, out.job, out.region);
    out_.push_back(out);
    return took;
  }
  Cycles remove_root() {
    heap_.front() = heap_.back();
    heap_.pop_back();
    Cycles levels = 0;
    for (size_t i = 0; 2 * i + 1 < heap_.size(); ++levels) {
      size_t child = 2 * i + 1;
      if (child + 1 < heap_.size() && heap_[child + 1].key() < heap_[child].key()) ++child;
      if (!(heap_[child].key() < heap_[i].key())) break;
      std::swap(heap_[child], heap_[i]);
      i = child;
    }
    return levels;
  }

  std::vector<uint32_t> regions_;
  RunTime run_time_;
  size_t capacity_;
  size_t fullest_ = 0;
  std::vector<std::deque<NaiveJob>> fifos_;
  std::vector<NaiveJob> heap_;
  std::optional<Cycles> feedback_at_;
  std::optional<std::pair<uint32_t, uint32_t>> on_chip_;
  bool allowed_ = true;
  uint64_t accepted_ = 0;
  std::vector<Out> out_;
};

struct Case {
  uint32_t tasks;
  bool traced;  ///< waves must not change what happens
  uint32_t capacity;
  friend void PrintTo(const Case& c, std::ostream* out) {
    *out << c.tasks << " tasks, capacity " << c.capacity << (c.traced ? ", traced" : "");
  }
};

class ReferenceTest : public test::SchedulerBench, public ::testing::WithParamInterface<Case> {
 protected:
  static constexpr Cycles kEnd = 400'000;

  ReferenceTest()
      : SchedulerBench(GetParam().traced ? std::vector<std::string>{"scheduler.state", "scheduler.heap"}
                                         : std::vector<std::string>{}) {}

  /// Bursts and pauses; equal deadlines are common.
  void plan_releases() {
    for (Cycles cycle = 0; cycle < kEnd - 10'000;) {
      cycle += random.up_to(3) == 0 ? random.up_to(2) : random.up_to(200 + 8 * GetParam().tasks);
      auto task = static_cast<uint16_t>(random.up_to(GetParam().tasks - 1));
      planned.push_back({cycle, task, edge(cycle) + random.up_to(20) * us(1).ps});
    }
  }
  static Cycles duration(uint32_t task, uint32_t job, uint32_t region) {
    return 1 + SplitMix64(task * 1'000'003ULL + job * 101ULL + region).up_to(40);
  }

  SplitMix64 random{GetParam().tasks};
  std::vector<PlannedRelease> planned;
};

TEST_P(ReferenceTest, SameInstructionsInTheSameCycles) {
  std::vector<uint32_t> regions;
  for (uint32_t i = 0; i < GetParam().tasks; ++i) regions.push_back(1 + i % 4 % 3);
  plan_releases();
  make(regions, {}, "edf", GetParam().capacity);
  for (const PlannedRelease& release : planned) release_at(release.cycle, release.task, release.deadline);
  run_time = [](const Issued& i) { return duration(i.task, i.job, i.region); };
  run_until(edge(kEnd));

  NaiveLoop naive(regions, planned, duration, GetParam().capacity);
  auto expected = naive.run(kEnd);
  std::erase_if(expected, [](const NaiveLoop::Out& out) { return out.cycle > kEnd; });
  ASSERT_GT(expected.size(), 2000U);
  ASSERT_EQ(naive.fullest() == GetParam().capacity, GetParam().capacity < policy::kPublishedJobs);
  for (size_t i = 0; i < std::min(issued.size(), expected.size()); ++i) {
    const NaiveLoop::Out& e = expected[i];
    ASSERT_EQ(issued[i], (Issued{e.cycle, e.task, e.job, e.region, e.preempt, e.resume})) << "decision " << i;
  }
  EXPECT_EQ(issued.size(), expected.size());
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (uint32_t tasks : {1U, 2U, 3U, 4U, 7U, 8U, 15U, 64U}) {
    for (bool traced : {false, true}) {
      for (uint32_t capacity : {uint32_t{policy::kPublishedJobs}, 2U})
        all.push_back({tasks, traced, capacity});
    }
  }
  return all;
}

std::string name_of(const ::testing::TestParamInfo<Case>& tested) {
  return std::to_string(tested.param.tasks) + "_capacity_" + std::to_string(tested.param.capacity) +
         (tested.param.traced ? "_traced" : "");
}

INSTANTIATE_TEST_SUITE_P(Tasks, ReferenceTest, ::testing::ValuesIn(cases()), name_of);

}  // namespace
}  // namespace vesper::scheduler
