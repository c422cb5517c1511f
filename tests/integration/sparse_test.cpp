// Sparse networks on the whole platform: times, switches and bytes from scenario to outputs.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

using Row = std::map<std::string, std::string>;

class Sparse : public ::testing::Test {
 protected:
  /// A long job of two layers that a short one preempts between them; both networks fit the buffer.
  void SetUp() override {
    write_file(folder / "long.yaml",
               "name: long\nlayers:\n  - {matmul: [256, 512, 256]}\n  - {matmul: [256, 256, 512]}\n");
    write_file(folder / "short.yaml", "name: short\nlayers:\n  - {matmul: [64, 64, 64]}\n");
    write_file(folder / "s.yaml",
               "scenario: a switch between layers\n"
               "include: " VESPER_SOURCE_DIR
               "/scenarios/platforms/eyeriss_v2.yaml\n"
               "scheduler: {policy: edf, placement: ideal, granularity: layer}\n"
               "accelerator:\n"
               "  sparsity: {pattern: channel, weights: 0.5, activations: 0.5}\n"
               "  lookup_cycles: 0\n  launch_cycles: 0\n  feedback_cycles: 0\n  interrupt_cycles: 0\n"
               "tasks:\n"
               "  - {name: long, model: long.yaml, period: 10 ms}\n"
               "  - {name: short, model: short.yaml, period: 10 ms, offset: 100 us, deadline: 1 ms}\n"
               "run: {until: 5 ms}\n");
  }
  void run(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"run",     folder / "s.yaml", "--out",     folder / "out",
                                       "--steps", "--bandwidth",     "--timeline"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    CommandResult result = run_vesper(arguments);
    ASSERT_EQ(result.status, 0) << result.err;
    steps = read_csv(folder / "out/steps.csv");
  }
  int64_t completion(const std::string& task) {
    for (auto& row : read_csv(folder / "out/jobs.csv")) {
      if (row.at("task") == task) return picoseconds(row.at("finish_s"));
    }
    return -1;
  }
  std::vector<Row> steps_of(const std::string& operation) {
    std::vector<Row> found;
    for (const Row& row : steps) {
      if (row.at("operation") == operation) found.push_back(row);
    }
    return found;
  }

  TemporaryFolder folder;
  std::vector<Row> steps;
};

constexpr int64_t kCycle = 5000;  // of 200 MHz

TEST_F(Sparse, ASwitchBetweenLayersCostsItsTransfersInFixedMemory) {
  run();
  // Each layer of the long job: 33 554 432 MACs, a quarter of them, at 307.2 a cycle; of the short 262 144.
  constexpr int64_t kLong = 27'307, kShort = 214;
  // 65 536 activations, half of them zero, in 12 bits: out, and in again.
  constexpr int64_t kSwap = 100 + 65'536 * 3 / 4 / 16;
  // 4096 weights at 3/4 of a byte, 16 a cycle: 292 cycles.
  EXPECT_GT(100 + 4096 * 3 / 4 / 16, kShort);
  EXPECT_EQ(completion("short"), (kLong + kSwap + 100 + 4096 * 3 / 4 / 16) * kCycle);
  EXPECT_EQ(completion("long"), (2 * kLong + 2 * kSwap + 100 + 4096 * 3 / 4 / 16) * kCycle);
  ASSERT_EQ(steps_of("persist").size(), 1U);
  EXPECT_EQ(steps_of("persist")[0].at("task"), "long");
  EXPECT_EQ(steps_of("persist")[0].at("bytes"), "49152");
  EXPECT_EQ(steps_of("resume")[0].at("bytes"), "49152");
}

TEST_F(Sparse, IdealPlacementActsAtTheVeryPicosecond) {
  run({"--set", "tasks.long.offset=1234567 ps"});
  const auto decisions = read_csv(folder / "out/decisions.csv");
  EXPECT_EQ(picoseconds(decisions[0].at("instruction_s")), 1'234'567);
  EXPECT_EQ(picoseconds(decisions[1].at("instruction_s")), 1'234'567 + 27'307 * kCycle);
}

TEST_F(Sparse, WithoutABufferSwitchesAreFree) {
  run({"--set", "accelerator.activation_buffer=0 B"});
  EXPECT_THAT(steps_of("persist"), ::testing::IsEmpty());
  // Streams of activations hide behind the array.
  EXPECT_EQ(completion("long"), (2 * 27'307 + 292) * kCycle);
}

TEST_F(Sparse, InBurstMemoryASwitchTravelsNocAndDdr) {
  run({"--set", "memory.fidelity=burst"});
  ASSERT_EQ(steps_of("persist").size(), 1U);
  EXPECT_EQ(steps_of("persist")[0].at("bytes"), "49152");
  // No faster than the port carries 49 152 bytes.
  EXPECT_GE(std::stoul(steps_of("persist")[0].at("cycles")), 100U + 3072);
  EXPECT_GE(std::stoul(steps_of("resume")[0].at("cycles")), 100U + 3072);
  EXPECT_LT(std::stoul(steps_of("resume")[0].at("cycles")), 2 * (100U + 3072));
}

TEST_F(Sparse, StepsAndPortsMoveTheSameBytes) {
  for (const char* fidelity : {"fixed", "burst"}) {
    SCOPED_TRACE(fidelity);
    run({"--set", std::string("memory.fidelity=") + fidelity});
    int64_t steps_bytes = 0, read = 0, written = 0, at_ddr = 0;
    for (const Row& row : steps) steps_bytes += std::stol(row.at("bytes"));
    for (const Row& row : read_csv(folder / "out/bandwidth.csv")) {
      const bool port = row.at("port").starts_with("accelerator.");
      const bool ddr = row.at("port").starts_with("ddr.");
      if (port) read += std::stol(row.at("read_bytes"));
      if (port) written += std::stol(row.at("write_bytes"));
      if (ddr) at_ddr += std::stol(row.at("read_bytes")) + std::stol(row.at("write_bytes"));
    }
    // Weights, then inputs: three layers', at 3/4 of a byte; the first inputs; a swap.
    EXPECT_EQ(read, (2 * 512 * 256 + 64 * 64 + 256 * 512 + 64 * 64 + 256 * 256) * 3 / 4);
    EXPECT_EQ(written, (256 * 512 + 64 * 64 + 256 * 256) * 3 / 4);
    EXPECT_EQ(steps_bytes, read + written);
    EXPECT_EQ(at_ddr, std::string(fidelity) == "burst" ? read + written : 0);
  }
}

TEST_F(Sparse, PlacementsDecideAlikeInBurstMemoryToo) {
  std::set<std::vector<std::string>> all;
  for (const char* placement : {"ideal", "hardware", "software"}) {
    SCOPED_TRACE(placement);
    run({"--placement", placement, "--set", "memory.fidelity=burst"});
    std::vector<std::string> order;
    for (auto& row : read_csv(folder / "out/decisions.csv"))
      order.push_back(row.at("task") + row.at("region"));
    EXPECT_EQ(order.size(), 3U);
    all.insert(order);
  }
  EXPECT_EQ(all.size(), 1U);
}

}  // namespace
}  // namespace vesper::test
