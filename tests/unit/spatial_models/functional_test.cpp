// Whatever runs where, in whatever regions and order: every result is the reference's, bit for bit.
#include "tests/unit/spatial_models/design_bench.h"

namespace vesper::spatial {
namespace {

using ::testing::HasSubstr;

/// An attention layer without what lies between its products; 50 rows fill no tile.
const std::string kAttention = R"(
name: attention
graph:
  input: [50, 96]
  operators:
    - {name: qkv, matmul: [50, 96, 288], inputs: [input]}
    - {name: scores, matmul: [50, 32, 150], heads: 3, transposed: true, inputs: [qkv 0..95, qkv 96..191]}
    - {name: context, matmul: [50, 50, 96], heads: 3, inputs: [scores, qkv 192..287]}
    - {name: projection, matmul: [50, 96, 96], inputs: [context]}
    - {name: head, matmul: [1, 96, 10], inputs: [projection]}
)";
const std::string kSequential = R"(
images: 3
accelerators:
  - {name: all, array: [1, 2, 2], tile: [32, 32, 32], stages: [qkv, scores, context, projection, head]}
)";
const std::string kHybrid = R"(
images: 2
accelerators:
  - {name: linear, array: [2, 1, 3], tile: [16, 48, 32], pinned: true, stages: [qkv, projection, head]}
  - {name: attention, array: [1, 2, 1], tile: [16, 32, 32], units: 3, stages: [scores, context]}
)";
const std::string kSpatial = R"(
images: 3
accelerators:
  - {name: q, array: [1, 2, 4], tile: [32, 48, 24], pinned: true, stages: [qkv]}
  - {name: s, array: [2, 1, 2], tile: [16, 32, 32], units: 2, stages: [scores]}
  - {name: c, array: [1, 2, 1], tile: [48, 32, 32], units: 3, stages: [context]}
  - {name: p, array: [1, 1, 4], tile: [16, 96, 32], pinned: true, stages: [projection]}
  - {name: h, array: [1, 1, 1], tile: [4, 96, 32], pinned: true, stages: [head]}
)";

struct Case {
  const char* name;
  std::string design;
  uint32_t steps_a_region;
};

class SpatialFunctional : public DesignBench, public ::testing::WithParamInterface<Case> {};

TEST_P(SpatialFunctional, AllResultsAreTheReferences) {
  make({.nets = {Net{.graph = kAttention, .images = 2, .releases = {0, us(30).ps}},
                 Net{.graph = kAttention, .releases = {us(20).ps}, .deadline = us(60).ps}},
        .design = GetParam().design,
        .steps_a_region = GetParam().steps_a_region,
        .policy = "edf",
        .functional = true});
  run_until(ms(50));
  EXPECT_EQ(core::failure_message(), "");
  const observe::FunctionalTotals checked = report().functional.value();
  EXPECT_EQ(checked.jobs_checked, 3U);
  EXPECT_EQ(checked.mismatches, 0U);
}

INSTANTIATE_TEST_SUITE_P(Designs, SpatialFunctional,
                         ::testing::Values(Case{"Sequential", kSequential, 0},
                                           Case{"SequentialByTheStep", kSequential, 1},
                                           Case{"Hybrid", kHybrid, 0}, Case{"HybridByTheStep", kHybrid, 1},
                                           Case{"Spatial", kSpatial, 0}, Case{"SpatialByThree", kSpatial, 3},
                                           Case{"ThroughMemory", "forwarding: ddr" + kHybrid, 2},
                                           Case{"NotPipelined", "pipeline: false" + kHybrid, 1}),
                         [](const auto& shown) { return shown.param.name; });

class SpatialMismatch : public DesignBench {};

TEST_F(SpatialMismatch, AWrongElementEndsTheRunAndIsNamed) {
  make({.nets = {Net{.graph = kAttention}}, .design = kHybrid, .functional = true});
  relays["attention"]->change = [](pl::StreamPacket& packet, std::byte* values) {
    if (packet.op == 2 && packet.first_row == 16) values[2 * packet.columns + 40] ^= std::byte{1};
  };
  run_until(ms(50));
  EXPECT_THAT(
      core::failure_message(),
      HasSubstr("stream_switch: context of job 0, image 0: row 18, column 40 is not what the reference"));
  EXPECT_EQ(report().functional->mismatches, 1U);
}

}  // namespace
}  // namespace vesper::spatial
