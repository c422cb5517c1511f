#include "platform/observe/format.h"

#include "fixture.h"
#include "platform/observe/sha256.h"

namespace vesper::observe {
namespace {

TEST(FormatTest, SecondsAreExactToThePicosecond) {
  EXPECT_EQ(seconds_text(0), "0");
  EXPECT_EQ(seconds_text(1), "0.000000000001");
  EXPECT_EQ(seconds_text(ns(3100)), "0.0000031");
  EXPECT_EQ(seconds_text(1'000'000'000'000), "1");
  EXPECT_EQ(seconds_text(12'340'000'000'010), "12.34000000001");
  EXPECT_EQ(seconds_text(std::numeric_limits<Time>::max()), "18446744.073709551615");
}

TEST(FormatTest, ReadableTimesHaveThreeDigitsAtMost) {
  EXPECT_EQ(readable_time(0), "0.0 ns");
  EXPECT_EQ(readable_time(ns(3100)), "3.1 us");
  EXPECT_EQ(readable_time(us(71)), "71.0 us");
  EXPECT_EQ(readable_time(ms(200)), "200 ms");
  EXPECT_EQ(readable_time(99'949), "99.9 ns");
  EXPECT_EQ(readable_time(99'950), "100 ns");
  EXPECT_EQ(readable_time(999'499), "999 ns");
  EXPECT_EQ(readable_time(999'500), "1.0 us");
  EXPECT_EQ(readable_time(ms(900)), "900 ms");
  EXPECT_EQ(readable_time(ms(95'000)), "95.0 s");
  EXPECT_EQ(readable_time(ms(5'000'000)), "5000 s");
}

TEST(FormatTest, CsvFieldsAreQuotedWhereNeeded) {
  EXPECT_EQ(csv_field("lidar 2"), "lidar 2");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("the \"big\" one"), "\"the \"\"big\"\" one\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
}

TEST(FormatTest, JsonStringsAreEscaped) { EXPECT_EQ(json_string("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\""); }

// The digests of FIPS 180-4's examples: the empty message and "abc".
TEST(FormatTest, Sha256OfTheStandardsExamples) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace vesper::observe
