// DeiT-T on the designs of scenarios/ssr/designs: what models make of a batch against the analytic estimate.
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "schedulers/offline/spatial_estimate.h"
#include "tests/unit/spatial_models/design_bench.h"

namespace vesper::spatial {
namespace {

struct Case {
  uint32_t accelerators, images;
  bool pipeline = true;
  Forwarding forwarding = Forwarding::on_chip;
  uint32_t places = 0;  ///< images in the design; all by default
};

const std::string kDeiT =
    "name: deit_t\nvision_transformer: {tokens: 192, width: 192, heads: 3, blocks: 12, classes: 1000}\n";

/// The section `design` of a file, with what the case has of its own.
std::string design_of(const Case& tested) {
  std::ifstream file(
      fmt::format("{}/scenarios/ssr/designs/accelerators_{}.yaml", VESPER_SOURCE_DIR, tested.accelerators));
  std::ostringstream text;
  text << file.rdbuf();
  const std::string list = text.str().substr(text.str().find("  accelerators:"));
  return fmt::format("  images: {}\n  pipeline: {}\n  forwarding: {}\n{}",
                     tested.places != 0 ? tested.places : tested.images, tested.pipeline,
                     tested.forwarding == Forwarding::ddr ? "ddr" : "on_chip", list);
}

class SpatialAnalytic : public DesignBench, public ::testing::WithParamInterface<Case> {};

TEST_P(SpatialAnalytic, IsWithin5PercentOfTheSimulation) {
  const Case& tested = GetParam();
  make({.nets = {Net{.graph = kDeiT, .images = tested.images}}, .design = design_of(tested)});
  run_until(ms(50));
  ASSERT_EQ(core::failure_message(), "");
  const uint64_t simulated = completed("net0").at(0);
  const uint64_t estimated = offline::estimate(*plan->graph_of(0), plan->design(), tested.images).latency_ps;
  fmt::print("simulated {:.4f} ms, estimated {:.4f} ms\n", static_cast<double>(simulated) / 1e9,
             static_cast<double>(estimated) / 1e9);
  EXPECT_NEAR(static_cast<double>(estimated), static_cast<double>(simulated),
              0.05 * static_cast<double>(simulated));
}

INSTANTIATE_TEST_SUITE_P(Designs, SpatialAnalytic,
                         ::testing::Values(Case{1, 1}, Case{3, 3}, Case{6, 6}, Case{1, 6}, Case{2, 6},
                                           Case{3, 6}, Case{4, 6}, Case{5, 6}, Case{1, 6, false},
                                           Case{6, 6, false}, Case{1, 6, false, Forwarding::ddr, 1},
                                           Case{6, 6, true, Forwarding::ddr}),
                         [](const auto& shown) {
                           const Case& c = shown.param;
                           return fmt::format("{}Accelerators{}Images{}{}{}", c.accelerators, c.images,
                                              c.pipeline ? "" : "NotPipelined",
                                              c.forwarding == Forwarding::ddr ? "ThroughMemory" : "",
                                              c.places == 1 ? "OneAtATime" : "");
                         });

}  // namespace
}  // namespace vesper::spatial
