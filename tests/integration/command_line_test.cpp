// The command as users and scripts meet it.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* kDemo = "scenarios/demo/camera_and_lidar.yaml";

TEST(CommandLine, HelpAndVersion) {
  CommandResult help = run_vesper({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const char* command : {"run", "validate", "list", "report", "sweep"})
    EXPECT_THAT(help.out, HasSubstr(command));
  for (const char* command : {"run", "validate", "list", "report", "sweep"}) {
    CommandResult own = run_vesper({command, "--help"});
    EXPECT_EQ(own.status, 0) << command;
    EXPECT_THAT(own.out, HasSubstr("usage: vesper " + std::string(command)));
  }
  EXPECT_THAT(run_vesper({"--version"}).out, ::testing::MatchesRegex("vesper [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(CommandLine, WrongUseIsStatusTwo) {
  EXPECT_EQ(run_vesper({}).status, 2);
  EXPECT_EQ(run_vesper({"run"}).status, 2);
  EXPECT_EQ(run_vesper({"run", kDemo, "--nonsense"}).status, 2);
  EXPECT_EQ(run_vesper({"run", kDemo, "--fail-on", "rain"}).status, 2);
  EXPECT_EQ(run_vesper({"run", kDemo, "--vcd=weather"}).status, 2);
  EXPECT_EQ(run_vesper({"list", "modells"}).status, 2);
  CommandResult typing_error = run_vesper({"rum"});
  EXPECT_EQ(typing_error.status, 2);
  EXPECT_THAT(typing_error.err, HasSubstr("did you mean 'run'?"));
}

TEST(CommandLine, ListsWhatThereIs) {
  EXPECT_THAT(run_vesper({"list", "policies"}).out, HasSubstr("edf"));
  EXPECT_THAT(run_vesper({"list", "models"}).out, HasSubstr("ddr_controller"));
  EXPECT_THAT(run_vesper({"list", "properties"}).out, HasSubstr("scheduler.placement"));
  EXPECT_THAT(run_vesper({"list", "scenarios"}).out, HasSubstr(kDemo));
  EXPECT_THAT(run_vesper({"list", "sweeps"}).out, HasSubstr("scenarios/derca/fig11a.yaml"));
}

TEST(CommandLine, ThePropertyReferenceIsCurrent) {
  std::string listed = run_vesper({"list", "properties"}).out;
  ASSERT_FALSE(listed.empty());
  EXPECT_THAT(read_file(fs::path(VESPER_SOURCE_DIR) / "scenarios/README.md"), HasSubstr(listed))
      << "run tools/reference.sh";
}

TEST(CommandLine, TheModelsContractsAreCurrent) {
  const fs::path root = VESPER_SOURCE_DIR;
  const CommandResult page = run_program("/bin/bash", {"tools/contracts.sh", "--print"}, root);
  ASSERT_EQ(page.status, 0) << page.err;
  EXPECT_THAT(page.out, HasSubstr("models/ddr/ddr_controller.h"));
  EXPECT_EQ(page.out, read_file(root / "docs/models.md")) << "run tools/contracts.sh";
}

TEST(CommandLine, TheLastOverrideWins) {
  TemporaryFolder folder;
  CommandResult result = run_vesper({"run", kDemo, "--set", "run.until=1 ms", "--set", "run.until=3 ms",
                                     "--set", "tasks.lidar.offset=1 ms", "--out", folder / "out"});
  ASSERT_EQ(result.status, 0) << result.err;
  auto summary = read_summary(folder / "out");
  EXPECT_EQ(summary["simulated_s"], 0.003);
  EXPECT_THAT(read_file(folder / "out/effective.yaml"), HasSubstr("offset: 1 ms"));
}

TEST(CommandLine, TheEffectiveConfigurationIsTheSameScenario) {
  TemporaryFolder folder;
  ASSERT_EQ(run_vesper({"run", kDemo, "--out", folder / "out"}).status, 0);
  // Its paths are relative to the scenario's folder.
  fs::path copy = fs::path(VESPER_SOURCE_DIR) / "scenarios/demo/effective.tmp";
  fs::copy_file(folder / "out/effective.yaml", copy, fs::copy_options::overwrite_existing);
  CommandResult again = run_vesper({"run", copy.string(), "--out", folder / "again"});
  fs::remove(copy);
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(read_file(folder / "out/summary.json"), read_file(folder / "again/summary.json"));
}

TEST(CommandLine, SeveralScenariosRunInOneCall) {
  TemporaryFolder folder;
  CommandResult result = run_vesper({"run", kDemo, "scenarios/demo/camera_and_lidar_layerwise.yaml", "--out",
                                     folder / "out", "--fail-on", "miss"});
  EXPECT_EQ(result.status, 3) << result.err;
  size_t folders = 0;
  for (const auto& entry : fs::directory_iterator(folder / "out"))
    folders += fs::exists(entry.path() / "summary.json") ? 1 : 0;
  EXPECT_EQ(folders, 2U);
}

TEST(CommandLine, IsQuietInAPipe) {
  TemporaryFolder folder;
  CommandResult result = run_vesper({"run", kDemo, "--out", folder / "out"});
  EXPECT_EQ(result.err, "");
}

TEST(CommandLine, CtrlCLeavesWhatWasSimulatedMarkedIncomplete) {
  TemporaryFolder folder;
  std::string out = folder / "out";
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (chdir(VESPER_SOURCE_DIR) != 0) _exit(127);
    execl(VESPER_COMMAND, VESPER_COMMAND, "run", kDemo, "--until", "100000 s", "--out", out.c_str(), nullptr);
    _exit(127);
  }
  // The run is under way once its partial outputs are there; it would take hours to end by itself.
  auto partial = [&] {
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      if (entry.path().filename().string().find("partial") != std::string::npos) return true;
    }
    return false;
  };
  while (!partial()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  kill(child, SIGINT);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  auto summary = read_summary(folder / "out");
  EXPECT_EQ(summary["complete"], false);
  EXPECT_GT(summary["simulated_s"].get<double>(), 0.0);
  EXPECT_LT(summary["simulated_s"].get<double>(), 100000.0);
}

}  // namespace
}  // namespace vesper::test
