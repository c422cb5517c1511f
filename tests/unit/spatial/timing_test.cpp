#include "models/spatial/timing.h"

#include <gmock/gmock.h>

#include "tests/unit/spatial/designs.h"

namespace vesper::spatial {
namespace {

using ::testing::Each;
using ::testing::Eq;
using workload::Graph;

/// A cycle is a nanosecond, an array one AIE, and rows leave one a cycle in the last 8 cycles of a step.
struct Bench {
  Bench() {
    device.pl_clock = MHz(1000);
    device.step_overhead = ns(8);
    accelerator.tile = {8, 16, 16};
    accelerator.stages = {"a"};
  }
  /// `operators` behind a product of 8 x 16 by 16 x `columns`.
  [[nodiscard]] ChainTimes times(uint32_t columns, const std::string& operators, bool pipeline = true) const {
    const Graph graph = workload::read_graph(scenario::parse_yaml(
        "name: n\ngraph:\n  input: [8, 16]\n  operators:\n    - {name: a, matmul: [8, 16, " +
            std::to_string(columns) + "], inputs: [input]}\n" + operators,
        "net.yaml"));
    return chain_times(graph, 0, accelerator, device, pipeline);
  }
  Device device;
  Accelerator accelerator;
};
const std::string kReal = "    - {name: r, op: reformat, format: fp32, inputs: [a]}\n";
const std::string kNorm = "    - {name: n, op: layer_norm, inputs: [r]}\n";

TEST(SpatialTiming, AnEngineThatKeepsUpAddsItsDepth) {
  Bench bench;
  const uint64_t depth = find_engine("reformat")->depth;
  EXPECT_EQ(bench.times(16, kReal).behind_ps.at(0), depth * 1000);
  EXPECT_EQ(bench.times(16, kReal).stall_ps, 0U);
}

TEST(SpatialTiming, PassesAddRowTimes) {
  Bench bench;
  const uint64_t depth = find_engine("reformat")->depth + find_engine("layer_norm")->depth;
  EXPECT_EQ(bench.times(16, kReal + kNorm).behind_ps.at(1), (2 + depth) * 1000);
  bench.accelerator.lanes = 8;  // 2 cycles a row: the last of 8 rows comes 7 x 2 behind the first, not 7
  EXPECT_EQ(bench.times(16, kReal + kNorm).behind_ps.at(1), (7 + 2 * 2 + depth) * 1000);
}

TEST(SpatialTiming, ReductionsTakeWholeRowsOthersWhatAStepCompletes) {
  Bench bench;
  const uint64_t depth = find_engine("reformat")->depth;
  EXPECT_EQ(bench.times(64, kReal).behind_ps.at(0), depth * 1000);
  // Rows of 64 columns take 4 cycles; the array gives the last 16 of each a cycle apart.
  const uint64_t all = depth + find_engine("layer_norm")->depth;
  EXPECT_EQ(bench.times(64, kReal + kNorm).behind_ps.at(1), (7 * 3 + 2 * 4 + all) * 1000);
}

TEST(SpatialTiming, WorkWithinTheOverheadOfAStepCostsNothing) {
  Bench bench;
  const uint64_t depth = find_engine("reformat")->depth;
  bench.device.step_overhead = ns(8 + 3);
  EXPECT_EQ(bench.times(16, kReal).behind_ps.at(0), (depth - 3) * 1000);
  bench.device.step_overhead = ns(100);
  EXPECT_EQ(bench.times(16, kReal).behind_ps.at(0), 0U);
}

TEST(SpatialTiming, ASlowEngineHoldsUpTheArray) {
  Bench bench;
  bench.accelerator.lanes = 1;  // 16 cycles a row, 128 a packet; a step takes 16 + 8
  bench.accelerator.tile = {4, 16, 16};
  const ChainTimes two = bench.times(16, kReal);  // two blocks of 4 rows
  EXPECT_EQ(two.stall_ps, (4 * 16 - (8 + 8)) * 1000U);
}

TEST(SpatialTiming, WithoutPipelineAnEngineTakesTheWholeMatrixOnAllLanes) {
  Bench bench;
  const uint64_t cycles = 8 * 16 / 16;
  EXPECT_EQ(bench.times(16, kReal + kNorm, false).behind_ps.at(0), cycles * 1000);
  EXPECT_EQ(bench.times(16, kReal + kNorm, false).behind_ps.at(1), (1 + 3) * cycles * 1000);
}

TEST(SpatialTiming, NothingBehindCostsNothing) {
  const Graph graph = deit_t();
  const Design design = accelerators(6);
  const ChainTimes context =
      chain_times(graph, graph.products_of("context").front(), design.accelerators[2], design.device, true);
  EXPECT_TRUE(context.behind_ps.empty());
  EXPECT_EQ(context.stall_ps, 0U);
}

}  // namespace
}  // namespace vesper::spatial
