// A whole design: what passes between release and completion is what its parts take, to the picosecond.
#include "tests/unit/spatial_models/design_bench.h"

namespace vesper::spatial {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t kLatency = 120'000;
/// Transfers of 8, 16 and 32 KiB at 12.9 GB/s, with the latency.
constexpr uint64_t k8 = kLatency + 635'039, k16 = kLatency + 1'270'078, k32 = kLatency + 2'540'156;

/// Weights are not pinned, and results go through memory.
std::string through_memory() {
  std::string design = "forwarding: ddr" + kTwoAccelerators;
  for (size_t at = 0; (at = design.find("pinned: true, ")) != std::string::npos;) design.erase(at, 14);
  return design;
}

class SpatialPipeline : public DesignBench {};

TEST_F(SpatialPipeline, AnImageIsLoadedGoesThroughBothLayersAndIsStored) {
  make({});
  run_until(ms(1));
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_THAT(completed("net0.fc1"), ElementsAre(k8 + 16 * kStep));
  EXPECT_THAT(completed("net0.fc2"), ElementsAre(k8 + 32 * kStep));
  EXPECT_THAT(completed("net0"), ElementsAre(k8 + 32 * kStep + k8));
}

TEST_F(SpatialPipeline, TheJobBeginsWithItsFirstProductAndEndsOnNoAccelerator) {
  make({});
  run_until(ms(1));
  std::vector<std::pair<observe::JobId, uint64_t>> first;
  for (const auto& told : log.first_computes) {
    if (told.first.task == 0) first.push_back(told);
  }
  EXPECT_THAT(first, ElementsAre(std::pair(observe::JobId{0, 0}, k8)));
  ASSERT_FALSE(log.regions.empty());
  EXPECT_EQ(log.regions.back().job, (observe::JobId{0, 0}));
  EXPECT_TRUE(log.regions.back().last);
  EXPECT_EQ(log.regions.back().accelerator, kNoAccelerator);
}

TEST_F(SpatialPipeline, ImagesOverlapOnDifferentAccelerators) {
  make({.nets = {Net{.images = 2}}});
  run_until(ms(1));
  EXPECT_THAT(completed("net0.fc1"), ElementsAre(k8 + 16 * kStep, k8 + 32 * kStep));
  EXPECT_THAT(completed("net0.fc2"), ElementsAre(k8 + 32 * kStep, k8 + 48 * kStep));
  EXPECT_THAT(completed("net0"), ElementsAre(k8 + 48 * kStep + k8));
}

TEST_F(SpatialPipeline, NoMoreImagesThanTheDesignHasAreInside) {
  std::string one = kTwoAccelerators;
  one.replace(one.find("images: 2"), 9, "images: 1");
  make({.nets = {Net{.images = 2}}, .design = one});
  run_until(ms(1));
  constexpr uint64_t kImage = k8 + 32 * kStep + k8;
  EXPECT_THAT(completed("net0.fc2"), ElementsAre(kImage - k8, 2 * kImage - k8));
  EXPECT_THAT(completed("net0"), ElementsAre(2 * kImage));
}

TEST_F(SpatialPipeline, JobsOfAllTasksAreLetInInOrderOfRelease) {
  std::string one = kTwoAccelerators;
  one.replace(one.find("images: 2"), 9, "images: 1");
  // Jobs released while the first is inside; the second task's before the first's.
  make({.nets = {Net{.releases = {0, us(20).ps}}, Net{.releases = {us(10).ps}}}, .design = one});
  run_until(ms(1));
  constexpr uint64_t kImage = k8 + 32 * kStep + k8;
  EXPECT_THAT(completed("net0"), ElementsAre(kImage, 3 * kImage));
  EXPECT_THAT(completed("net1"), ElementsAre(2 * kImage));
}

TEST_F(SpatialPipeline, PartitionsThatDoNotFitCostTheExposedMove) {
  std::string design = kTwoAccelerators;
  design.replace(design.rfind("[1, 2, 2]"), 9, "[1, 3, 2]");
  make({.design = design});
  run_until(ms(1));
  // 16 KiB through one stream (gcd of 2 and 3) of 16 bytes a cycle. fc2: 2 x 2 x ceil(256 / 96) steps.
  constexpr uint64_t kMove = 4'452'174;
  EXPECT_EQ(plan->deliveries(0, 0)[0].exposed_ps, kMove);
  EXPECT_THAT(completed("net0.fc2"), ElementsAre(k8 + 16 * kStep + kMove + 12 * kStep));
  EXPECT_EQ(model<ActivationMemory>("b_memory").traffic().exposed_ps, kMove);
  EXPECT_THAT(report().memory["forwarding"].dump(), HasSubstr("banks"));
}

TEST_F(SpatialPipeline, ThroughMemoryResultsAreWrittenAndReadBackAndWeightsAreRead) {
  make({.design = through_memory()});
  run_until(ms(1));
  EXPECT_EQ(core::failure_message(), "");
  constexpr uint64_t kFc1 = k8 + k32 + 16 * kStep;
  EXPECT_THAT(completed("net0.fc1"), ElementsAre(kFc1));
  EXPECT_THAT(completed("net0.fc2"), ElementsAre(kFc1 + k16 + k16 + k32 + 16 * kStep));
  const ActivationMemory::Traffic& traffic = model<ActivationMemory>("b_memory").traffic();
  EXPECT_EQ(traffic.on_chip_bytes, 0U);
  EXPECT_EQ(traffic.written_bytes, 16384U);
  EXPECT_EQ(traffic.read_bytes, 16384U);
  EXPECT_EQ(traffic.weight_bytes, 32768U);
}

TEST_F(SpatialPipeline, PinnedWeightsStayWhereTheyAre) {
  make({.design = "forwarding: ddr" + kTwoAccelerators});
  run_until(ms(1));
  EXPECT_THAT(completed("net0.fc2"), ElementsAre(k8 + 16 * kStep + k16 + k16 + 16 * kStep));
  EXPECT_EQ(model<ActivationMemory>("b_memory").traffic().weight_bytes, 0U);
}

TEST_F(SpatialPipeline, RegionsOfOneStepTakeNoLonger) {
  make({.nets = {Net{.images = 2}}, .steps_a_region = 1});
  run_until(ms(1));
  EXPECT_THAT(completed("net0"), ElementsAre(k8 + 48 * kStep + k8));
}

TEST_F(SpatialPipeline, AnUrgentJobPreemptsBetweenStepsAndTheOtherGoesOnWhereItWas) {
  make({.nets = {Net{}, Net{.releases = {us(5).ps}, .deadline = us(50).ps}},
        .steps_a_region = 1,
        .policy = "edf",
        .functional = true});
  run_until(ms(1));
  EXPECT_EQ(core::failure_message(), "");
  const uint64_t loaded = clock.edge_at_or_after(us(5).ps) + k8;
  const uint64_t preempts = k8 + (loaded - k8 + kStep - 1) / kStep * kStep;
  EXPECT_THAT(completed("net1.fc1"), ElementsAre(preempts + 16 * kStep));
  EXPECT_THAT(completed("net0.fc1"), ElementsAre(k8 + 32 * kStep));
  EXPECT_THAT(completed("net1"), ElementsAre(preempts + 32 * kStep + k8));
  EXPECT_THAT(completed("net0"), ElementsAre(preempts + 48 * kStep + k8));
  EXPECT_EQ(report().functional->jobs_checked, 2U);
}

TEST_F(SpatialPipeline, BurstsLoadTheInputAndStoreTheResult) {
  make({.burst = true});
  run_until(ms(1));
  EXPECT_EQ(core::failure_message(), "");
  EXPECT_EQ(completed("net0").size(), 1U);
  auto bytes = [this](const char* port, bool write) {
    uint64_t sum = 0;
    for (const auto& request : memories[port]->requests) sum += request.write == write ? request.bytes : 0;
    return sum;
  };
  EXPECT_EQ(bytes("load", false), 8192U);
  EXPECT_EQ(bytes("store", true), 8192U);
  EXPECT_EQ(bytes("load", true) + bytes("store", false), 0U);
  EXPECT_THAT(memories["a"]->requests, IsEmpty());
  // Loading takes what bursts take; behind it all is as in `fixed` memory.
  const uint64_t start = log.first_computes.front().second;
  EXPECT_THAT(completed("net0.fc2"), ElementsAre(start + 32 * kStep));
}

TEST_F(SpatialPipeline, BurstsCarryWhatGoesThroughMemory) {
  make({.design = through_memory(), .burst = true});
  run_until(ms(1));
  EXPECT_EQ(completed("net0").size(), 1U);
  uint64_t written = 0, read = 0;
  for (const auto& request : memories["b"]->requests) (request.write ? written : read) += request.bytes;
  EXPECT_EQ(written, 16384U);
  EXPECT_EQ(read, 16384U + 32768U);
}

}  // namespace
}  // namespace vesper::spatial
