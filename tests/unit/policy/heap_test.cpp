#include <bit>

#include "tests/unit/policy/policy_fixture.h"

namespace vesper::policy {
namespace {

/// Levels moved by insertion and by removal of the root.
class HeapWorkTest : public ::testing::Test {
 protected:
  uint32_t push(Time deadline) {
    edf->release(0, id_++, 0, deadline);
    Work work = edf->policy().take_work();
    EXPECT_EQ(work.levels_down, 0U);
    return work.levels_up;
  }
  uint32_t pop() {
    Instruction instruction;
    EXPECT_TRUE(edf->next(0, instruction));
    edf->region_done({});
    Work work = edf->policy().take_work();
    EXPECT_EQ(work.levels_up, 0U);
    return work.levels_down;
  }
  Scheduler edf{"edf", {{1, 0, 0}}};

 private:
  uint32_t id_ = 0;
};

TEST_F(HeapWorkTest, EarlierDeadlinesMoveToTheRoot) {
  for (uint32_t size = 1; size <= kMaxJobs; ++size) {
    ASSERT_EQ(push(10'000 - size), static_cast<uint32_t>(std::bit_width(size)) - 1) << size;
  }
}

TEST_F(HeapWorkTest, LaterDeadlinesStayAtTheLeaf) {
  for (uint32_t size = 1; size <= kMaxJobs; ++size) ASSERT_EQ(push(size), 0U);
}

TEST_F(HeapWorkTest, EqualDeadlinesDoNotMove) {
  for (uint32_t size = 1; size <= 100; ++size) ASSERT_EQ(push(7), 0U);
}

TEST_F(HeapWorkTest, RemovalSiftsTheLastLeafDown) {
  for (Time deadline = 1; deadline <= 7; ++deadline) push(deadline);
  EXPECT_EQ(pop(), 2U);  // 7 below 2 and 4
  EXPECT_EQ(pop(), 1U);  // 6 below 3
  EXPECT_EQ(pop(), 1U);  // 5 below 4, not below 7
  EXPECT_EQ(pop(), 1U);  // 7 below 5
  EXPECT_EQ(pop(), 0U);  // 6 stays above 7
  EXPECT_EQ(pop(), 0U);
  EXPECT_EQ(pop(), 0U);
}

TEST_F(HeapWorkTest, CountersStartAgainOnceTaken) {
  edf->release(0, 0, 0, 9);
  edf->release(0, 1, 0, 8);
  EXPECT_EQ(edf->policy().take_work().levels_up, 1U);
  EXPECT_EQ(edf->policy().take_work().levels_up, 0U);
}

}  // namespace
}  // namespace vesper::policy
