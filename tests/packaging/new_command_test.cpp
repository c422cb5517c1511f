// `vesper new` with names that are none, and where it must not write. That what it writes builds and works,
// pages_test.cpp shows.
#include <gmock/gmock.h>

#include "tests/packaging/installed.h"

namespace vesper::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

bool is_empty(const TemporaryFolder& folder) { return fs::is_empty(folder.path()); }

class BadName : public ::testing::TestWithParam<const char*> {};

TEST_P(BadName, IsRefusedAndLeavesNothing) {
  TemporaryFolder folder;
  for (const char* kind : {"ip", "policy"}) {
    CommandResult result = run_vesper({"new", kind, GetParam()}, folder.path());
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr("vesper: '" + std::string(GetParam()) + "'"));
    EXPECT_TRUE(is_empty(folder));
  }
}

INSTANTIATE_TEST_SUITE_P(Names, BadName,
                         ::testing::Values("", ".", "..", "../up", "/tmp/abs", "a/b", "Foo", "1st", "_x",
                                           "x_", "a__b", "a-b", "a b", "a;b", "$(id)", "a\nb", "f\xC3\xBC",
                                           "int", "class", "test", "all", "vesper",
                                           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));

TEST(NewCommand, TakesNoNameThatIsTaken) {
  TemporaryFolder folder;
  EXPECT_THAT(run_vesper({"new", "ip", "accelerator"}, folder.path()).err,
              HasSubstr("there is an IP type 'accelerator' already"));
  EXPECT_THAT(run_vesper({"new", "policy", "edf"}, folder.path()).err,
              HasSubstr("there is a policy 'edf' already"));
  EXPECT_TRUE(is_empty(folder));
}

TEST(NewCommand, TakesNoOtherWords) {
  TemporaryFolder folder;
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"new"}, {"new", "ip"}, {"new", "chip", "x"}, {"new", "ip", "x", "y"}}) {
    CommandResult result = run_vesper(words, folder.path());
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr("usage: vesper new ip|policy NAME"));
  }
  EXPECT_TRUE(is_empty(folder));
}

TEST(NewCommand, LeavesWhatIsThereAlone) {
  TemporaryFolder folder;
  fs::create_directory(folder / "empty");
  write_file(folder / "file", "mine");
  fs::create_symlink("nowhere", folder / "link");
  for (const char* name : {"empty", "file", "link"}) {
    CommandResult result = run_vesper({"new", "ip", name}, folder.path());
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr("is there already; choose another name, or remove it"));
  }
  EXPECT_TRUE(fs::is_empty(folder / "empty"));
  EXPECT_EQ(read_file(folder / "file"), "mine");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator{}), 3);
}

TEST(NewCommand, SaysWhereItCannotWrite) {
  CommandResult result = run_vesper({"new", "ip", "mine"}, "/proc/self");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("cannot write here"));
}

TEST(NewCommand, WritesNothingThatStillHasTheTemplatesName) {
  TemporaryFolder folder;
  for (const char* kind : {"ip", "policy"}) {
    const std::string name = std::string("my_") + kind;
    ASSERT_EQ(run_vesper({"new", kind, name}, folder.path()).status, 0);
    for (const auto& file : fs::directory_iterator(folder / name)) {
      EXPECT_THAT(file.path().filename().string(), ::testing::Not(HasSubstr("skeleton")));
      EXPECT_THAT(read_file(file.path()),
                  ::testing::Not(::testing::AnyOf(HasSubstr("skeleton"), HasSubstr("Skeleton"))));
    }
  }
}

}  // namespace
}  // namespace vesper::test
