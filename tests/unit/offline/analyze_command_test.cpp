// `vesper analyze` as users meet it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kScenario = "scenarios/derca/bert_tiny.yaml";

TEST(AnalyzeCommand, TellsOfEveryDesignAndTask) {
  TemporaryFolder folder;
  CommandResult result = run_vesper({"analyze", kScenario, "--out", folder / "out"});
  ASSERT_EQ(result.status, 0) << result.err;
  for (const char* title : {"NP:", "LW:", "IR:", "IP:", "IF:", "IR w/ PPP:", "IP w/ PPP:", "IF w/ PPP:"}) {
    EXPECT_THAT(result.out, HasSubstr(title));
  }
  json all = json::parse(read_file(folder / "out/analysis.json"));
  const json& accelerator = all["accelerators"][0];
  ASSERT_EQ(accelerator["designs"].size(), 8U);
  auto rows = read_csv(folder / "out/analysis.csv");
  ASSERT_EQ(rows.size(), 16U);
  for (const auto& row : rows) {
    int64_t parts = 0;
    for (const char* part : {"execution", "management", "first_overhead", "swap_in"})
      parts += std::stoll(row.at(part));
    EXPECT_EQ(parts, std::stoll(row.at("wcet"))) << row.at("design");
  }
  EXPECT_EQ(accelerator["tasks"][0]["layers"], 16);
  EXPECT_EQ(accelerator["terms"]["scheduler"], 17) << "two tasks on the hardware scheduler";
}

TEST(AnalyzeCommand, PlacedPointsAreNamed) {
  TemporaryFolder folder;
  // The second task's job is longer than the first can wait.
  CommandResult result = run_vesper({"analyze", kScenario, "--design", "np,if-ppp", "--set",
                                     "tasks.first.utilisation=0.7", "--out", folder / "out"});
  ASSERT_EQ(result.status, 0) << result.err;
  json designs = json::parse(read_file(folder / "out/analysis.json"))["accelerators"][0]["designs"];
  EXPECT_EQ(designs[0]["verdict"], "blocking: second");
  EXPECT_EQ(designs[1]["verdict"], "schedulable");
  const json& second = designs[1]["tasks"][1];
  ASSERT_GT(second["regions"], 1);
  EXPECT_EQ(second["points"].size() + 1, second["regions"]);
  EXPECT_LE(second["q_max"], second["bound"]);
  EXPECT_THAT(result.out, HasSubstr("points " + second["points"][0]["layer"].dump() + " " +
                                    second["points"][0]["layer_name"].get<std::string>() + ":"));
}

TEST(AnalyzeCommand, WrongInputIsStatusTwo) {
  auto analyze = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"analyze", kScenario, "--out", "/dev/null/out"});
    return run_vesper(more);
  };
  EXPECT_THAT(analyze({"--design", "if-pp"}).err, HasSubstr("did you mean 'if-ppp'?"));
  CommandResult deadline = analyze({"--set", "tasks.first.deadline=100 s"});
  EXPECT_EQ(deadline.status, 2);
  EXPECT_THAT(deadline.err, HasSubstr("deadline lies beyond its period"));
  CommandResult overflow = run_vesper({"analyze", "tests/integration/bad/placed_analysis_overflow.yaml"});
  EXPECT_EQ(overflow.status, 2);
  EXPECT_THAT(overflow.err, HasSubstr("overflows 64 bits"));
  EXPECT_EQ(analyze({}).status, 2) << "the folder cannot be made";
  EXPECT_EQ(analyze({"--published", "--scheduler-cycles", "3"}).status, 2);
}

TEST(AnalyzeCommand, AnOverloadIsAVerdict) {
  TemporaryFolder folder;
  CommandResult result = run_vesper({"analyze", kScenario, "--design", "lw", "--set",
                                     "tasks.first.utilisation=0.99", "--out", folder / "out"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("LW: overload"));
}

}  // namespace
}  // namespace vesper::test
