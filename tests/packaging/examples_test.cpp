// Each shipped example, copied out of the installed tree, is built and passes its own tests.
#include <gmock/gmock.h>

#include "tests/packaging/installed.h"

namespace vesper::test {
namespace {

class Example : public ::testing::TestWithParam<const char*> {};

TEST_P(Example, BuildsOutOfTreeAndPassesItsTests) {
  const std::string name = GetParam();
  const std::filesystem::path folder = emptied_folder(name);
  CommandResult result = run_script("cp -r " VESPER_PREFIX "/share/vesper/examples/" + name +
                                        "/* .\ncmake -S . -B build\ncmake --build build -j2\n"
                                        "ctest --test-dir build --output-on-failure\n",
                                    folder);
  EXPECT_EQ(result.status, 0) << result.out;
  EXPECT_THAT(result.out, ::testing::HasSubstr("100% tests passed"));
}

INSTANTIATE_TEST_SUITE_P(Shipped, Example,
                         ::testing::Values("vector_add", "least_laxity", "flat_memory", "shaper"),
                         [](const auto& name) { return std::string(name.param); });

}  // namespace
}  // namespace vesper::test
