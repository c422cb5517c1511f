// Searches leave the same bytes however many threads, killed or not; what they find is a scenario.
#include <nlohmann/json.hpp>
#include <set>

#include "tests/integration/sweep_fixture.h"

namespace vesper::test {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSmallSearch = "tests/integration/explore/small.yaml";

std::vector<std::string> explore(const std::string& out, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"explore", kSmallSearch, "--out", out});
  return more;
}

/// All files but the journal, whose order is that of completion.
std::map<std::string, std::string> results_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != "journal.csv") files[entry.path().filename()] = read_file(entry.path());
  }
  return files;
}

TEST(Explore, LeavesFrontsBoundsDesignsAndAPlot) {
  TemporaryFolder folder;
  CommandResult result = run_vesper(explore(folder / "out"));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "") << "quiet in a pipe";
  EXPECT_THAT(result.out, HasSubstr("maps, "));
  EXPECT_THAT(result.out, HasSubstr("configurations of accelerators"));
  fs::path out = folder.path() / "out";
  EXPECT_GT(fs::file_size(out / "pareto.png"), 50U);
  EXPECT_GT(fs::file_size(out / "pareto.svg"), 50U);
  auto best = read_csv(out / "best.csv");
  std::set<std::string> designs;
  for (const auto& row : best) {
    designs.insert(row.at("design"));
    EXPECT_LE(std::stoul(row.at("aie")), 64U);
    EXPECT_LE(std::stoul(row.at("plio_in")), 40U);
    EXPECT_LE(std::stoul(row.at("plio_out")), 30U);
    if (row.at("space") == "spatial") {
      EXPECT_GE(std::stoul(row.at("accelerators")), 6U);
    }
  }
  for (const std::string& design : designs) EXPECT_TRUE(fs::exists(out / ("design_" + design + ".yaml")));
  for (const auto& row : read_csv(out / "bounds.csv")) {
    if (!row.at("latency_ms").empty()) {
      EXPECT_LE(std::stod(row.at("latency_ms")), std::stod(row.at("bound_ms")));
    }
  }
  std::map<std::string, std::pair<double, double>> last;
  for (const auto& row : read_csv(out / "pareto.csv")) {
    auto& [latency, throughput] = last[row.at("space")];
    EXPECT_GT(std::stod(row.at("latency_ms")), latency);
    EXPECT_GT(std::stod(row.at("throughput_tops")), throughput);
    latency = std::stod(row.at("latency_ms"));
    throughput = std::stod(row.at("throughput_tops"));
  }
  EXPECT_EQ(last.size(), 3U);
}

TEST(Explore, ResultsDoNotDependOnThreads) {
  TemporaryFolder folder;
  ASSERT_EQ(run_vesper(explore(folder / "one", {"--jobs", "1"})).status, 0);
  ASSERT_EQ(run_vesper(explore(folder / "four", {"--jobs", "4"})).status, 0);
  EXPECT_EQ(results_in(folder.path() / "one"), results_in(folder.path() / "four"));
}

// A limit on the size of the journal ends the search within a line at the very same byte on any machine.
TEST(Explore, ResultsDoNotDependOnWhereItWasCutShort) {
  TemporaryFolder folder;
  ASSERT_EQ(run_vesper(explore(folder / "whole", {"--jobs", "1"})).status, 0);
  size_t whole = read_file(folder / "whole/journal.csv").size();
  fs::path cut = folder.path() / "cut";
  for (size_t limit : {whole / 8, whole / 2, whole - 3}) {
    Background run(vesper_words(explore(cut.string(), {"--jobs", "2"})), {folder / "log", SIGKILL, limit});
    int status = run.wait();
    EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_FALSE(fs::exists(cut / "pareto.csv"));
  }
  EXPECT_GT(points_done(cut), 0U);
  ASSERT_EQ(run_vesper(explore(cut.string())).status, 0);
  EXPECT_EQ(results_in(folder.path() / "whole"), results_in(cut));
}

TEST(Explore, AnotherSearchDoesNotGoOnInItsFolder) {
  TemporaryFolder folder;
  ASSERT_EQ(run_vesper(explore(folder / "out", {"--no-plot"})).status, 0);
  CommandResult other = run_vesper(explore(folder / "out", {"--no-plot", "--set", "explore.seed=2"}));
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.err, HasSubstr("holds results of another search"));
}

// Each must be what `vesper explore` makes of its first lines: `# status:` and `# says:`.
TEST(Explore, RefusesNonsenseWithPlaceAndRemedy) {
  size_t files = 0;
  for (const auto& entry :
       fs::directory_iterator(fs::path(VESPER_SOURCE_DIR) / "tests/integration/explore/bad")) {
    TemporaryFolder folder;
    std::string text = read_file(entry.path());
    int status = std::stoi(text.substr(text.find("# status: ") + 10));
    size_t says = text.find("# says: ") + 8;
    std::string words = text.substr(says, text.find('\n', says) - says);
    CommandResult result =
        run_vesper({"explore", entry.path().string(), "--no-plot", "--out", folder / "out"});
    EXPECT_EQ(result.status, status) << entry.path() << result.err;
    EXPECT_THAT(result.err, HasSubstr(words)) << entry.path();
    EXPECT_EQ(fs::exists(folder.path() / "out/candidates.csv"), status == 1) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 12U);
}

TEST(Explore, CommandLineIsChecked) {
  EXPECT_EQ(run_vesper({"explore"}).status, 2);
  EXPECT_THAT(run_vesper({"explore", kSmallSearch, "--jobs", "0"}).err, HasSubstr("--jobs is between 1 and"));
  EXPECT_EQ(run_vesper({"explore", kSmallSearch, "--set", "explore.seed"}).status, 2);
  EXPECT_THAT(run_vesper({"list", "properties"}).out, HasSubstr("explore.tile_memory"));
}

}  // namespace
}  // namespace vesper::test
