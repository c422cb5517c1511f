#include "models/accelerator/job_memory.h"

#include <gtest/gtest.h>

namespace vesper::accelerator {
namespace {

core::Environment two_tasks() {
  core::Environment environment;
  environment.requesters = {"a", "b", "traffic"};
  environment.tasks.resize(2);
  environment.tasks[0].tensors = {0x1000, 0x2000};
  environment.tasks[1].tensors = {0x3000, 0x5000};
  environment.spare_memory->next = 0x8000;
  return environment;
}

TEST(JobMemory, OneJobAfterTheOtherTakesTheTasksOwnMemory) {
  JobMemory memory(two_tasks());
  for (uint32_t job = 0; job < 5; ++job) {
    memory.begin({0, job});
    EXPECT_EQ(memory.offset({0, job}), 0U);
    memory.end({0, job});
  }
}

TEST(JobMemory, JobsThatLiveSideBySideLieApart) {
  JobMemory memory(two_tasks());
  memory.begin({0, 0});
  memory.begin({1, 0});
  memory.begin({1, 1});
  memory.begin({0, 1});
  memory.begin({0, 1});
  EXPECT_EQ(memory.offset({0, 0}), 0U);
  EXPECT_EQ(memory.offset({1, 0}), 0U);
  EXPECT_EQ(0x3000 + memory.offset({1, 1}), 0x8000U);
  EXPECT_EQ(0x1000 + memory.offset({0, 1}), 0x8000U + 0x5000);
}

TEST(JobMemory, MemoryOfEndedJobsIsUsedAgainTheTasksOwnFirst) {
  core::Environment environment = two_tasks();
  JobMemory memory(environment);
  for (uint32_t job : {0U, 1U, 2U}) memory.begin({0, job});
  EXPECT_EQ(environment.spare_memory->next, 0x8000U + 2 * 0x2000);
  for (uint32_t job : {2U, 0U, 1U}) memory.end({0, job});
  memory.begin({0, 3});
  EXPECT_EQ(memory.offset({0, 3}), 0U);
  memory.begin({0, 4});
  EXPECT_EQ(0x1000 + memory.offset({0, 4}), 0x8000U);
  EXPECT_EQ(environment.spare_memory->next, 0x8000U + 2 * 0x2000) << "nothing new was taken";
}

TEST(JobMemory, AcceleratorsThatShareMemoryTakeDifferentSpareMemory) {
  core::Environment environment = two_tasks();
  JobMemory first(environment);
  JobMemory second(environment);
  first.begin({0, 0});
  second.begin({1, 0});
  first.begin({0, 1});
  second.begin({1, 1});
  EXPECT_EQ(0x1000 + first.offset({0, 1}), 0x8000U);
  EXPECT_EQ(0x3000 + second.offset({1, 1}), 0x8000U + 0x2000);
}

TEST(JobMemory, ATaskWhoseMemoryIsNotKnownKeepsItsJobsInOnePlace) {
  core::Environment environment;
  environment.requesters = {"a"};
  JobMemory memory(environment);
  memory.begin({0, 0});
  memory.begin({0, 1});
  EXPECT_EQ(memory.offset({0, 1}), 0U);
  memory.end({0, 7});
}

}  // namespace
}  // namespace vesper::accelerator
