#include "platform/report/csv_reader.h"

#include "fixture.h"
#include "platform/property/node.h"

namespace vesper::report {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class CsvReaderTest : public ::testing::Test {
 protected:
  CsvReader reader(const std::string& text) {
    test::write_file(path(), text);
    return CsvReader(path());
  }
  std::string path() { return here_ / "t.csv"; }
  template <class Work>
  std::string complaint(const Work& work) {
    try {
      work();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  test::TemporaryFolder here_;
};

TEST_F(CsvReaderTest, ReadsFieldsByColumn) {
  CsvReader table = reader("a,time_s,flag\nx,1.000000000001,1\n\"y, \"\"z\"\"\",,0\n");
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.text(table.column("a")), "x");
  EXPECT_EQ(table.time(1), 1'000'000'000'001U);
  EXPECT_TRUE(table.flag(2));
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.text(0), "y, \"z\"");
  EXPECT_EQ(table.time_or_none(1), std::nullopt);
  EXPECT_FALSE(table.next());
}

TEST_F(CsvReaderTest, DamageIsNamedWithFileAndLine) {
  EXPECT_THAT(complaint([&] { reader("").next(); }), HasSubstr("the file is empty"));
  EXPECT_THAT(complaint([&] { (void)reader("a,b\n").column("c"); }),
              HasSubstr("t.csv:1: there is no column 'c'"));
  EXPECT_THAT(complaint([&] { reader("a,b\n1\n").next(); }),
              StartsWith(path() + ":2: the line has 1 fields, the header 2"));
  EXPECT_THAT(complaint([&] { reader("a,b\n1,2").next(); }), HasSubstr("t.csv:2: the line has no end"));
  EXPECT_THAT(complaint([&] { reader("a\n\"x\n").next(); }), HasSubstr("t.csv:2: a quote is not closed"));
  EXPECT_THAT(complaint([&] { CsvReader(here_ / "none.csv"); }), HasSubstr("cannot read"));
}

TEST_F(CsvReaderTest, FieldsThatAreNoNumbersAreRefused) {
  CsvReader table = reader("v\n-1\n1e3\n0.0000000000001\n99999999\n2\n");
  const char* wrong[] = {"-1", "1e3", "0.0000000000001", "99999999"};
  for (const char* text : wrong) {
    ASSERT_TRUE(table.next());
    EXPECT_THAT(complaint([&] { (void)table.time(0); }),
                HasSubstr(std::string("'") + text + "' in column 'v'"));
  }
  ASSERT_TRUE(table.next());
  EXPECT_THAT(complaint([&] { (void)table.flag(0); }),
              HasSubstr("t.csv:6: '2' in column 'v': 0 or 1 is expected"));
}

}  // namespace
}  // namespace vesper::report
