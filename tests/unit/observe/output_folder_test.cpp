#include "platform/observe/output_folder.h"

#include <unistd.h>

#include "fixture.h"
#include "platform/observe/file_writer.h"
#include "platform/property/node.h"

namespace vesper::observe {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(OutputFolderTest, NothingIsInPlaceBeforeCommit) {
  Folder here;
  OutputFolder out(here / "run");
  out.write("summary.json", "{}");
  EXPECT_FALSE(std::filesystem::exists(here / "run"));
  out.commit();
  EXPECT_THAT(names_in(here / "run"), ElementsAre("summary.json"));
  EXPECT_THAT(names_in(here.path()), ElementsAre("run"));
}

TEST(OutputFolderTest, WithoutCommitNothingIsLeft) {
  Folder here;
  { OutputFolder(here / "run").write("jobs.csv", "half"); }
  EXPECT_THAT(names_in(here.path()), IsEmpty());
}

TEST(OutputFolderTest, WithoutCommitAnEarlierRunStays) {
  Folder here;
  {
    OutputFolder out(here / "run");
    out.write("summary.json", "first");
    out.commit();
  }
  { OutputFolder(here / "run").write("summary.json", "second"); }
  EXPECT_EQ(read(here / "run/summary.json"), "first");
}

TEST(OutputFolderTest, FilesOfAnEarlierRunGoAndTheUsersStay) {
  Folder here;
  std::filesystem::create_directory(here / "run");
  write(here / "run/steps.csv", "old");
  write(here / "run/summary.json", "old");
  write(here / "run/notes.txt", "mine");
  OutputFolder out(here / "run");
  out.write("summary.json", "new");
  out.write("jobs.csv", "new");
  out.commit();
  EXPECT_THAT(names_in(here / "run"), ElementsAre("jobs.csv", "notes.txt", "summary.json"));
  EXPECT_EQ(read(here / "run/summary.json"), "new");
}

TEST(OutputFolderTest, AFileInItsPlaceIsAnInputError) {
  Folder here;
  write(here / "run", "");
  try {
    OutputFolder out(here / "run");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr((here / "run").string() + "' is a file"));
  }
  EXPECT_THAT(names_in(here.path()), ElementsAre("run"));
}

TEST(OutputFolderTest, AFolderBelowAFileIsAnInputError) {
  Folder here;
  write(here / "file", "");
  EXPECT_THROW(OutputFolder(here / "file/run"), InputError);
  EXPECT_THROW(OutputFolder("/proc/no/such/place"), InputError);
}

TEST(OutputFolderTest, TrailingSlashAndMissingParentsAreFine) {
  Folder here;
  OutputFolder out(here / "a/b/run/");
  out.write("summary.json", "{}");
  out.commit();
  EXPECT_THAT(names_in(here / "a/b"), ElementsAre("run"));
  EXPECT_THAT(names_in(here / "a/b/run"), ElementsAre("summary.json"));
}

TEST(FileWriterTest, KeepsOrderAcrossItsBuffer) {
  Folder here;
  std::string expected;
  FileWriter writer(here / "big");
  for (uint64_t i = 0; i < 200'000; ++i) {
    writer.number(i);
    writer.character('\n');
    expected += std::to_string(i) + "\n";
  }
  std::string long_text(1 << 20, 'x');
  writer.text(long_text);
  writer.seconds(ms(5));
  writer.close();
  EXPECT_EQ(read(here / "big"), expected + long_text + "0.005");
}

TEST(FileWriterTest, AFullDiskIsToldWhenTheFileIsClosed) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  FileWriter writer("/dev/full");
  writer.text(std::string(1 << 20, 'x'));
  EXPECT_THAT([&] { writer.close(); },
              ::testing::ThrowsMessage<std::runtime_error>(HasSubstr("No space left on device")));
}

}  // namespace
}  // namespace vesper::observe
