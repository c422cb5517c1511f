// The Debian package: what is in it, and that what is in it runs from wherever it is unpacked.
#include <gmock/gmock.h>

#include "tests/packaging/installed.h"

namespace vesper::test {
namespace {

using ::testing::HasSubstr;

TEST(DebianPackage, HoldsWhatUsersNeedAndRunsTheDemo) {
  const std::filesystem::path folder = emptied_folder("package");
  CommandResult made =
      run_script(VESPER_CPACK " -G DEB --config " VESPER_BINARY_DIR
                              "/CPackConfig.cmake -B .\n"
                              "dpkg-deb --info vesper_*.deb\ndpkg-deb --contents vesper_*.deb\n"
                              "dpkg-deb --extract vesper_*.deb unpacked\n",
                 folder);
  ASSERT_EQ(made.status, 0) << made.out;
  EXPECT_THAT(made.out, HasSubstr("Package: vesper"));
  EXPECT_THAT(made.out, HasSubstr("Version: " VESPER_VERSION_TEXT));
  for (const char* library : {"libc6", "libsystemc", "libunicorn2", "libfmt9", "libyaml-cpp0.7", "libonnx1"})
    EXPECT_THAT(made.out, HasSubstr(library)) << "a dependency";
  for (const char* file :
       {"./usr/bin/vesper\n", "./usr/lib/cmake/vesper/vesper-config.cmake\n",
        "./usr/include/vesper/models/core/ip.h\n", "./usr/include/vesper/sw/hal/uart.h\n",
        "./usr/share/vesper/firmware/scheduler.elf\n",
        "./usr/share/vesper/scenarios/demo/camera_and_lidar.yaml\n",
        "./usr/share/vesper/templates/ip/skeleton.h\n",
        "./usr/share/vesper/examples/vector_add/vector_add.h\n", "./usr/share/man/man1/vesper.1.gz\n",
        "./usr/share/bash-completion/completions/vesper\n", "./usr/share/doc/vesper/copyright\n"})
    EXPECT_THAT(made.out, HasSubstr(file));
  CommandResult ran = run_script(
      "export PATH=$PWD/unpacked/usr/bin:$PATH\ncommand -v vesper\nvesper --version\n"
      "vesper run unpacked/usr/share/vesper/scenarios/demo/camera_and_lidar.yaml --out hw\n"
      "vesper run unpacked/usr/share/vesper/scenarios/demo/camera_and_lidar_software.yaml "
      "--out sw --compare hw\n",
      folder);
  EXPECT_EQ(ran.status, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("unpacked/usr/bin/vesper\nvesper " VESPER_VERSION_TEXT "\n"));
  EXPECT_THAT(ran.out, HasSubstr("scheduler edf in hardware"));
  EXPECT_THAT(ran.out, HasSubstr("scheduler edf in software"));
}

TEST(InstalledTree, NamesNoFolderOfTheBuild) {
  if (*VESPER_PLUGIN_FLAGS != 0) GTEST_SKIP() << "with sanitizers, debugging information names the sources";
  CommandResult found =
      run_script("! grep -rl --binary-files=text '" VESPER_SOURCE_DIR "' " VESPER_PREFIX "\n",
                 std::filesystem::temp_directory_path());
  EXPECT_EQ(found.status, 0) << found.out;
}

TEST(ManualPage, HasEveryCommandAndOption) {
  CommandResult shown = run_script("zcat " VESPER_PREFIX "/share/man/man1/vesper.1.gz | sed 's/\\\\-/-/g'\n",
                                   std::filesystem::temp_directory_path());
  EXPECT_EQ(shown.status, 0);
  for (const char* word : {".TH VESPER 1", "vesper - evaluate schedulers", "VESPER RUN", "VESPER SWEEP",
                           "VESPER NEW", "--fail-on", "--vcd", "EXIT STATUS"})
    EXPECT_THAT(shown.out, HasSubstr(word));
}

std::string completions_of(const std::string& line) {
  CommandResult result = run_script(
      "source " VESPER_PREFIX "/share/bash-completion/completions/vesper\ncompopt() { :; }\nCOMP_WORDS=(" +
          line +
          ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_vesper || true\nprintf '%s ' \"${COMPREPLY[@]}\"\n",
      VESPER_SOURCE_DIR);
  EXPECT_EQ(result.status, 0) << result.out;
  return result.out;
}

TEST(Completion, KnowsCommandsOptionsAndFiles) {
  EXPECT_EQ(completions_of("vesper sw"), "sweep ");
  EXPECT_EQ(completions_of("vesper run --pl"), "--placement ");
  EXPECT_EQ(completions_of("vesper run --placement ha"), "hardware ");
  EXPECT_EQ(completions_of("vesper new p"), "policy ");
  EXPECT_EQ(completions_of("vesper list sc"), "scenarios ");
  EXPECT_EQ(completions_of("vesper run scenarios/demo/camera_and_lidar_s"),
            "scenarios/demo/camera_and_lidar_software.yaml ");
}

}  // namespace
}  // namespace vesper::test
