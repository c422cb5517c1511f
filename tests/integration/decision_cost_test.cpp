// The firmware's instructions for a decision grow no faster than the queue, whatever the policy.
#include "tests/support/decision_cost.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace vesper::test {
namespace {

class DecisionCostOf : public ::testing::TestWithParam<std::tuple<std::string, Regions>> {
 protected:
  static uint64_t instructions(uint32_t jobs) {
    const auto& [policy, regions] = GetParam();
    return decision_cost({policy, "", jobs, regions, Core::counting}).all_instructions();
  }
};

// a + b n with a, b >= 0 grows at most eightfold from n = 64 to 512; n log n grows 12-fold, n * n 64-fold. A
// tenth on top for branches that depend on the jobs.
TEST_P(DecisionCostOf, GrowsAtMostLinearly) {
  uint64_t few = instructions(64);
  uint64_t many = instructions(512);
  EXPECT_GT(few, 100U) << "nothing was counted";
  EXPECT_GE(many, few / 2);
  EXPECT_LE(many * 10, few * 8 * 11) << few << " instructions with 64 jobs, " << many << " with 512";
}

INSTANTIATE_TEST_SUITE_P(Policies, DecisionCostOf,
                         ::testing::Combine(::testing::ValuesIn(policy_names()),
                                            ::testing::Values(Regions::more_to_come, Regions::all_last)),
                         [](const auto& tested) {
                           std::string name = std::get<0>(tested.param);
                           std::ranges::replace(name, '-', '_');
                           return name + (std::get<1>(tested.param) == Regions::all_last ? "_last" : "");
                         });

}  // namespace
}  // namespace vesper::test
