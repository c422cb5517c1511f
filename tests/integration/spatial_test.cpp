// Networks on SSR's designs (Zhuang et al., FPGA 2024), from scenario to outputs.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "platform/builder/lowered_task.h"
#include "platform/scenario/scenario.h"
#include "tests/support/command.h"

namespace vesper::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Rows = std::vector<std::map<std::string, std::string>>;

class Spatial : public ::testing::Test {
 protected:
  CommandResult try_run(const std::string& scenario, const std::vector<std::string>& settings,
                        const std::string& out) {
    std::vector<std::string> arguments{"run", scenario, "--out", folder / out};
    for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
    return run_vesper(arguments);
  }
  Json run(const std::string& scenario, const std::vector<std::string>& settings = {},
           const std::string& out = "out") {
    CommandResult result = try_run(scenario, settings, out);
    EXPECT_EQ(result.status, 0) << result.err;
    return read_summary(folder / out);
  }
  Rows rows(const char* file, const std::string& out = "out") { return read_csv(folder.path() / out / file); }
  static double latency_ms(const Json& summary) {
    return summary["tasks"][0]["response_s"]["mean"].get<double>() * 1e3;
  }

  TemporaryFolder folder;
};

struct Published {
  const char* design;
  double ms;
};

class PublishedDesign : public Spatial, public ::testing::WithParamInterface<Published> {
 protected:
  [[nodiscard]] static std::string scenario() {
    return std::string("scenarios/ssr/") + GetParam().design + ".yaml";
  }
};

// Table 5 of the paper: DeiT-T at batch 1, 3 and 6 on the board.
TEST_P(PublishedDesign, TakesWhatTheBoardTook) {
  EXPECT_NEAR(latency_ms(run(scenario())), GetParam().ms, 0.1 * GetParam().ms);
}

TEST_P(PublishedDesign, TakesWhatTheAnalyticModelSays) {
  const scenario::Scenario read =
      scenario::read_scenario(std::string(VESPER_SOURCE_DIR) + "/" + scenario(), {});
  const double analytic = static_cast<double>(builder::analytic_estimate(read, 0).latency_ps) / 1e9;
  EXPECT_NEAR(latency_ms(run(scenario())), analytic, 0.05 * analytic);
}

// Region by region the same work in the same order: preemption points that nobody uses change no time.
TEST_P(PublishedDesign, TakesTheSameWhateverTheRegions) {
  const double layers = latency_ms(run(scenario()));
  EXPECT_DOUBLE_EQ(latency_ms(run(scenario(), {"scheduler.granularity=tile"})), layers);
}

TEST_P(PublishedDesign, StagesReconcileWithTheirTask) {
  const Json summary = run(scenario());
  const uint64_t jobs = summary["tasks"][0]["completed"].get<uint64_t>();
  const scenario::Scenario read =
      scenario::read_scenario(std::string(VESPER_SOURCE_DIR) + "/" + scenario(), {});
  ASSERT_EQ(summary["stages"].size(), 8U);
  uint64_t decisions = 0;
  for (const Json& stage : summary["stages"]) {
    const uint64_t blocks = stage["stage"] == "embedding" || stage["stage"] == "head" ? 1 : 12;
    EXPECT_EQ(stage["completed"], jobs * blocks * *read.tasks[0].batch) << stage["stage"];
    EXPECT_EQ(stage["released"], stage["completed"]) << stage["stage"];
    decisions += stage["completed"].get<uint64_t>();
  }
  EXPECT_EQ(summary["scheduler"]["decisions"], decisions);
  EXPECT_EQ(rows("decisions.csv").size(), decisions);
  EXPECT_EQ(rows("jobs.csv").size(), jobs);
  for (const Json& resource : summary["resources"]) {
    EXPECT_GT(resource["used"], 0) << resource["name"];
    EXPECT_LE(resource["used"], resource["available"]) << resource["name"];
  }
}

TEST_P(PublishedDesign, RunsInBurstMemory) {
  const double fixed = latency_ms(run(scenario()));
  const double burst = latency_ms(run(scenario(), {"memory.fidelity=burst"}));
  EXPECT_NEAR(burst, fixed, 0.1 * fixed);
}

INSTANTIATE_TEST_SUITE_P(Ssr, PublishedDesign,
                         ::testing::Values(Published{"sequential", 0.22}, Published{"hybrid", 0.39},
                                           Published{"spatial", 0.54}),
                         [](const auto& published) { return std::string(published.param.design); });

// 12 ms without anything, then 3.4, 2.4 and 2.7 times as fast (section 5.5).
TEST_F(Spatial, EachStepOfTheDesignGainsWhatIsPublished) {
  const std::vector<std::string> batch{"tasks.deit_t.batch=6", "tasks.deit_t.period=20 ms",
                                       "run.until=100 ms"};
  auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), batch.begin(), batch.end());
    return more;
  };
  const double nothing = latency_ms(run("scenarios/ssr/no_forwarding.yaml"));
  const double forwarding =
      latency_ms(run("scenarios/ssr/sequential.yaml", with({"design.pipeline=false", "design.images=6"})));
  const double spatial = latency_ms(run("scenarios/ssr/spatial.yaml", with({"design.pipeline=false"})));
  const double pipeline = latency_ms(run("scenarios/ssr/spatial.yaml", batch));
  EXPECT_NEAR(nothing, 12, 0.25 * 12);
  EXPECT_NEAR(nothing / forwarding, 3.4, 0.25 * 3.4);
  EXPECT_NEAR(forwarding / spatial, 2.4, 0.25 * 2.4);
  EXPECT_NEAR(spatial / pipeline, 2.7, 0.25 * 2.7);
}

class Functional : public Spatial, public ::testing::WithParamInterface<const char*> {};

// One block: every operator's rows are compared with the reference computation, bit for bit.
TEST_P(Functional, ABlockOfDeitTIsEqualToTheReference) {
  write_file(folder / "block.yaml",
             "name: block\n"
             "vision_transformer: {tokens: 197, width: 192, heads: 3, blocks: 1, mlp_ratio: 4, patch: 16, "
             "classes: 1000}\n");
  const std::string scenario = std::string("scenarios/ssr/") + GetParam() + ".yaml";
  const Json summary = run(scenario, {"tasks.deit_t.model=" + (folder / "block.yaml"), "tasks.deit_t.batch=2",
                                      "design.each.spatial_accelerator.functional=true", "run.until=2 ms"});
  EXPECT_EQ(summary["functional"]["jobs_checked"], 1);
  EXPECT_EQ(summary["functional"]["mismatches"], 0);
  EXPECT_EQ(summary["tasks"][0]["completed"], 1);
}
INSTANTIATE_TEST_SUITE_P(Ssr, Functional, ::testing::Values("sequential", "hybrid", "spatial"),
                         [](const auto& design) { return std::string(design.param); });

TEST_F(Spatial, WithoutForwardingEverythingGoesThroughMemoryAndSaysWhy) {
  const Json summary = run("scenarios/ssr/no_forwarding.yaml");
  for (const Json& way : summary["forwarding"]) {
    if (way["from"] == "input" || way["to"] == "output") continue;
    EXPECT_EQ(way["through"], "ddr") << way;
    EXPECT_EQ(way["reason"], "forwarding: ddr") << way;
  }
}

TEST_F(Spatial, UrgentJobsPreemptOnEachAcceleratorByItself) {
  const Json summary = run("scenarios/demo/shared_array.yaml");
  EXPECT_EQ(summary["tasks"].size(), 2U);
  EXPECT_EQ(summary["tasks"][1]["missed"], 0U);
  EXPECT_GT(summary["scheduler"]["preemptions"], 0U);
  std::set<std::string> preempting;
  for (const auto& row : rows("decisions.csv")) {
    if (row.at("preempt") == "1") preempting.insert(row.at("accelerator"));
  }
  EXPECT_GE(preempting.size(), 2U);
}

TEST_F(Spatial, FirmwareDecidesForAllAccelerators) {
  const Json summary = run("scenarios/demo/shared_array.yaml", {"scheduler.placement=software"});
  EXPECT_EQ(summary["scheduler"]["placement"], "software");
  std::set<std::string> accelerators;
  for (const auto& row : rows("decisions.csv")) {
    accelerators.insert(row.at("accelerator"));
    if (row.at("total_s").empty()) continue;
    EXPECT_GE(picoseconds(row.at("interrupt_to_vector_s")), 0);
    EXPECT_GT(picoseconds(row.at("total_s")), 0) << "decision " << row.at("decision");
  }
  EXPECT_EQ(accelerators.size(), summary["accelerators"].size());
}

}  // namespace
}  // namespace vesper::test
