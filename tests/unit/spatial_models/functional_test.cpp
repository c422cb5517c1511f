// Whatever runs where, in whatever regions and order: every result is the reference's, bit for bit. A block
// of DeiT-T and small transformers go through every kind of engine.
#include "tests/unit/spatial_models/design_bench.h"

namespace vesper::spatial {
namespace {

using ::testing::HasSubstr;

/// Two blocks whose rows and columns fill no tile.
const std::string kSmall =
    "{name: small, vision_transformer: {tokens: 50, width: 96, heads: 3, blocks: 2, mlp_ratio: 2, patch: 4, "
    "classes: 10}}";
/// DeiT-T with one of its twelve blocks.
const std::string kBlock =
    "{name: block, vision_transformer: {tokens: 197, width: 192, heads: 3, blocks: 1, mlp_ratio: 4, patch: "
    "16, classes: 1000}}";
const std::string kSequential = R"(
images: 3
accelerators:
  - {name: all, array: [3, 6, 3], tile: [32, 32, 32],
     stages: [embedding, qkv, scores, context, projection, fc1, fc2, head]}
)";
const std::string kHybrid = R"(
images: 2
accelerators:
  - {name: linear, array: [2, 4, 6], tile: [16, 48, 32], stages: [embedding, qkv, projection, fc1, fc2, head]}
  - {name: attention, array: [1, 2, 1], tile: [16, 32, 32], units: 3, stages: [scores, context]}
)";
const std::string kSpatial = R"(
images: 3
accelerators:
  - {name: embedding, array: [1, 12, 4], tile: [48, 64, 48], lanes: 6, pinned: true, stages: [embedding]}
  - {name: qkv, array: [1, 4, 18], tile: [32, 48, 32], lanes: 6, pinned: true, stages: [qkv]}
  - {name: scores, array: [2, 2, 2], units: 2, lanes: 6, tile: [48, 32, 32], stages: [scores]}
  - {name: context, array: [2, 2, 2], units: 3, lanes: 6, tile: [48, 32, 32], stages: [context]}
  - {name: projection, array: [1, 6, 4], tile: [32, 32, 48], lanes: 6, pinned: true, stages: [projection]}
  - {name: fc1, array: [1, 4, 24], tile: [32, 48, 32], lanes: 6, pinned: true, stages: [fc1]}
  - {name: fc2, array: [1, 24, 4], tile: [32, 32, 48], lanes: 6, pinned: true, stages: [fc2]}
  - {name: head, array: [1, 5, 4], tile: [4, 40, 250], lanes: 6, pinned: true, stages: [head]}
)";

struct Case {
  const char* name;
  std::string graph, design;
  uint32_t steps_a_region;
};

class SpatialFunctional : public DesignBench, public ::testing::WithParamInterface<Case> {};

TEST_P(SpatialFunctional, AllResultsAreTheReferences) {
  make({.nets = {Net{.graph = GetParam().graph, .images = 2, .releases = {0, us(30).ps}},
                 Net{.graph = GetParam().graph, .releases = {us(20).ps}, .deadline = us(60).ps}},
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
                         ::testing::Values(Case{"Sequential", kBlock, kSequential, 0},
                                           Case{"Spatial", kBlock, kSpatial, 0},
                                           Case{"SequentialByTheStep", kSmall, kSequential, 1},
                                           Case{"Hybrid", kSmall, kHybrid, 0},
                                           Case{"HybridByTheStep", kSmall, kHybrid, 1},
                                           Case{"SpatialByThree", kSmall, kSpatial, 3},
                                           Case{"ThroughMemory", kSmall, "forwarding: ddr" + kHybrid, 2},
                                           Case{"NotPipelined", kSmall, "pipeline: false" + kHybrid, 1}),
                         [](const auto& shown) { return shown.param.name; });

class SpatialMismatch : public DesignBench {};

TEST_F(SpatialMismatch, AWrongElementEndsTheRunAndIsNamed) {
  make({.nets = {Net{.graph = kSmall}}, .design = kHybrid, .functional = true});
  relays["attention"]->change = [this](pl::StreamPacket& packet, std::byte* values) {
    const workload::Operator& op = plan->graph_of(0)->operators[packet.op];
    if (op.name == "block1.context" && packet.first_row == 16) values[2 * 96 + 40] ^= std::byte{1};
  };
  run_until(ms(50));
  EXPECT_THAT(
      core::failure_message(),
      HasSubstr("stream_switch: block1.context of job 0, image 0: row 18, column 40 is not what the "));
  EXPECT_EQ(report().functional->mismatches, 1U);
}

}  // namespace
}  // namespace vesper::spatial
