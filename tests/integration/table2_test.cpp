// Table II of DERCA (RTSS 2025): cycles of the accelerator's operations at 230 MHz, its model and the board's
// average.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

struct Row {
  double board_average;
  int64_t model;
};
const std::map<std::string, Row> kTable{{"load", {15819, 16092}},      {"compute", {23357, 23362}},
                                        {"store", {204891, 210015}},   {"clean", {16385, 16400}},
                                        {"persist", {204891, 210015}}, {"resume", {293376, 299893}}};

std::map<std::string, std::vector<int64_t>> operations(const std::string& fidelity) {
  TemporaryFolder folder;
  CommandResult result = run_vesper({"run", "scenarios/derca/table2.yaml", "--steps", "--out", folder / "out",
                                     "--set", "memory.fidelity=" + fidelity});
  EXPECT_EQ(result.status, 0) << result.err;
  std::map<std::string, std::vector<int64_t>> cycles;
  for (auto& row : read_csv(folder / "out/steps.csv"))
    cycles[row.at("operation")].push_back(std::stoll(row.at("cycles")));
  return cycles;
}

TEST(Table2, FixedMemoryIsThePublishedModelWithinACycle) {
  auto cycles = operations("fixed");
  for (const auto& [operation, row] : kTable) {
    ASSERT_FALSE(cycles[operation].empty()) << operation;
    for (int64_t measured : cycles[operation]) EXPECT_LE(std::abs(measured - row.model), 1) << operation;
  }
}

TEST(Table2, BurstMemoryIsTheBoardWithinFivePercent) {
  auto cycles = operations("burst");
  for (const auto& [operation, row] : kTable) {
    ASSERT_FALSE(cycles[operation].empty()) << operation;
    double sum = 0;
    for (int64_t measured : cycles[operation]) sum += static_cast<double>(measured);
    double average = sum / static_cast<double>(cycles[operation].size());
    EXPECT_LE(std::abs(average / row.board_average - 1), 0.05)
        << operation << " takes " << average << " on average";
    RecordProperty(operation, std::to_string(average));
  }
}

}  // namespace
}  // namespace vesper::test
