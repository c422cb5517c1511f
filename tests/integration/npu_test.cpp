// Networks woven on an NPU, from scenario to outputs.
#include "sw/abi/npu.h"

#include <gmock/gmock.h>

#include <cstring>
#include <map>
#include <memory>

#include "models/core/clock_domain.h"
#include "platform/builder/lowered_task.h"
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
  void run(const std::vector<std::string>& settings) {
    std::vector<std::string> arguments{"run", kDemo, "--steps", "--bandwidth", "--out", folder / "out"};
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
                                                                      const lowering::NpuTicks& ticks) {
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

  TemporaryFolder folder;
};

struct Case {
  const char* platform;
  const char* policy;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.platform << " " << c.policy; }
};

class Estimate : public Woven, public ::testing::WithParamInterface<Case> {};

// The schedule's own t_c, layer by layer, is what the simulated NPU does.
TEST_P(Estimate, IsWhatTheNpuDoesToThePicosecond) {
  const std::string platform = GetParam().platform;
  const bool compute_centric = platform == "compute_centric";
  std::vector<std::string> settings{std::string("scheduler.policy=") + GetParam().policy};
  if (compute_centric) {
    settings.insert(settings.end(), {"accelerator.arrays=12", "accelerator.rows=64", "accelerator.columns=64",
                                     "accelerator.clock=927 MHz", "accelerator.bandwidth=68 GB/s"});
  }
  ASSERT_NO_FATAL_FAILURE(run(settings));
  const scenario::Scenario scenario =
      scenario::read_scenario(std::string(VESPER_SOURCE_DIR) + "/" + kDemo, settings);
  lowering::NpuProperties npu;  // the memory-centric one
  if (compute_centric) {
    npu.arrays = 12;
    npu.rows = npu.columns = 64;
    npu.clock = MHz(927);
    npu.bandwidth = {68'000'000'000};
  }
  const lowering::NpuTicks ticks(npu);
  const auto layers = layers_of(scenario, ticks);
  const core::ClockDomain time(Frequency{ticks.second});

  std::vector<uint64_t> computed;
  for (const auto& row : rows("steps.csv")) {
    if (row.at("operation") == "compute") computed.push_back(picoseconds(row.at("start_s")));
  }
  auto schedule = std::make_unique<weaving::Schedule>(ticks.buffer);
  size_t i = 0;
  for (const auto& row : rows("decisions.csv")) {
    const weaving::Layer& layer = layers.at(row.at("task")).at(std::stoul(row.at("region")));
    const weaving::Placed placed = schedule->place(layer);
    ASSERT_LT(i, computed.size());
    ASSERT_EQ(computed[i], time.edge(placed.computed - layer.compute)) << "layer " << i;
    schedule->append(layer, placed);
    ++i;
  }
  EXPECT_EQ(i, computed.size());
  EXPECT_GT(i, 200U);
  EXPECT_EQ(picoseconds(rows("jobs.csv").back().at("finish_s")), time.edge(schedule->computed()));
}

INSTANTIATE_TEST_SUITE_P(Demo, Estimate,
                         ::testing::Values(Case{"memory_centric", "layerweaver"},
                                           Case{"memory_centric", "ai_mt"}, Case{"memory_centric", "fair"},
                                           Case{"compute_centric", "layerweaver"},
                                           Case{"compute_centric", "ai_mt"}, Case{"compute_centric", "fair"}),
                         [](const auto& param) {
                           return std::string(param.param.platform) + "_" + param.param.policy;
                         });

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
