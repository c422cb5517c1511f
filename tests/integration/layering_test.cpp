// What must stay free of SystemC: the firmware uses it, and analyses run without a kernel.
#include <gmock/gmock.h>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

namespace fs = std::filesystem;

/// Every header that the sources below `folder` include, however deep.
std::string included_by(const std::string& folder) {
  std::vector<std::string> arguments{"-M", "-std=c++20", "-I" VESPER_SOURCE_DIR,
                                     "-I" VESPER_BINARY_DIR "/generated"};
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(VESPER_SOURCE_DIR) / folder)) {
    if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h")
      arguments.push_back(entry.path().string());
  }
  CommandResult result = run_program("/usr/bin/g++", arguments, VESPER_SOURCE_DIR);
  EXPECT_EQ(result.status, 0) << result.err;
  return result.out;
}

class SystemcFree : public ::testing::TestWithParam<const char*> {};

TEST_P(SystemcFree, NeitherSystemcNorTlmIsIncluded) {
  std::string headers = included_by(GetParam());
  ASSERT_FALSE(headers.empty());
  EXPECT_THAT(headers, ::testing::Not(::testing::HasSubstr("/usr/include/systemc")));
  EXPECT_THAT(headers, ::testing::Not(::testing::HasSubstr("/usr/include/tlm")));
}

INSTANTIATE_TEST_SUITE_P(Folders, SystemcFree,
                         ::testing::Values("schedulers", "platform/property", "platform/workload",
                                           "platform/lowering", "platform/observe", "platform/scenario",
                                           "platform/report", "platform/sweep", "sw/abi"),
                         [](const auto& folder) {
                           std::string name = folder.param;
                           std::ranges::replace(name, '/', '_');
                           return name;
                         });

class Freestanding : public ::testing::TestWithParam<const char*> {};

TEST_P(Freestanding, NothingBeyondAFreestandingImplementationIsIncluded) {
  std::string headers = included_by(std::string("schedulers/") + GetParam()) + " ";
  std::ranges::replace(headers, '\n', ' ');
  ASSERT_THAT(headers, ::testing::HasSubstr("/stdint.h "));
  for (const char* hosted : {"string", "vector", "iostream", "functional", "memory", "map", "algorithm"}) {
    EXPECT_THAT(headers, ::testing::Not(::testing::HasSubstr(std::string("/c++/12/") + hosted + " ")));
  }
}

INSTANTIATE_TEST_SUITE_P(Schedulers, Freestanding, ::testing::Values("policy", "weaving"),
                         [](const auto& folder) { return std::string(folder.param); });

}  // namespace
}  // namespace vesper::test
