// `vesper report` as users and scripts meet it. What the page shows is tested in report_page_test.mjs.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr const char* kDemo = "scenarios/demo/camera_and_lidar.yaml";

class ReportCommand : public ::testing::Test {
 protected:
  void run(const std::string& name, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"run", kDemo, "--until", "30 ms", "--out", folder_ / name};
    arguments.insert(arguments.end(), more.begin(), more.end());
    CommandResult result = run_vesper(arguments);
    ASSERT_EQ(result.status, 0) << result.err;
  }
  /// The complaint of a report that is refused and leaves nothing.
  std::string refused(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "report");
    arguments.insert(arguments.end(), {"--out", folder_ / "page.html"});
    CommandResult result = run_vesper(arguments);
    EXPECT_EQ(result.status, 2) << result.out;
    EXPECT_FALSE(fs::exists(folder_ / "page.html"));
    EXPECT_FALSE(fs::exists(folder_ / "page.html.partial"));
    return result.err;
  }

  TemporaryFolder folder_;
};

TEST_F(ReportCommand, WritesOnePageThatLoadsNothing) {
  run("a");
  CommandResult result = run_vesper({"report", folder_ / "a"});
  ASSERT_EQ(result.status, 0) << result.err;
  std::string page = read_file(folder_ / "a/report.html");
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, Not(HasSubstr("src=\"")));
  EXPECT_THAT(page, Not(HasSubstr("@vesper-")));
  EXPECT_LT(page.size(), 2'000'000U);
}

TEST_F(ReportCommand, TheSameRunsGiveTheSameBytes) {
  run("a");
  run("again/a");
  ASSERT_EQ(run_vesper({"report", folder_ / "a", "--out", folder_ / "one.html"}).status, 0);
  ASSERT_EQ(run_vesper({"report", folder_ / "again/a", "--out", folder_ / "two.html"}).status, 0);
  EXPECT_EQ(read_file(folder_ / "one.html"), read_file(folder_ / "two.html"));
}

TEST_F(ReportCommand, ARunWritesItsReportItself) {
  run("a", {"--report"});
  ASSERT_EQ(run_vesper({"report", folder_ / "a", "--out", folder_ / "one.html"}).status, 0);
  EXPECT_EQ(read_file(folder_ / "one.html"), read_file(folder_ / "a/report.html"));
}

/// Runs that end idle and do no work again: what stretches computed is all that was computed.
TEST_F(ReportCommand, StretchesAddUpToTheSummarysComputeTime) {
  const std::pair<const char*, const char*> runs[] = {{"camera_and_lidar_layerwise.yaml", "31 ms"},
                                                      {"sparse_vision.yaml", "47 ms"},
                                                      {"woven_networks.yaml", "60 ms"}};
  for (const auto& [scenario, until] : runs) {
    ASSERT_EQ(run_vesper({"run", std::string("scenarios/demo/") + scenario, "--until", until, "--out",
                          folder_ / "sum"})
                  .status,
              0);
    int64_t compute = 0;
    for (const auto& row : read_csv(folder_ / "sum/stretches.csv")) {
      compute += picoseconds(row.at("compute_s"));
      int64_t parts = 0;
      for (const char* part : {"scheduler_s", "swap_s", "compute_s", "stall_s"})
        parts += picoseconds(row.at(part));
      EXPECT_EQ(parts, picoseconds(row.at("end_s")) - picoseconds(row.at("start_s")));
    }
    auto summary = read_summary(folder_ / "sum");
    const double busy = summary["accelerators"][0]["compute_utilisation"].get<double>() *
                        summary["simulated_s"].get<double>() * 1e12;
    ASSERT_GT(compute, 0) << scenario;
    EXPECT_NEAR(static_cast<double>(compute), busy, 2000) << scenario;  // picoseconds; a region rounds by one
  }
}

TEST_F(ReportCommand, WhatIsNoRunIsRefused) {
  EXPECT_THAT(refused({folder_ / "nothing"}), HasSubstr("is not the folder of a run: it does not exist"));
  EXPECT_THAT(refused({folder_ / ""}), HasSubstr("it has no summary.json"));
  run("a");
  EXPECT_THAT(refused({folder_ / "a/jobs.csv"}), HasSubstr("it is a file"));
  EXPECT_THAT(refused({folder_ / "a", folder_ / "a"}), HasSubstr("the same run is named twice"));
  EXPECT_THAT(refused({folder_ / "a", "--from", "3 ms", "--to", "1 ms"}),
              HasSubstr("--from has to be before --to"));
  EXPECT_THAT(refused({folder_ / "a", "--from", "soon"}), HasSubstr("--from"));
  EXPECT_THAT(refused({folder_ / "a", "--rows", "0"}), HasSubstr("--rows"));
  EXPECT_EQ(run_vesper({"report"}).status, 2);
  EXPECT_THAT(run_vesper({"report", folder_ / "a", "--out", folder_ / "no/page.html"}).err,
              HasSubstr("there is no folder"));
}

TEST_F(ReportCommand, DamagedTablesAreNamedByFileAndLine) {
  for (const char* file : {"jobs.csv", "stretches.csv", "decisions.csv", "bandwidth.csv"}) {
    run("a", {"--bandwidth"});
    std::string text = read_file(folder_ / ("a/" + std::string(file)));
    write_file(folder_ / ("a/" + std::string(file)), text.substr(0, text.size() - 5));
    std::string said = refused({folder_ / "a"});
    EXPECT_THAT(said, HasSubstr(std::string(file) + ":"));
    EXPECT_THAT(said, HasSubstr("run the scenario again"));
  }
}

TEST_F(ReportCommand, RunsOfOneNameAreToldApart) {
  run("first/out");
  run("second/out", {"--placement", "software"});
  CommandResult result =
      run_vesper({"report", folder_ / "first/out", folder_ / "second/out/", "--out", folder_ / "page.html"});
  ASSERT_EQ(result.status, 0) << result.err;
  std::string page = read_file(folder_ / "page.html");
  EXPECT_THAT(page, HasSubstr("\"label\":\"first/out\""));
  EXPECT_THAT(page, HasSubstr("\"label\":\"second/out\""));
  EXPECT_THAT(page, HasSubstr("[\"scheduler.placement\",[\"hardware\",\"software\"]]"));
}

}  // namespace
}  // namespace vesper::test
