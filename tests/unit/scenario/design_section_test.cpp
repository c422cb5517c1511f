// The `design:` section: stage tasks, and the instances and connections that it stands for.
#include "platform/scenario/design_section.h"

#include <gmock/gmock.h>

#include "models/spatial/plan.h"
#include "platform/scenario/isolation.h"
#include "platform/scenario/yaml.h"
#include "tests/support/command.h"

namespace vesper::scenario {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kRoot = std::string(VESPER_SOURCE_DIR) + "/";

class DesignSection : public ::testing::Test {
 protected:
  Scenario read(const std::vector<std::string>& overrides = {}, const std::string& more = "") {
    test::write_file(folder / "mlp.yaml",
                     "name: mlp\n"
                     "graph:\n"
                     "  input: [64, 128]\n"
                     "  operators:\n"
                     "    - {name: fc1, matmul: [64, 128, 256], inputs: [input]}\n"
                     "    - {name: real, op: reformat, format: fp32, inputs: [fc1]}\n"
                     "    - {name: gelu, op: gelu, inputs: [real]}\n"
                     "    - {name: small, op: reformat, format: int8, inputs: [gelu]}\n"
                     "    - {name: fc2, matmul: [64, 256, 128], inputs: [small]}\n"
                     "    - {name: sum, op: vector_add, inputs: [fc2, input]}\n");
    test::write_file(folder / "s.yaml",
                     "include: " + kRoot + "scenarios/platforms/ssr_vck190.yaml\n" +
                         "scenario: a test\n"
                         "design:\n"
                         "  accelerators:\n"
                         "    - {name: wide, array: [2, 2, 2], tile: [32, 32, 32], stages: [fc1]}\n"
                         "    - {name: deep, array: [1, 4, 2], tile: [32, 32, 32], stages: [fc2]}\n"
                         "tasks:\n"
                         "  - {name: a, model: mlp.yaml, period: 1 ms, priority: 3, weight: 5}\n"
                         "  - {name: b, model: mlp.yaml, period: 2 ms, priority: 1, batch: 4}\n"
                         "run: {until: 1 ms}\n" +
                         more);
    return read_scenario(folder / "s.yaml", overrides);
  }
  static std::vector<std::string> instances(const Scenario& scenario) {
    std::vector<std::string> all;
    for (const Instance& instance : scenario.instances) all.push_back(instance.name + ": " + instance.type);
    return all;
  }
  static std::vector<std::string> connections(const Scenario& scenario) {
    std::vector<std::string> all;
    for (const Connection& connection : scenario.connections)
      all.push_back(connection.from + " - " + connection.to);
    return all;
  }

  test::TemporaryFolder folder;
};

TEST_F(DesignSection, EachTaskHasATaskAStageBehindTheScenariosOwn) {
  const Scenario scenario = read();
  std::vector<std::string> names;
  for (const Task& task : scenario.tasks) names.push_back(task.name + " on '" + task.accelerator + "'");
  EXPECT_THAT(names, ElementsAre("a on ''", "b on ''", "a.fc1 on 'wide'", "a.fc2 on 'deep'",
                                 "b.fc1 on 'wide'", "b.fc2 on 'deep'"));
  EXPECT_TRUE(scenario.runs_in_stages(1));
  EXPECT_FALSE(scenario.runs_in_stages(2));
  EXPECT_EQ(scenario.tasks[3].stage->task, 0U);
  EXPECT_EQ(scenario.tasks[3].stage->name, "fc2");
  EXPECT_EQ(scenario.tasks[3].priority, 3U);
  EXPECT_EQ(scenario.tasks[3].weight, 5U);
  ASSERT_EQ(scenario.networks[5].layers.size(), 1U);
  EXPECT_EQ(scenario.networks[5].layers[0].k, 256U);
  EXPECT_EQ(scenario.plan->images_of(1), 4U);
  EXPECT_EQ(scenario.plan->stage(5)->parent, 1U);
  EXPECT_EQ(scenario.plan->stage(5)->stage, "fc2");
}

TEST_F(DesignSection, StandsForInstancesOfThePlacement) {
  const std::vector<std::string> of_design{
      "image_dma: image_dma",      "stream_switch: stream_switch",    "wide_memory: activation_memory",
      "wide: spatial_accelerator", "wide_scheduler: scheduler_block", "wide_dequantise: reformat",
      "wide_gelu: gelu",           "wide_quantise: reformat",         "deep_memory: activation_memory",
      "deep: spatial_accelerator", "deep_scheduler: scheduler_block", "deep_vector_add: vector_add"};
  std::vector<std::string> all{"job_release: job_release"};
  all.insert(all.end(), of_design.begin(), of_design.end());
  EXPECT_EQ(instances(read({"scheduler.placement=hardware"})), all);
  EXPECT_THAT(instances(read({"scheduler.placement=ideal"})),
              Contains("deep_ideal_scheduler: scheduler_block"));
  EXPECT_THAT(instances(read({"scheduler.placement=software"})), Not(Contains(HasSubstr("scheduler_block"))));
}

TEST_F(DesignSection, ConnectsTheChainOfEnginesAndTheMemories) {
  const std::vector<std::string> all =
      connections(read({"scheduler.placement=software", "memory.fidelity=burst"}));
  for (const char* expected :
       {"image_dma.releases - job_release.fifo", "image_dma.out - stream_switch.in.images",
        "stream_switch.out.wide - wide_memory.in", "wide.operands - wide_memory.operands",
        "wide.results - wide_dequantise.in", "wide_dequantise.out - wide_gelu.in",
        "wide_gelu.out - wide_quantise.in", "wide_quantise.out - stream_switch.in.wide",
        "deep_vector_add.addend - deep_memory.operands", "image_dma.load - noc.pl.0",
        "image_dma.store - noc.pl.9", "wide_memory.memory - noc.pl.18", "deep_memory.memory - noc.pl.27",
        "wide.interrupt - gic.122", "wide_memory.interrupt - gic.123", "deep.interrupt - gic.124",
        "deep_memory.interrupt - gic.125"}) {
    EXPECT_THAT(all, Contains(expected));
  }
}

TEST_F(DesignSection, PropertiesOfAnInstanceGoOverThoseOfEachOfItsType) {
  const Scenario scenario =
      read({"design.each.activation_memory.interrupt_cycles=7"}, "deep_memory: {interrupt_cycles: 9}\n");
  auto cycles = [&](const char* name) {
    return scenario.find_instance(name)->effective.find("interrupt_cycles")->text();
  };
  EXPECT_EQ(cycles("wide_memory"), "7");
  EXPECT_EQ(cycles("deep_memory"), "9");
}

TEST_F(DesignSection, OverridesNameAnAcceleratorByNumberOrName) {
  EXPECT_EQ(read({"design.accelerators.1.lanes=4"}).design->accelerators[1].lanes, 4U);
  EXPECT_EQ(read({"design.accelerators.deep.tile=[16, 32, 32]"}).design->accelerators[1].tile.h1, 16U);
}

TEST_F(DesignSection, TheEffectiveConfigurationReadsAsTheSame) {
  const Scenario first = read();
  test::write_file(folder / "effective.yaml", first.effective);
  const Scenario again = read_scenario(folder / "effective.yaml", {});
  EXPECT_EQ(again.effective, first.effective);
  EXPECT_EQ(instances(again), instances(first));
  EXPECT_EQ(connections(again), connections(first));
}

TEST_F(DesignSection, ATaskAloneKeepsItsStages) {
  const Scenario reduced = alone(read(), 1);
  ASSERT_EQ(reduced.tasks.size(), 3U);
  EXPECT_EQ(reduced.tasks[2].name, "b.fc2");
  EXPECT_EQ(reduced.tasks[2].stage->task, 0U);
  EXPECT_EQ(reduced.plan->images_of(0), 4U);
  EXPECT_EQ(reduced.plan->stage(2)->stage, "fc2");
}

}  // namespace
}  // namespace vesper::scenario
