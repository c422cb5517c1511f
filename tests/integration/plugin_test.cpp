// An IP and a policy built out of tree, by nothing but the compiler and the headers.
#include <gmock/gmock.h>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

namespace fs = std::filesystem;

std::string build_plugin(const TemporaryFolder& folder, const std::string& name) {
  std::string library = folder / (name + ".so");
  std::string source = fs::path(VESPER_SOURCE_DIR) / "tests/integration/plugin" / (name + ".cpp");
  std::vector<std::string> arguments{"-std=c++20",
                                     "-O1",
                                     "-shared",
                                     "-fPIC",
                                     "-DSC_CPLUSPLUS=201703L",
                                     "-I" VESPER_SOURCE_DIR,
                                     "-I" VESPER_BINARY_DIR "/generated",
                                     source,
                                     VESPER_SOURCE_DIR "/platform/plugin/plugin_note.cpp",
                                     "-DVESPER_MOST_JOBS=4096",
                                     "-o",
                                     library};
#ifdef VESPER_SANITIZE
  arguments.emplace_back("-fsanitize=address,undefined");
#endif
  CommandResult result = run_program("/usr/bin/g++", arguments, folder.path());
  EXPECT_EQ(result.status, 0) << result.err;
  return library;
}

std::string demo_with(const TemporaryFolder& folder, const std::string& more) {
  std::string scenario = folder / "scenario.yaml";
  write_file(scenario,
             "include: " VESPER_SOURCE_DIR "/scenarios/demo/camera_and_lidar_software.yaml\n" + more);
  return scenario;
}

TEST(Plugin, AnIpBuiltOutOfTreeRunsInTheDemosPlatform) {
  TemporaryFolder folder;
  build_plugin(folder, "blinker");
  std::string scenario = demo_with(folder,
                                   "plugins: [blinker.so]\n"
                                   "lamp: {type: blinker, base: 0xA0000000, interval: 250 us}\n"
                                   "connect: {lamp.light: gic.90}\n");
  CommandResult result =
      run_vesper({"run", scenario, "--out", folder / "out", "--vcd=lamp.*", "--until", "1 ms"});
  ASSERT_EQ(result.status, 0) << result.err;
  std::string wave = read_file(folder / "out/trace.vcd");
  EXPECT_THAT(wave, ::testing::HasSubstr("light"));
  EXPECT_THAT(wave, ::testing::HasSubstr("#250000000\n"));
  EXPECT_THAT(read_file(folder / "out/effective.yaml"), ::testing::HasSubstr("interval: 250 us"));
}

TEST(Plugin, ItsPropertiesAreCheckedLikeAnyOthers) {
  TemporaryFolder folder;
  build_plugin(folder, "blinker");
  std::string scenario =
      demo_with(folder, "plugins: [blinker.so]\nlamp: {type: blinker, intervall: 250 us}\n");
  CommandResult result = run_vesper({"run", scenario, "--out", folder / "out"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, ::testing::HasSubstr(
                              "scenario.yaml:3:23: unknown key 'lamp.intervall' (did you mean 'interval'?)"));
}

TEST(Plugin, APolicyBuiltOutOfTreeSchedules) {
  TemporaryFolder folder;
  build_plugin(folder, "lcfs");
  std::string scenario =
      demo_with(folder, "plugins: [lcfs.so]\nscheduler: {policy: lcfs, placement: hardware}\n");
  CommandResult result = run_vesper({"run", scenario, "--out", folder / "out"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(read_file(folder / "out/summary.json"), ::testing::HasSubstr("\"policy\": \"lcfs\""));
}

}  // namespace
}  // namespace vesper::test
