#include "platform/scenario/scenario.h"

#include <gmock/gmock.h>

#include "models/core/registry.h"
#include "platform/builder/lowered_task.h"
#include "platform/scenario/yaml.h"
#include "platform/workload/arrival.h"
#include "tests/support/command.h"

namespace vesper::scenario {
namespace {

using test::TemporaryFolder;
using ::testing::HasSubstr;

const std::string kRoot = std::string(VESPER_SOURCE_DIR) + "/";

class ScenarioFile : public ::testing::Test {
 protected:
  /// A scenario on the default platform with one task.
  Scenario read(const std::string& more = "", const std::vector<std::string>& overrides = {}) {
    write("include: " + kRoot + "scenarios/platforms/vck190.yaml\nscenario: a test\nrun: {until: 1 ms}\n" +
          more);
    return read_scenario(folder / "s.yaml", overrides);
  }
  void write(const std::string& text) {
    test::write_file(folder / "w.yaml", "name: w\nlayers: [{matmul: [1, 1, 1]}]\n");
    test::write_file(folder / "s.yaml", text);
  }
  std::string refusal(const std::string& more, const std::vector<std::string>& overrides = {}) {
    try {
      builder::lower_tasks(read(more, overrides));
    } catch (const InputError& error) {
      return error.what();
    }
    ADD_FAILURE() << "taken: " << more;
    return "";
  }
  static std::string tasks(const std::string& items) { return "tasks: [" + items + "]\n"; }

  TemporaryFolder folder;
};

TEST_F(ScenarioFile, InstancesAreThoseOfThePlacementAndFidelity) {
  auto names = [&](const std::vector<std::string>& overrides) {
    std::vector<std::string> all;
    for (const Instance& instance : read("", overrides).instances) all.push_back(instance.name);
    return all;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(names({"scheduler.placement=hardware"}),
              ElementsAre("job_release", "scheduler_block", "accelerator"));
  EXPECT_THAT(names({"scheduler.placement=ideal"}),
              ElementsAre("job_release", "ideal_scheduler", "accelerator"));
  EXPECT_THAT(names({"scheduler.placement=software"}),
              ElementsAre("cpu", "control_bus", "gic", "timer", "uart", "job_release", "accelerator"));
  EXPECT_THAT(names({"scheduler.placement=hardware", "memory.fidelity=burst"}),
              ElementsAre("job_release", "scheduler_block", "accelerator", "noc", "ddr"));
}

TEST_F(ScenarioFile, UtilisationGivesThePeriod) {
  Scenario scenario = read(tasks("{name: a, model: w.yaml, utilisation: 0.25}"));
  std::vector<builder::LoweredTask> lowered = builder::lower_tasks(scenario);
  // One tile: load, compute, store.
  EXPECT_EQ(lowered[0].program.execution_cycles, 16092U + 23362 + 210015);
  uint64_t isolated = (249'469ULL * 1'000'000 + 229) / 230;
  EXPECT_EQ(lowered[0].isolated_ps, isolated);
  EXPECT_EQ(lowered[0].period_ps, 4 * isolated);
  EXPECT_EQ(lowered[0].deadline_ps, 4 * isolated);
}

TEST_F(ScenarioFile, EstimatesAreTheTimesOfTheRegions) {
  Scenario scenario = read(tasks("{name: a, model: w.yaml, period: 1 s}"), {"scheduler.granularity=tile"});
  std::vector<builder::LoweredTask> lowered = builder::lower_tasks(scenario);
  // One tile: load, compute, store. Picoseconds of cycles of 230 MHz are rounded up.
  const uint64_t cycles[] = {16092, 23362, 210015};
  auto picoseconds = [](uint64_t c) { return static_cast<double>((c * 1'000'000 + 229) / 230) / 1e12; };
  const auto& table = *lowered[0].estimates;
  ASSERT_EQ(table.size(), 3U);
  uint64_t left = 16092 + 23362 + 210015;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(table[i].latency, picoseconds(cycles[i]));
    EXPECT_EQ(table[i].left, picoseconds(left));
    EXPECT_EQ(table[i].pattern_latency, table[i].latency);
    EXPECT_EQ(table[i].pattern_left, table[i].left);
    EXPECT_EQ(table[i].average_sparsity, 0);
    EXPECT_EQ(table[i].outputs, 0U);
    left -= cycles[i];
  }
}

TEST_F(ScenarioFile, AWeightIsOneUnlessGiven) {
  Scenario scenario =
      read(tasks("{name: a, model: w.yaml, period: 1 ms}, {name: b, model: w.yaml, period: 1 ms, "
                 "weight: 3}, {name: c, model: w.yaml, period: 1 ms, weight: 1000000}"));
  EXPECT_EQ(scenario.tasks[0].weight, 1U);
  EXPECT_EQ(scenario.tasks[1].weight, 3U);
  EXPECT_EQ(scenario.tasks[2].weight, 1'000'000U);
}

TEST_F(ScenarioFile, PrioritiesAreRateMonotonicUnlessAllAreGiven) {
  auto priorities = [&](const std::string& items) {
    std::vector<uint32_t> all;
    for (const builder::LoweredTask& task : builder::lower_tasks(read(tasks(items))))
      all.push_back(task.priority);
    return all;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(
      priorities(
          "{name: a, model: w.yaml, period: 30 ms}, {name: b, model: w.yaml, period: 10 ms}, "
          "{name: c, model: w.yaml, period: 30 ms}, {name: d, model: w.yaml, period: 20 ms, deadline: 1 ms}"),
      ElementsAre(2U, 0U, 3U, 1U));
  EXPECT_THAT(priorities("{name: a, model: w.yaml, period: 30 ms, priority: 7}, {name: b, model: w.yaml, "
                         "period: 10 ms, priority: 9}"),
              ElementsAre(7U, 9U));
  EXPECT_THAT(
      refusal(tasks(
          "{name: a, model: w.yaml, period: 30 ms, priority: 7}, {name: b, model: w.yaml, period: 10 ms}")),
      HasSubstr("give all of them one, or none"));
}

TEST_F(ScenarioFile, WhatIsWrongIsNamedWithItsPlace) {
  EXPECT_THAT(refusal(tasks("{name: a, model: w.yaml}")),
              HasSubstr("s.yaml:4:9: 'tasks[0].period' is missing"));
  EXPECT_THAT(refusal(tasks("{name: a, model: w.yaml, period: 0 s}")),
              HasSubstr("s.yaml:4:42: tasks[0].period is 0 s; it must be at least 1 ps"));
  EXPECT_THAT(refusal(tasks("{name: a, model: w.yaml, period: 1 s, perod: 2 s}")),
              HasSubstr("unknown key 'tasks[0].perod' (did you mean 'period'?)"));
  EXPECT_THAT(refusal(tasks("{name: a, model: w.yaml, period: 1 s, arrival: perodic}")),
              HasSubstr("did you mean 'periodic'?"));
  EXPECT_THAT(refusal(tasks("{name: a, model: w.yaml, period: 1 s, accelerator: gpu}")),
              HasSubstr("'gpu' is no accelerator of this platform"));
  EXPECT_THAT(refusal(tasks("{name: a, model: w.yaml, period: 1 s, accelerator: job_release}")),
              HasSubstr("no accelerator"));
  EXPECT_THAT(refusal(tasks("{name: a, model: w.yaml, utilisation: 0}")), HasSubstr("above 0 and at most 1"));
  EXPECT_THAT(refusal(tasks("{name: a, model: v.yaml, period: 1 s}")),
              HasSubstr("s.yaml:4:26: cannot read '"));
  EXPECT_THAT(refusal("tasks: {a: 1}\n"), HasSubstr("tasks takes a list, not a map"));
  EXPECT_THAT(refusal("tasks: [3]\n"), HasSubstr("s.yaml:4:9: tasks[0] takes a map, not a value"));
  EXPECT_THAT(refusal("", {"scheduler.polcy=edf"}),
              HasSubstr("unknown key 'scheduler.polcy' (did you mean 'policy'?)"));
  EXPECT_THAT(refusal("", {"run.until="}), HasSubstr("--set run.until="));
  EXPECT_THAT(refusal("", {"accelerator.clock=0 Hz"}), HasSubstr("accelerator.clock is 0 Hz"));
  EXPECT_THAT(refusal("", {"noc.when=sometimes"}),
              HasSubstr("'sometimes' is neither a placement nor a fidelity"));
  EXPECT_THAT(refusal("extra: {type: nok}\n"), HasSubstr("there is no IP type 'nok' (did you mean 'noc'?)"));
  EXPECT_THAT(refusal("extra: 3\n"), HasSubstr("s.yaml:4:1: unknown key 'extra'"));
}

TEST_F(ScenarioFile, SixtyFourTasksAreTheMost) {
  std::string items;
  for (int i = 0; i < 64; ++i)
    items +=
        (i == 0 ? "" : ", ") + std::string("{name: t") + std::to_string(i) + ", model: w.yaml, period: 1 s}";
  EXPECT_EQ(read(tasks(items)).tasks.size(), 64U);
  EXPECT_THAT(refusal(tasks(items + ", {name: more, model: w.yaml, period: 1 s}")),
              HasSubstr("65 tasks; at most 64"));
}

TEST_F(ScenarioFile, PluginsAreNamedWithTheirReason) {
  EXPECT_THAT(refusal("plugins: [nowhere.so]\n"), HasSubstr("nowhere.so"));
  EXPECT_THAT(refusal("plugins: [{a: b}]\n"), HasSubstr("s.yaml:4:11"));
}

TEST_F(ScenarioFile, PluginsAreAList) {
  EXPECT_THAT(refusal("plugins: nowhere.so\n"), HasSubstr("plugins takes a list"));
}

void expect_all(const std::vector<PropertyInfo>& declared, const Node& effective, const std::string& path,
                bool optional_too = false) {
  for (const PropertyInfo& property : declared) {
    const Node* written = effective.find(property.name);
    // A task's sparsity is the accelerator's unless it is given.
    bool left_out = path.ends_with(": tasks[]") && property.name == "sparsity";
    bool has_default = !property.default_text.empty() || (!property.children.empty() && !left_out);
    if (written == nullptr) {
      EXPECT_FALSE(has_default || optional_too)
          << path << "." << property.name << " is not in the effective configuration";
      continue;
    }
    if (written->is_map()) expect_all(property.children, *written, path + "." + property.name);
    for (const Node& item : written->items()) {
      if (item.is_map()) expect_all(property.children, item, path + "." + property.name + "[]");
    }
  }
}

const Node* item_named(const Node& root, const char* list, const std::string& name) {
  const Node* items = root.find(list);
  if (items == nullptr) return nullptr;
  for (const Node& item : items->items()) {
    if (item.find("name")->text() == name) return &item;
  }
  return nullptr;
}

TEST(EffectiveConfiguration, HasEveryPropertyOfEveryShippedScenario) {
  size_t instances = 0;
  for (const std::string& path : test::shipped_scenarios()) {
    Scenario scenario = read_scenario(kRoot + path, {});
    Node effective = parse_yaml(scenario.effective, "effective");
    for (const auto& [section, properties] : scenario_sections()) {
      if (section.ends_with("[]")) {
        const Node* list = effective.find(section.substr(0, section.size() - 2));
        if (list == nullptr) continue;
        for (const Node& item : list->items()) expect_all(properties, item, path + ": " + section);
      } else if (section == "design" && !scenario.design) {
        EXPECT_EQ(effective.find(section), nullptr) << path;
      } else if (section != "requests") {  // which shows the values that count for its kind of stream
        ASSERT_NE(effective.find(section), nullptr) << path << ": " << section;
        expect_all(properties, *effective.find(section), path + ": " + section);
      }
    }
    const std::vector<Node>& listed = effective.find("tasks")->items();  // tasks of requests are not
    for (size_t i = 0; i < listed.size(); ++i) {
      expect_all(workload::find_arrival_process(scenario.tasks[i].arrival)->properties(), listed[i],
                 path + ": arrival");
    }
    for (const Instance& instance : scenario.instances) {
      const Node* node = effective.find(instance.name);
      if (node == nullptr) node = item_named(effective, "traffic", instance.name);
      ASSERT_NE(node, nullptr) << instance.name;
      expect_all(core::IpRegistry::instance().find(instance.type)->properties(), *node,
                 path + ": " + instance.name);
      ++instances;
    }
  }
  EXPECT_GT(instances, 30U);
}

TEST_F(ScenarioFile, TheEffectiveConfigurationReadsBackTheSame) {
  Scenario scenario = read(tasks("{name: a, model: w.yaml, period: 10 ms, jitter: 1 us}"),
                           {"accelerator.cycles.load=77", "memory.fidelity=burst"});
  test::write_file(folder / "again.yaml", scenario.effective);
  Scenario again = read_scenario(folder / "again.yaml", {});
  EXPECT_EQ(again.effective, scenario.effective);
  EXPECT_THAT(scenario.effective, HasSubstr("load: 77"));
}

TEST(Slug, KeepsLettersAndDigits) {
  EXPECT_EQ(slug("A camera, and a LiDAR (2)!"), "a-camera-and-a-lidar-2");
  EXPECT_EQ(slug("../../etc"), "etc");
  EXPECT_EQ(slug("!!!"), "run");
  EXPECT_LE(slug(std::string(500, 'x')).size(), 80U);
}

}  // namespace
}  // namespace vesper::scenario
