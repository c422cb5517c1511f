#include "models/spatial/design.h"

#include <gmock/gmock.h>

#include "tests/unit/spatial/designs.h"

namespace vesper::spatial {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using workload::Graph;

std::vector<uint64_t> steps(const Graph& graph, const Design& design,
                            const std::vector<std::string>& stages) {
  std::vector<uint64_t> all;
  for (const std::string& stage : stages) {
    const Accelerator& accelerator = design.accelerators[accelerator_of(design, stage).value()];
    all.push_back(steps_of(graph.operators[graph.products_of(stage).front()], accelerator));
  }
  return all;
}
const std::vector<std::string> kBlock{"qkv", "scores", "context", "projection", "fc1", "fc2"};

std::string refusal(const Design& design, const Graph& graph) {
  const Graph* const graphs[] = {&graph};
  try {
    check(design, graphs);
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "taken";
  return "";
}

// ---- SSR, section 5: 18 steps a block; stages of 6, 6 and 9; six stages of 6

TEST(SpatialDesign, SequentialTakes18StepsABlock) {
  EXPECT_THAT(steps(deit_t(), accelerators(1), kBlock), ElementsAre(3, 3, 3, 1, 4, 4));
}

TEST(SpatialDesign, HybridTakes6And6And9Steps) {
  EXPECT_THAT(steps(deit_t(), accelerators(3), kBlock), ElementsAre(6, 3, 3, 1, 4, 4));
}

TEST(SpatialDesign, SpatialTakesSixTimes6Steps) {
  EXPECT_THAT(steps(deit_t(), accelerators(6), kBlock), ElementsAre(6, 6, 6, 6, 6, 6));
}

TEST(SpatialDesign, TrueTokensTakeAnotherBlockOfRows) {
  EXPECT_THAT(steps(network("deit_t_vision", 197), accelerators(1), kBlock), ElementsAre(6, 12, 12, 2, 8, 8));
}

TEST(SpatialDesign, UnitsTakeHeadsInTurnElseColumns) {
  workload::Operator scores;
  scores.op = "matmul";
  scores.rows = 64;
  scores.inner = 32;
  scores.columns = 5 * 64;
  scores.heads = 5;
  scores.inputs.resize(2);
  Accelerator accelerator;
  accelerator.units = 2;
  accelerator.tile = {32, 32, 32};
  Steps counts = step_counts(scores, accelerator);
  EXPECT_EQ(counts.heads, 3U);
  EXPECT_EQ(counts.all(), 3U * 2 * 2);
  scores.heads = 1;
  counts = step_counts(scores, accelerator);
  EXPECT_EQ(counts.columns, 5U);
  EXPECT_EQ(counts.all(), 2U * 5);
}

TEST(SpatialDesign, AStepTakesItsMacsAndTheOverheadOrItsLongestStream) {
  const Device device;
  Accelerator accelerator;
  accelerator.tile = {32, 48, 32};  // 384 cycles of 128 MACs
  EXPECT_EQ(step_ps(accelerator, device), 384'000U + 750'000U);
  accelerator.tile = {4, 128, 128};  // weights of 16 KiB: 1024 words of 128 bits at 230 MHz
  EXPECT_EQ(step_ps(accelerator, device), 4'452'174U);
  accelerator.pinned = true;
  EXPECT_EQ(step_ps(accelerator, device), 512'000U + 750'000U);
}

// ---- what it takes

TEST(SpatialDesign, PublishedSpatialDesignTakesThePublishedResources) {
  const Graph graph = deit_t();
  const Graph* const graphs[] = {&graph};
  const Design design = accelerators(6);
  Resources sum = kImageDma;
  for (const Accelerator& accelerator : design.accelerators) {
    const Resources part = resources_of(accelerator, graphs);
    sum.aie += part.aie;
    sum.plio_in += part.plio_in;
    sum.plio_out += part.plio_out;
    sum.dsp += part.dsp;
    sum.bram += part.bram;
  }
  EXPECT_EQ(sum.aie, 394U);                     // table 8
  EXPECT_EQ(sum.plio_in + sum.plio_out, 191U);  // of 199: the head's array is not published
  EXPECT_NEAR(static_cast<double>(sum.dsp), 1797, 0.01 * 1797);
  EXPECT_EQ(sum.bram, 12U + 192);  // DMA and softmax
}

TEST(SpatialDesign, PinnedWeightsAreSharedOutToTheWholeArray) {
  const Graph graph = deit_t();
  const Graph* const graphs[] = {&graph};
  Design design = accelerators(3);
  // 12 blocks of 192 x 192 and twice 192 x 768 in tiles of 32 x 32 on 144 AIEs: 27 each.
  EXPECT_EQ(local_memory(named(design, "mlp"), graphs), 2U * 48 * 32 + 27 * 32 * 32 + 48 * 32);
  EXPECT_EQ(local_memory(named(design, "attention"), graphs), 2U * 48 * 32 + 2 * 32 * 32 + 48 * 32);
}

TEST(SpatialDesign, EnginesAreThoseItsStagesNeed) {
  const Graph graph = deit_t();
  const Graph* const graphs[] = {&graph};
  Design design = accelerators(3);
  auto names = [&](const char* accelerator) {
    std::vector<std::string> all;
    for (uint32_t place : places_of(named(design, accelerator), graphs))
      all.push_back(engine_places()[place].name);
    return all;
  };
  EXPECT_THAT(names("qkv"), ElementsAre("transpose"));
  EXPECT_THAT(names("attention"), ElementsAre("dequantise", "softmax", "quantise"));
  EXPECT_THAT(names("mlp"), ElementsAre("vector_add", "dequantise", "gelu", "layer_norm", "quantise"));
  EXPECT_THAT(names("head"), ElementsAre());
}

// ---- bad designs

TEST(SpatialDesign, PublishedDesignsAreTaken) {
  const Graph graph = deit_t();
  const Graph* const graphs[] = {&graph};
  for (uint32_t count = 1; count <= 6; ++count) EXPECT_NO_THROW(check(accelerators(count), graphs)) << count;
}

TEST(SpatialDesign, MoreThanTheDeviceHasIsRefusedWithTheNumbers) {
  const Graph graph = deit_t();
  Design design = accelerators(6);
  design.device.aie = 393;
  EXPECT_THAT(refusal(design, graph),
              AllOf(HasSubstr("394 AIEs are taken and the device has 393"), HasSubstr("scores 24")));
  design = accelerators(6);
  design.device.plio_in = 110;
  EXPECT_THAT(refusal(design, graph),
              HasSubstr("111 PLIO streams into the array are taken and the device has 110"));
  design = accelerators(6);
  design.device.plio_out = 79;
  EXPECT_THAT(refusal(design, graph), HasSubstr("80 PLIO streams out of the array"));
  design = accelerators(1);
  named(design, "all").lanes = 8;
  EXPECT_THAT(refusal(design, graph),
              AllOf(HasSubstr("DSPs are taken and the device has 1968"), HasSubstr("image DMA 12")));
}

TEST(SpatialDesign, ATileBeyondLocalMemoryIsRefusedWithTheNumbers) {
  const Graph graph = deit_t();
  Design design = accelerators(3);
  named(design, "attention").tile = {96, 96, 96};
  EXPECT_THAT(refusal(design, graph),
              HasSubstr("'attention' (4 x 2 x 2 AIEs) with a tile of 96 x 96 x 96 takes 46080 "
                        "bytes of each AIE's 32768: activations 18432, two tiles of "
                        "weights 18432, results 9216"));
  design = accelerators(3);
  named(design, "mlp").array = {4, 5, 6};
  EXPECT_THAT(refusal(design, graph), HasSubstr("pinned weights 33792"));
}

TEST(SpatialDesign, MapsThatCannotWorkAreRefused) {
  const Graph graph = deit_t();
  Design design = accelerators(3);
  named(design, "attention").pinned = true;
  EXPECT_THAT(refusal(design, graph),
              HasSubstr("'attention' is pinned and has one stream of operands: stage 'scores'"));
  design = accelerators(3);
  named(design, "attention").stages = {"scores"};
  EXPECT_THAT(refusal(design, graph),
              HasSubstr("stage 'context' of network 'deit_t_vision' is mapped onto no"));
  design = accelerators(3);
  named(design, "qkv").stages = {"qkv", "fc1"};
  EXPECT_THAT(refusal(design, graph), HasSubstr("stage 'fc1' is mapped twice; the second time on 'mlp'"));
  design = accelerators(3);
  named(design, "qkv").stages = {"qvk"};
  EXPECT_THAT(refusal(design, graph), HasSubstr("no network has a stage 'qvk' (did you mean 'qkv'?)"));
  design = accelerators(3);
  named(design, "mlp").name = "qkv";
  EXPECT_THAT(refusal(design, graph), HasSubstr("two accelerators 'qkv'"));
  design = accelerators(3);
  named(design, "qkv").stages.clear();
  EXPECT_THAT(refusal(design, graph), HasSubstr("'qkv' has no stages"));
  design.accelerators.clear();
  EXPECT_THAT(refusal(design, graph), HasSubstr("at least one accelerator"));
}

TEST(SpatialDesign, EnginesInAnotherOrderAreRefused) {
  const Graph graph = workload::read_graph(
      scenario::parse_yaml("name: n\ngraph:\n  input: [8, 16]\n  operators:\n"
                           "    - {name: a, matmul: [8, 16, 16], inputs: [input]}\n"
                           "    - {name: real, op: reformat, format: fp32, inputs: [a]}\n"
                           "    - {name: norm, op: layer_norm, inputs: [real]}\n"
                           "    - {name: soft, op: softmax, inputs: [norm]}\n",
                           "net.yaml"));
  Design design = read_design("accelerators: [{name: x, array: [1, 1, 1], tile: [8, 16, 16], stages: [a]}]");
  EXPECT_THAT(refusal(design, graph),
              HasSubstr("rows of 'a' would go from 'norm' (layer_norm) to 'soft' (softmax)"));
}

TEST(SpatialDesign, IsReadFromYaml) {
  const Design design = read_design(
      "forwarding: ddr\npipeline: false\nimages: 3\ndevice: {aie: 304, step_overhead: 500 ns}\n"
      "accelerators: [{name: x, array: [1, 4, 18], units: 3, tile: [32, 48, 16], pinned: true, lanes: 8, "
      "stages: [a, b]}]");
  EXPECT_EQ(design.forwarding, Forwarding::ddr);
  EXPECT_FALSE(design.pipeline);
  EXPECT_EQ(design.device.aie, 304U);
  EXPECT_EQ(design.device.step_overhead.ps, 500'000U);
  EXPECT_EQ(design.accelerators[0].array.c, 18U);
  EXPECT_EQ(design.accelerators[0].tile.w1, 48U);
  const Node written = schema_of<Design>().write(design);
  Design again;
  schema_of<Design>().read(written, again, "");
  EXPECT_EQ(again.accelerators[0].tile.w2, 16U);
  auto refused = [](const std::string& yaml) {
    try {
      read_design(yaml);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  EXPECT_THAT(refused("accelerators: [{name: x, array: [1, 4], tile: [1, 1, 1], stages: [a]}]"),
              HasSubstr("array is [1, 4]; it must be [A, B, C], each between 1 and 4096"));
  EXPECT_THAT(refused("accelerators: [{name: x, array: [1, 0, 4], tile: [1, 1, 1], stages: [a]}]"),
              StartsWith("design.yaml:1:33"));
  EXPECT_THAT(refused("accelerators: [{name: x, tile: [1, 1, 1], stages: [a]}]"),
              HasSubstr("array' is missing"));
  EXPECT_THAT(refused("images: 0\naccelerators: []"), HasSubstr("images is 0"));
  EXPECT_THAT(refused("forwarding: air\naccelerators: []"), HasSubstr("on_chip"));
}

}  // namespace
}  // namespace vesper::spatial
