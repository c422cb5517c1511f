// How many decisions of Dysta the number format of its scores changes, and what comes of it.
#include "tests/conformance/dysta/arithmetic.h"

#include <gmock/gmock.h>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

TEST(DystaArithmetic, FormatsOfFewerBitsChangeFewDecisionsAsTheReadmeSays) {
  std::vector<ArithmeticRow> rows = arithmetic_rows();
  EXPECT_THAT(read_file(VESPER_SOURCE_DIR "/tests/conformance/dysta/README.md"),
              ::testing::HasSubstr(markdown_of(rows)))
      << "bench_dysta_arithmetic prints the table anew";
  ASSERT_EQ(rows.size(), 15U);
  for (size_t i = 0; i < rows.size(); i += 3) {
    const ArithmeticRow &fp64 = rows[i], &fp32 = rows[i + 1], &fp16 = rows[i + 2];
    EXPECT_GT(fp64.decisions, 10'000U);
    EXPECT_EQ(fp64.differ, 0U);
    EXPECT_LE(fp32.differ, fp16.differ);
    EXPECT_GT(fp16.differ, 0U) << "fp16 is not in use";
    EXPECT_LT(static_cast<double>(fp16.differ), 0.05 * static_cast<double>(fp16.decisions)) << fp16.workload;
  }
}

}  // namespace
}  // namespace vesper::test
