/// EDF, fixed priority and FCFS against a list that is searched for the least key.
#include <map>
#include <tuple>

#include "platform/property/random.h"
#include "tests/unit/policy/policy_fixture.h"

namespace vesper::policy {
namespace {

struct ListedJob {
  uint16_t task = 0;
  uint32_t id = 0;
  Time release = 0;
  Time deadline = 0;
  uint32_t next_region = 0;
  uint64_t accepted = 0;
};

/// What each policy orders by; the order of acceptance breaks ties.
struct Order {
  const char* policy;
  uint64_t (*key)(const ListedJob&);
  friend void PrintTo(const Order& order, std::ostream* out) { *out << order.policy; }
};

uint32_t priority_of(uint16_t task) { return task % 5; }

const Order kOrders[] = {
    {"edf", [](const ListedJob& job) { return job.deadline; }},
    {"fixed-priority", [](const ListedJob& job) { return uint64_t{priority_of(job.task)}; }},
    {"fcfs", [](const ListedJob& job) { return job.release; }},
};

class ReferenceList {
 public:
  explicit ReferenceList(const Order& order) : order_(order) {}
  void add(ListedJob job) {
    job.accepted = accepted_++;
    jobs_.push_back(job);
  }
  [[nodiscard]] size_t size() const { return jobs_.size(); }
  ListedJob& least() {
    return *std::ranges::min_element(
        jobs_, {}, [this](const ListedJob& job) { return std::pair(order_.key(job), job.accepted); });
  }
  void remove_least() { jobs_.erase(jobs_.begin() + (&least() - jobs_.data())); }

 private:
  const Order& order_;
  std::vector<ListedJob> jobs_;
  uint64_t accepted_ = 0;
};

class PolicyTest : public ::testing::TestWithParam<Order> {
 protected:
  static constexpr uint16_t kTasks = 20;
  static constexpr uint32_t kRegions = 3;

  static std::vector<TaskParameters> tasks() {
    std::vector<TaskParameters> all;
    for (uint16_t task = 0; task < kTasks; ++task) all.push_back({kRegions, priority_of(task), 0});
    return all;
  }
  ListedJob draw(SplitMix64& random, Time now) {
    auto task = static_cast<uint16_t>(random.up_to(kTasks - 1));
    Time release = now - random.up_to(std::min<Time>(now, 5));
    return {task, ids_[task]++, release, release + random.up_to(30), 0, 0};  // ties are common
  }

 private:
  std::map<uint16_t, uint32_t> ids_;
};

TEST_P(PolicyTest, ChoosesTheLeastKeyOverRandomSequences) {
  SplitMix64 random(2024);
  Scheduler scheduler(GetParam().policy, tasks());
  ReferenceList list(GetParam());
  int decisions = 0;
  for (Time now = 0; now < 30'000; ++now) {
    uint64_t dice = random.up_to(99);
    if (dice < 30 && scheduler->has_room()) {
      ListedJob job = draw(random, now);
      ASSERT_TRUE(scheduler->release(job.task, job.id, job.release, job.deadline));
      list.add(job);
    } else if (!scheduler->accelerator_idle()) {
      scheduler->region_done({now, 0});
    }
    Instruction instruction;
    bool expected = scheduler->accelerator_idle() && list.size() > 0;
    ASSERT_EQ(scheduler->next(now, instruction), expected) << "at " << now;
    if (!expected) continue;
    ListedJob& least = list.least();
    ASSERT_EQ(std::tuple(instruction.task, instruction.job, instruction.region),
              std::tuple(least.task, least.id, least.next_region))
        << "at " << now;
    ++decisions;
    if (++least.next_region == kRegions) list.remove_least();
  }
  EXPECT_GT(decisions, 10'000);
}

TEST_P(PolicyTest, TiesKeepTheOrderOfAcceptance) {
  Scheduler scheduler(GetParam().policy, std::vector<TaskParameters>(4, {1, 7, 0}));
  for (uint16_t task : std::initializer_list<uint16_t>{2, 0, 3, 1}) scheduler->release(task, 5, 10, 20);
  for (uint16_t task : std::initializer_list<uint16_t>{2, 0, 3, 1}) {
    Instruction instruction;
    ASSERT_TRUE(scheduler->next(30, instruction));
    EXPECT_EQ(instruction.task, task);
    scheduler->region_done({31, 0});
  }
}

TEST_P(PolicyTest, HoldsAsManyJobsAsTheTable) {
  SplitMix64 random(5);
  Scheduler scheduler(GetParam().policy, tasks());
  ReferenceList list(GetParam());
  for (int i = 0; i < kMaxJobs; ++i) {
    ListedJob job = draw(random, 100);
    ASSERT_TRUE(scheduler->has_room());
    ASSERT_TRUE(scheduler->release(job.task, job.id, job.release, job.deadline));
    list.add(job);
  }
  EXPECT_FALSE(scheduler->has_room());
  EXPECT_FALSE(scheduler->release(0, 99, 0, 0)) << "one more than the queue holds";
  while (list.size() > 0) {
    Instruction instruction;
    ASSERT_TRUE(scheduler->next(200, instruction));
    ListedJob& least = list.least();
    ASSERT_EQ(std::pair(instruction.task, instruction.job), std::pair(least.task, least.id));
    if (++least.next_region == kRegions) list.remove_least();
    scheduler->region_done({200, 0});
  }
  EXPECT_TRUE(scheduler->has_room());
  EXPECT_EQ(scheduler->jobs().used(), 0);
}

TEST_P(PolicyTest, AskingDoesNotChangeTheAnswer) {
  SplitMix64 random(8);
  Scheduler scheduler(GetParam().policy, tasks());
  for (int i = 0; i < 100; ++i) {
    ListedJob job = draw(random, 50);
    scheduler->release(job.task, job.id, job.release, job.deadline);
  }
  JobRef first = scheduler->policy().next(60);
  EXPECT_EQ(scheduler->policy().next(60), first);
  EXPECT_EQ(scheduler->policy().next(1'000'000), first);
}

TEST_P(PolicyTest, QueuedListsEveryReadyJobOnce) {
  SplitMix64 random(9);
  Scheduler scheduler(GetParam().policy, tasks());
  for (int i = 0; i < 37; ++i) {
    ListedJob job = draw(random, 50);
    scheduler->release(job.task, job.id, job.release, job.deadline);
  }
  std::vector<uint16_t> slots;
  for (uint16_t i = 0; scheduler->policy().queued(i); ++i)
    slots.push_back(scheduler->policy().queued(i).slot);
  std::ranges::sort(slots);
  EXPECT_EQ(slots.size(), 37U);
  EXPECT_EQ(std::ranges::adjacent_find(slots), slots.end());
  EXPECT_EQ(scheduler->policy().queued(0), scheduler->policy().next(60));
}

INSTANTIATE_TEST_SUITE_P(Policies, PolicyTest, ::testing::ValuesIn(kOrders),
                         [](const ::testing::TestParamInfo<Order>& tested) {
                           std::string name = tested.param.policy;
                           std::erase(name, '-');
                           return name;
                         });

TEST(PolicyRegistryTest, FindsPoliciesByNameAndNoOthers) {
  EXPECT_EQ(find_policy("earliest"), nullptr);
  EXPECT_EQ(find_policy(""), nullptr);
  EXPECT_EQ(find_policy("ed"), nullptr);
  for (const PolicyInfo* info = first_policy(); info != nullptr; info = info->next) {
    EXPECT_EQ(find_policy(info->name), info);
    EXPECT_LE(info->size, kPolicyStorage);
    EXPECT_STRNE(info->help, "");
  }
}

}  // namespace
}  // namespace vesper::policy
