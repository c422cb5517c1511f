// Networks woven on an NPU, from scenario to outputs.
#include "sw/abi/npu.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

#include "models/core/clock_domain.h"
#include "platform/builder/lowered_task.h"
#include "platform/lowering/program.h"
#include "platform/lowering/weight_stationary.h"
#include "schedulers/weaving/schedule.h"
#include "tests/support/command.h"

namespace vesper::test {
namespace {

using Rows = std::vector<std::map<std::string, std::string>>;

constexpr const char* kDemo = "scenarios/demo/woven_networks.yaml";

/// Picoseconds of a time in seconds with up to twelve decimals.
uint64_t picoseconds(const std::string& seconds) {
  const size_t dot = seconds.find('.');
  std::string decimals = dot == std::string::npos ? "" : seconds.substr(dot + 1);
  decimals.resize(12, '0');
  return std::stoull(seconds.substr(0, dot)) * 1'000'000'000'000 + std::stoull(decimals);
}

class Woven : public ::testing::Test {
 protected:
  void run(const std::vector<std::string>& settings, const std::string& scenario = kDemo) {
    std::vector<std::string> arguments{"run", scenario, "--steps", "--bandwidth", "--out", folder / "out"};
    for (const std::string& setting : settings) {
      arguments.emplace_back("--set");
      arguments.push_back(setting);
    }
    CommandResult result = run_vesper(arguments);
    ASSERT_EQ(result.status, 0) << result.err;
  }
  Rows rows(const char* file) { return read_csv(folder.path() / "out" / file); }

  /// The layers of each task as the weaver is told of them.
  static std::map<std::string, std::vector<weaving::Layer>> layers_of(const scenario::Scenario& scenario,
                                                                      const npu::NpuTicks& ticks) {
    std::map<std::string, std::vector<weaving::Layer>> all;
    const std::vector<builder::LoweredTask> lowered = builder::lower_tasks(scenario);
    for (size_t i = 0; i < lowered.size(); ++i) {
      for (const abi::MetadataEntry& raw : lowered[i].program.entries) {
        abi::NpuLayerEntry entry;
        std::memcpy(&entry, &raw, sizeof entry);
        all[scenario.tasks[i].name].push_back({entry.cycles * ticks.cycle, entry.weight_bytes * ticks.byte});
      }
    }
    return all;
  }

  static npu::NpuProperties npu_of(const scenario::Scenario& scenario) {
    const auto npu = std::ranges::find(scenario.instances, "npu", &scenario::Instance::type);
    return lowering::properties_of<npu::NpuProperties>(npu->effective, npu->name);
  }

  TemporaryFolder folder;
};

/// A scenario, what is set in it, and how it is called in the name of a test.
struct Case {
  std::string name;
  std::string scenario;
  std::vector<std::string> settings;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

class Estimate : public Woven, public ::testing::WithParamInterface<Case> {};

// The schedule's own t_c, layer by layer, is what the simulated NPU does.
TEST_P(Estimate, IsWhatTheNpuDoesToThePicosecond) {
  const std::vector<std::string>& settings = GetParam().settings;
  ASSERT_NO_FATAL_FAILURE(run(settings, GetParam().scenario));
  const scenario::Scenario scenario =
      scenario::read_scenario(std::string(VESPER_SOURCE_DIR) + "/" + GetParam().scenario, settings);
  const npu::NpuTicks ticks(npu_of(scenario));
  const auto layers = layers_of(scenario, ticks);
  const core::ClockDomain time(Frequency{ticks.second});

  std::vector<uint64_t> computed;
  for (const auto& row : rows("steps.csv")) {
    if (row.at("operation") == "compute") computed.push_back(picoseconds(row.at("start_s")));
  }
  std::map<std::string, uint64_t> ends;  // by task and job, of what has ended within the run
  for (const auto& row : rows("jobs.csv")) {
    if (!row.at("finish_s").empty())
      ends[row.at("task") + "#" + row.at("job")] = picoseconds(row.at("finish_s"));
  }
  auto schedule = std::make_unique<weaving::Schedule>(ticks.buffer);
  size_t i = 0;
  for (const auto& row : rows("decisions.csv")) {
    if (i == computed.size()) break;  // the end of the run
    const std::vector<weaving::Layer>& network = layers.at(row.at("task"));
    const size_t index = std::stoul(row.at("region"));
    const weaving::Placed placed = schedule->place(network.at(index));
    ASSERT_EQ(computed[i], time.edge(placed.computed - network[index].compute)) << "layer " << i;
    schedule->append(network[index], placed);
    const auto end = ends.find(row.at("task") + "#" + row.at("job"));
    if (index + 1 == network.size() && end != ends.end()) {
      ASSERT_EQ(end->second, time.edge(placed.computed));
      ends.erase(end);
    }
    ++i;
  }
  EXPECT_EQ(i, computed.size());
  EXPECT_GT(i, 200U);
  EXPECT_THAT(ends, ::testing::IsEmpty());
}

const std::vector<const char*> kWeavers{"layerweaver", "ai_mt", "fair"};

std::vector<Case> demos() {
  std::vector<Case> all;
  for (const char* weaver : kWeavers) {
    for (const char* demo : {"woven_networks", "woven_batches"}) {
      all.push_back({std::string(demo) + "_" + weaver,
                     std::string("scenarios/demo/") + demo + ".yaml",
                     {std::string("scheduler.policy=") + weaver}});
    }
  }
  return all;
}

/// The 16 pairs of scenarios/layerweaver/pairs.yaml on an NPU.
std::vector<Case> pairs(const std::vector<const char*>& weavers, const std::string& npu,
                        const std::string& until) {
  const std::string networks = VESPER_SOURCE_DIR "/scenarios/workloads/";
  std::vector<Case> all;
  for (const char* weaver : weavers) {
    for (const std::string compute : {"inception_v3", "mobilenet_v2", "resnet50", "resnext50"}) {
      for (const std::string memory : {"bert_base", "bert_large", "ncf_tables", "xlnet"}) {
        Case& pair = all.emplace_back();
        pair.name = compute + "_" + memory + "_" + weaver;
        pair.scenario = "scenarios/layerweaver/" + npu + ".yaml";
        pair.settings = {std::string("scheduler.policy=") + weaver,
                         "tasks.compute.model=" + networks + compute + ".yaml",
                         "tasks.memory.model=" + networks + memory + ".yaml",
                         "tasks.compute.count=1000",
                         "tasks.memory.count=1000",
                         "run.until=" + until};
        if (memory != "ncf_tables") pair.settings.emplace_back("tasks.memory.tokens=16");
      }
    }
  }
  return all;
}

const auto name_of_case = [](const auto& param) { return param.param.name; };
INSTANTIATE_TEST_SUITE_P(Demo, Estimate, ::testing::ValuesIn(demos()), name_of_case);
INSTANTIATE_TEST_SUITE_P(MemoryCentric, Estimate,
                         ::testing::ValuesIn(pairs(kWeavers, "memory_centric", "20 ms")), name_of_case);
INSTANTIATE_TEST_SUITE_P(ComputeCentric, Estimate,
                         ::testing::ValuesIn(pairs(kWeavers, "compute_centric", "60 ms")), name_of_case);

class Firmware : public Woven, public ::testing::WithParamInterface<Case> {
 protected:
  /// Starts of computations, each with its task, job and layer, with the scheduler in that placement.
  std::vector<std::pair<std::string, int64_t>> computations(const std::string& placement) {
    std::vector<std::string> settings = GetParam().settings;
    settings.push_back("scheduler.placement=" + placement);
    run(settings, GetParam().scenario);
    std::vector<std::pair<std::string, int64_t>> all;
    for (const auto& row : rows("steps.csv")) {
      if (row.at("operation") == "compute") {
        all.emplace_back(row.at("task") + "#" + row.at("job") + "." + row.at("layer"),
                         static_cast<int64_t>(picoseconds(row.at("start_s"))));
      }
    }
    return all;
  }
};

// All that firmware costs a pair is its start, and up to 5 us while the first commands come one by one.
TEST_P(Firmware, IsNeverTheCriticalPathOnceItHasStarted) {
  const auto ideal = computations("ideal");
  const auto software = computations("software");
  ASSERT_GT(software.size(), 200U);
  ASSERT_LE(software.size(), ideal.size());
  const int64_t start = software[0].second - ideal[0].second;
  EXPECT_LT(start, 200'000'000) << "of layers read from the tables";
  for (size_t i = 0; i < software.size(); ++i) {
    ASSERT_EQ(software[i].first, ideal[i].first);
    const int64_t later = software[i].second - ideal[i].second;
    ASSERT_GE(later, start - 1) << "layer " << i;  // ticks round up to picoseconds
    ASSERT_LE(later, start + 5'000'000) << "layer " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(MemoryCentric, Firmware,
                         ::testing::ValuesIn(pairs({"layerweaver"}, "memory_centric", "20 ms")),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(ComputeCentric, Firmware,
                         ::testing::ValuesIn(pairs({"layerweaver"}, "compute_centric", "60 ms")),
                         name_of_case);

TEST_F(Woven, BurstMemoryMovesTheWeightsToTheByte) {
  ASSERT_NO_FATAL_FAILURE(run({"memory.fidelity=burst"}));
  uint64_t loaded = 0;
  for (const auto& row : rows("steps.csv")) loaded += std::stoull(row.at("bytes"));
  std::map<std::string, uint64_t> moved;
  for (const auto& row : rows("bandwidth.csv")) {
    const std::string& port = row.at("port");
    moved[port.substr(0, port.find_first_of("_."))] += std::stoull(row.at("read_bytes"));
    EXPECT_EQ(row.at("write_bytes"), "0");
  }
  uint64_t expected = 0;
  const scenario::Scenario scenario =
      scenario::read_scenario(std::string(VESPER_SOURCE_DIR) + "/" + kDemo, {});
  const std::vector<builder::LoweredTask> lowered = builder::lower_tasks(scenario);
  const std::vector<uint64_t> jobs = {4, 3};
  for (size_t task = 0; task < lowered.size(); ++task) {
    for (const abi::MetadataEntry& raw : lowered[task].program.entries) {
      abi::NpuLayerEntry entry;
      std::memcpy(&entry, &raw, sizeof entry);
      expected += jobs[task] * entry.weight_bytes;
    }
  }
  EXPECT_EQ(loaded, expected);
  EXPECT_EQ(moved.at("accelerator"), expected);
  EXPECT_EQ(moved.at("ddr"), expected);
}

TEST_F(Woven, FirmwareThatCostsTimeDecidesAsTheIdealHostDoes) {
  auto decisions = [this](const std::string& placement) {
    run({"scheduler.placement=" + placement});
    std::vector<std::string> lines;
    for (const auto& row : rows("decisions.csv"))
      lines.push_back(row.at("task") + "#" + row.at("job") + "." + row.at("region"));
    return lines;
  };
  // A backlog leaves nothing to time.
  EXPECT_EQ(decisions("software"), decisions("ideal"));
}

TEST_F(Woven, AQueueOfFewPlacesLosesNothing) {
  for (const char* placement : {"software", "ideal"}) {
    ASSERT_NO_FATAL_FAILURE(run({std::string("scheduler.placement=") + placement,
                                 "accelerator.command_depth=4", "accelerator.low_water=2"}));
    EXPECT_EQ(rows("jobs.csv").size(), 7U) << placement;
    EXPECT_EQ(rows("decisions.csv").size(), 4U * 54 + 3U * 73) << placement;
  }
}

// The host costs its start; then the low-water mark wakes it early enough.
TEST_F(Woven, FirmwareRefillsTheQueueBeforeItRunsDry) {
  const std::vector<std::string> few{"accelerator.ahead=48", "accelerator.low_water=24"};
  auto finish = [&](const std::string& placement) {
    std::vector<std::string> settings = few;
    settings.push_back("scheduler.placement=" + placement);
    run(settings);
    return picoseconds(rows("jobs.csv").back().at("finish_s"));
  };
  const uint64_t ideal = finish("ideal");
  const uint64_t software = finish("software");
  const uint64_t start = picoseconds(rows("decisions.csv").front().at("instruction_s"));
  EXPECT_GT(software, ideal);
  EXPECT_LT(software, ideal + start + 20'000'000) << "20 us: the first commands come one by one";
}

TEST_F(Woven, OneActivationBufferCostsTime) {
  ASSERT_NO_FATAL_FAILURE(run({}));
  const uint64_t two = picoseconds(rows("jobs.csv").back().at("finish_s"));
  ASSERT_NO_FATAL_FAILURE(run({"accelerator.activation_networks=1"}));
  const uint64_t one = picoseconds(rows("jobs.csv").back().at("finish_s"));
  EXPECT_GT(one, two);
  uint64_t stored = 0, loaded = 0;
  for (const auto& row : rows("steps.csv")) {
    if (row.at("operation") == "persist") stored += std::stoull(row.at("bytes"));
    if (row.at("operation") == "resume") loaded += std::stoull(row.at("bytes"));
  }
  EXPECT_GT(stored, 0U);
  EXPECT_EQ(stored, loaded);
}

}  // namespace
}  // namespace vesper::test
