// Task sets that no scheduler can serve: `analyze` gives the verdict, `validate` and `run` say that no
// placement of preemption points is schedulable and keep all points.
#include <gmock/gmock.h>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* name;
  std::vector<std::string> tasks;
  const char* verdict;         ///< with all points
  const char* placed_verdict;  ///< with placement
};

void PrintTo(const Case& value, std::ostream* out) { *out << value.name; }

class Unschedulable : public ::testing::TestWithParam<Case> {
 protected:
  Unschedulable() {
    std::string text = "scenario: too much\ninclude: " VESPER_SOURCE_DIR
                       "/scenarios/platforms/vck190.yaml\nscheduler: {granularity: placed}\n"
                       "run: {until: 100 ms}\ntasks:\n";
    for (const std::string& task : GetParam().tasks) {
      text += "  - {model: " VESPER_SOURCE_DIR "/scenarios/workloads/mlp1.yaml, " + task + "}\n";
    }
    write_file(folder / "s.yaml", text);
  }
  TemporaryFolder folder;
};

TEST_P(Unschedulable, AnalyzeSaysWhy) {
  CommandResult result =
      run_vesper({"analyze", folder / "s.yaml", "--design", "if,if-ppp", "--out", folder / "out"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr(std::string("\nIF: ") + GetParam().verdict + "\n"));
  EXPECT_THAT(result.out, HasSubstr(std::string("\nIF w/ PPP: ") + GetParam().placed_verdict + "\n"));
}

TEST_P(Unschedulable, ValidateAndRunKeepAllPointsAndSaySo) {
  const std::string warning =
      std::string("vesper: no schedulable placement of preemption points on 'accelerator' (") +
      GetParam().placed_verdict + "): all are kept\n";
  CommandResult validated = run_vesper({"validate", folder / "s.yaml"});
  EXPECT_EQ(validated.status, 0);
  EXPECT_EQ(validated.err, warning);
  EXPECT_THAT(validated.out, HasSubstr("132 regions"));
  CommandResult ran = run_vesper({"run", folder / "s.yaml", "--out", folder / "out", "--fail-on", "miss"});
  EXPECT_EQ(ran.status, 3) << "some deadlines cannot be met";
  EXPECT_EQ(ran.err, warning);
}

// A job takes 14.968 ms.
INSTANTIATE_TEST_SUITE_P(TaskSets, Unschedulable,
                         ::testing::Values(Case{"UtilisationAboveOne",
                                                {"name: a, period: 30 ms", "name: b, period: 20 ms"},
                                                "too long: b",
                                                "overload"},
                                           Case{"AJobLongerThanItsPeriod",
                                                {"name: a, period: 10 ms", "name: b, period: 1 s"},
                                                "too long: a",
                                                "too long: a"},
                                           Case{"ARegionLongerThanAPeriod",
                                                {"name: a, period: 50 us", "name: b, period: 1 s"},
                                                "too long: a",
                                                "too long: a"},
                                           Case{"NoTimeForAnother",
                                                {"name: a, period: 15 ms", "name: b, period: 1 s"},
                                                "too long: a",
                                                "too long: a"}),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace vesper::test
