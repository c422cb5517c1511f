#include "tests/unit/policy/policy_fixture.h"

namespace vesper::policy {
namespace {

/// EDF over three tasks of four regions; task 3 has one.
class DispatcherTest : public ::testing::Test {
 protected:
  Instruction next() {
    Instruction instruction;
    EXPECT_TRUE(edf->next(now_, instruction));
    return instruction;
  }
  void done() { edf->region_done({++now_, 0}); }
  bool idle_with_nothing() {
    Instruction instruction;
    return edf->accelerator_idle() && !edf->next(now_, instruction);
  }
  static void expect(const Instruction& actual, uint16_t task, uint32_t region, bool preempt, bool resume) {
    EXPECT_EQ(actual.task, task);
    EXPECT_EQ(actual.region, region);
    EXPECT_EQ(actual.preempt, preempt);
    EXPECT_EQ(actual.resume, resume);
  }

  Scheduler edf{"edf", {{4, 0, 0}, {4, 0, 0}, {4, 0, 0}, {1, 0, 0}}};

 private:
  Time now_ = 0;
};

TEST_F(DispatcherTest, OneJobRunsRegionAfterRegion) {
  edf->release(0, 0, 0, 100);
  for (uint32_t region = 0; region < 4; ++region) {
    expect(next(), 0, region, false, false);
    done();
  }
  EXPECT_TRUE(idle_with_nothing());
  EXPECT_EQ(edf->jobs().used(), 0);
}

TEST_F(DispatcherTest, NothingIsIssuedWhileARegionRuns) {
  edf->release(0, 0, 0, 100);
  next();
  edf->release(1, 0, 0, 50);
  Instruction instruction;
  EXPECT_FALSE(edf->next(1, instruction));
  EXPECT_FALSE(edf->accelerator_idle());
}

TEST_F(DispatcherTest, PreemptionNamesWhatIsSwappedOut) {
  edf->release(0, 7, 0, 100);
  next();
  done();
  next();
  edf->release(1, 9, 0, 50);
  done();
  Instruction instruction = next();
  expect(instruction, 1, 0, true, false);
  EXPECT_EQ(instruction.job, 9U);
  EXPECT_EQ(instruction.last_task, 0);
  EXPECT_EQ(instruction.last_job, 7U);
  EXPECT_EQ(instruction.last_region, 1U);
}

TEST_F(DispatcherTest, NestedPreemptionResumesEachOnce) {
  edf->release(0, 0, 0, 100);
  expect(next(), 0, 0, false, false);
  edf->release(1, 0, 0, 50);
  done();
  expect(next(), 1, 0, true, false);
  edf->release(2, 0, 0, 20);
  done();
  expect(next(), 2, 0, true, false);
  done();
  for (uint32_t region = 1; region < 4; ++region) {
    expect(next(), 2, region, false, false);
    done();
  }
  expect(next(), 1, 1, false, true);  // task 2 is complete: nothing to swap out
  done();
  expect(next(), 1, 2, false, false);
  done();
  expect(next(), 1, 3, false, false);
  done();
  expect(next(), 0, 1, false, true);
  done();
  expect(next(), 0, 2, false, false);
}

TEST_F(DispatcherTest, OneInstructionCanPreemptAndResume) {
  edf->release(0, 0, 0, 50);
  next();
  edf->release(3, 0, 0, 20);
  done();
  expect(next(), 3, 0, true, false);  // one region: complete when it ends
  edf->release(1, 0, 0, 30);
  done();
  expect(next(), 1, 0, false, false);
  edf->release(3, 1, 0, 10);
  done();
  expect(next(), 3, 0, true, false);
  done();
  expect(next(), 1, 1, false, true);
}

/// With a policy whose choice swings back while the other job is unfinished, both costs are paid.
class LastReleasedFirst final : public Policy {
 public:
  using Policy::Policy;
  void release(JobRef job) override { order_[count_++] = job; }
  JobRef next(Time) override { return swing_ && count_ > 1 ? order_[0] : order_[count_ - 1]; }
  void complete(JobRef) override { --count_; }
  [[nodiscard]] JobRef queued(uint16_t i) const override { return i < count_ ? order_[i] : JobRef{}; }
  void swing(bool on) { swing_ = on; }

 private:
  JobRef order_[4];
  uint16_t count_ = 0;
  bool swing_ = false;
};

TEST(SwingingPolicyTest, PreemptsAndResumesInOneInstruction) {
  TaskParameters tasks[] = {{4, 0, 0}, {4, 0, 0}};
  Dispatcher dispatcher(tasks, 2);
  LastReleasedFirst policy(dispatcher.jobs());
  dispatcher.use(policy);
  Instruction instruction;
  dispatcher.release(0, 0, 0, 0);
  ASSERT_TRUE(dispatcher.next(0, instruction));
  dispatcher.release(1, 0, 0, 0);
  dispatcher.region_done({});
  ASSERT_TRUE(dispatcher.next(0, instruction));
  EXPECT_TRUE(instruction.preempt);
  EXPECT_FALSE(instruction.resume);
  dispatcher.region_done({});
  policy.swing(true);
  ASSERT_TRUE(dispatcher.next(0, instruction));
  EXPECT_EQ(instruction.task, 0);
  EXPECT_TRUE(instruction.preempt);
  EXPECT_TRUE(instruction.resume);
  EXPECT_EQ(instruction.last_task, 1);
  EXPECT_EQ(instruction.last_region, 0U);
}

TEST_F(DispatcherTest, ANewJobOfTheSameTaskIsAnotherJob) {
  edf->release(0, 0, 0, 100);
  next();
  edf->release(0, 1, 0, 50);
  done();
  expect(next(), 0, 0, true, false);
}

TEST_F(DispatcherTest, AnUnknownTaskIsRefused) {
  EXPECT_FALSE(edf->release(4, 0, 0, 0));
  EXPECT_EQ(edf->jobs().used(), 0);
}

TEST_F(DispatcherTest, JobsCarryWhatPoliciesAskFor) {
  Scheduler scheduler("edf", {{4, 3, 77}});
  scheduler->release(0, 6, 11, 99);
  const Job& job = scheduler->jobs()[scheduler->policy().next(0)];
  EXPECT_EQ(job.priority, 3U);
  EXPECT_EQ(job.isolated_estimate, 77U);
  EXPECT_EQ(job.regions, 4U);
  EXPECT_EQ(job.release, 11U);
  EXPECT_EQ(job.deadline, 99U);
  EXPECT_EQ(job.last_run, 11U);
  Instruction instruction;
  scheduler->next(20, instruction);
  scheduler->region_done({55, 0});
  EXPECT_EQ(job.last_run, 55U);
  EXPECT_EQ(job.next_region, 1U);
}

TEST(QueueCapacity, CountsAJobUntilItsLastRegionIsIssued) {
  std::vector<TaskParameters> tasks{{.regions = 2}};
  Dispatcher dispatcher(tasks.data(), 1, 1);
  const PolicyInfo& edf = *find_policy("edf");
  std::vector<std::byte> storage(edf.size);
  dispatcher.use(*edf.make(storage.data(), dispatcher.jobs(), nullptr));
  EXPECT_TRUE(dispatcher.release(0, 0, 0, 10));
  EXPECT_FALSE(dispatcher.release(0, 1, 0, 10)) << "one job is in the queue";
  Instruction instruction;
  EXPECT_TRUE(dispatcher.next(1, instruction));
  EXPECT_FALSE(dispatcher.has_room());
  dispatcher.region_done({2, 0});
  EXPECT_TRUE(dispatcher.next(2, instruction));
  EXPECT_EQ(dispatcher.ready(), 0);
  EXPECT_TRUE(dispatcher.release(0, 1, 0, 10));
  EXPECT_FALSE(dispatcher.has_room());
}

}  // namespace
}  // namespace vesper::policy
