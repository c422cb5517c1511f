// How many decisions of Dysta the number format of its scores changes.
#include <gmock/gmock.h>

#include <set>

#include "tests/conformance/dysta/mixes.h"

namespace vesper::test {
namespace {

/// The same run decided in fp64, with a second policy over the same jobs that is asked what it would do.
struct Difference {
  uint64_t decisions = 0;
  uint64_t other = 0;
};

Difference decisions_that_differ(const workload::RequestMix& mix, double arithmetic) {
  Difference difference;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    ServerLoad load = server_load(mix, seed);
    QueueSimulator simulator(load.tasks, load.requests);
    difference.other += simulator.compare({"dysta", "", {}}, {"dysta", "", {{"arithmetic", arithmetic}}});
    difference.decisions += simulator.decisions();
  }
  return difference;
}

class DystaArithmetic : public ::testing::TestWithParam<workload::RequestMix (*)()> {};

TEST_P(DystaArithmetic, FormatsOfFewerBitsChangeFewDecisions) {
  Difference fp32 = decisions_that_differ(GetParam()(), 1);
  Difference fp16 = decisions_that_differ(GetParam()(), 2);
  std::printf("of %llu decisions differ from fp64: fp32 %llu, fp16 %llu\n",
              static_cast<unsigned long long>(fp32.decisions), static_cast<unsigned long long>(fp32.other),
              static_cast<unsigned long long>(fp16.other));
  EXPECT_GT(fp32.decisions, 50'000U);
  EXPECT_LE(fp32.other, fp16.other);
  EXPECT_GT(fp16.other, 0U) << "fp16 is not in use";
  EXPECT_LT(static_cast<double>(fp16.other), 0.05 * static_cast<double>(fp16.decisions));
}

INSTANTIATE_TEST_SUITE_P(Mixes, DystaArithmetic,
                         ::testing::Values(workload::attention_mix, workload::convolution_mix));

}  // namespace
}  // namespace vesper::test
