// Journals: what they keep over kills, and what they refuse.
#include "platform/sweep/journal.h"

#include <sys/wait.h>
#include <unistd.h>

#include "platform/sweep/launcher.h"
#include "tests/unit/sweep/fixture.h"

namespace vesper::sweep {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const JournalKey kKey{"abc", {1, 1}, 10, 3};

class JournalTest : public ::testing::Test {
 protected:
  std::string error(const JournalKey& key) {
    try {
      Journal journal(folder_.path(), key);
    } catch (const InputError& wrong) {
      return wrong.what();
    }
    return "";
  }
  test::TemporaryFolder folder_;
};

TEST_F(JournalTest, KeepsWhatWasAppended) {
  {
    Journal journal(folder_.path(), kKey);
    EXPECT_TRUE(journal.rows().empty());
    journal.append(4, "4,x,simulated\n");
    journal.append(2, "2,\"a,b\",missed\n");
    journal.append(4, "4,again,simulated\n");
  }
  Journal again(folder_.path(), kKey);
  EXPECT_THAT(again.rows(), UnorderedElementsAre(Pair(2, "2,\"a,b\",missed\n"), Pair(4, "4,x,simulated\n")));
  EXPECT_EQ(journal_length(folder_.path()), 2U);
}

TEST_F(JournalTest, ALineCutShortIsDroppedAndWrittenAnew) {
  { Journal(folder_.path(), kKey).append(1, "1,x,simulated\n"); }
  std::string whole = test::read_file(folder_.path() / "journal.csv");
  std::string line = "3,y,missed\n";
  for (size_t bytes = 0; bytes < line.size(); ++bytes) {
    test::write_file(folder_.path() / "journal.csv", whole + line.substr(0, bytes));
    Journal journal(folder_.path(), kKey);
    EXPECT_EQ(journal.rows().size(), 1U) << bytes;
    journal.append(3, line);
    EXPECT_EQ(test::read_file(folder_.path() / "journal.csv"), whole + line);
  }
}

TEST_F(JournalTest, AFirstLineCutShortBeginsAnew) {
  { Journal journal(folder_.path(), kKey); }
  std::string whole = test::read_file(folder_.path() / "journal.csv");
  test::write_file(folder_.path() / "journal.csv", whole.substr(0, whole.size() - 3));
  { Journal journal(folder_.path(), kKey); }
  EXPECT_EQ(test::read_file(folder_.path() / "journal.csv"), whole);
}

TEST_F(JournalTest, AnotherSweepShardOrFileIsRefused) {
  { Journal(folder_.path(), kKey).append(1, "1,x,simulated\n"); }
  std::string before = test::read_file(folder_.path() / "journal.csv");
  JournalKey changed = kKey;
  changed.fingerprint = "abd";
  EXPECT_THAT(error(changed), HasSubstr("another sweep: its file, its scenario or a network has changed"));
  JournalKey shard = kKey;
  shard.shard = {1, 2};
  EXPECT_THAT(error(shard), HasSubstr("another shard"));
  EXPECT_EQ(test::read_file(folder_.path() / "journal.csv"), before) << "nothing is lost by that";
  test::write_file(folder_.path() / "journal.csv", "scenario: something else\n");
  EXPECT_THAT(error(kKey), HasSubstr("is not the journal of a sweep"));
}

TEST_F(JournalTest, OneProcessAtATimeHasIt) {
  Journal journal(folder_.path(), kKey);
  EXPECT_THAT(error(kKey), HasSubstr("another process is running the sweep"));
}

TEST_F(JournalTest, ShardsMergeIfTheyAgree) {
  std::string a = folder_ / "a";
  std::string b = folder_ / "b";
  JournalKey first = kKey;
  first.shard = {1, 2};
  JournalKey second = kKey;
  second.shard = {2, 2};
  { Journal(a, first).append(0, "0,x,simulated\n"); }
  { Journal(b, second).append(1, "1,x,simulated\n"); }
  EXPECT_THAT(merge_journals({a, b}).rows,
              UnorderedElementsAre(Pair(0, "0,x,simulated\n"), Pair(1, "1,x,simulated\n")));
  { Journal(b, second).append(0, "0,y,simulated\n"); }
  EXPECT_THROW(merge_journals({a, b}), InputError) << "another result of a point";
  second.fingerprint = "other";
  { Journal(folder_ / "c", second).append(1, "1,x,simulated\n"); }
  EXPECT_THROW(merge_journals({a, folder_ / "c"}), InputError) << "another sweep";
  EXPECT_THROW(merge_journals({a, folder_ / "d"}), InputError) << "no such folder";
}

TEST(Shards, SharePointsWithoutLossOrRepetition) {
  for (uint64_t count : {1, 2, 3, 7}) {
    std::vector<unsigned> owners(23, 0);
    uint64_t sum = 0;
    for (uint64_t number = 1; number <= count; ++number) {
      Shard shard{number, count};
      uint64_t own = 0;
      for (uint64_t point = 0; point < 23; ++point) {
        if (!shard.has(point)) continue;
        ++owners[point];
        ++own;
      }
      EXPECT_EQ(shard.size(23), own);
      sum += own;
    }
    EXPECT_EQ(sum, 23U);
    EXPECT_THAT(owners, ::testing::Each(1U));
  }
}

TEST(Shards, AreWrittenAsFractions) {
  EXPECT_EQ(parse_shard("2/4"), (Shard{2, 4}));
  for (const char* wrong : {"", "2", "0/4", "5/4", "2/", "/4", "-1/4", "2/4x", "a/b", "1/100001"})
    EXPECT_THROW(parse_shard(wrong), InputError) << wrong;
}

}  // namespace
}  // namespace vesper::sweep
