// Tables of means with their intervals.
#include "platform/sweep/table.h"

#include "platform/sweep/launcher.h"
#include "tests/unit/sweep/fixture.h"

namespace vesper::sweep {
namespace {

using ::testing::Contains;

class TableTest : public SweepTest {
 protected:
  /// Point i has the ANTT i; points below `last` are there.
  static TableTexts texts(const Sweep& sweep, uint64_t last) {
    Rows rows;
    for (uint64_t point = 0; point < last; ++point) {
      rows[point] = row(sweep, point,
                        {Outcome::simulated, "", 1,
                         nlohmann::ordered_json{{"metrics", {{"antt", static_cast<double>(point)}}}}});
    }
    return table_texts(sweep, sweep.tables.at(0), rows);
  }
};

TEST_F(TableTest, ARowIsTheMeanOverTheSeeds) {
  Sweep sweep = read(
      "grid: {policy: {'a|b': {}, fcfs: {}}}\nseeds: {from: 1, to: 3}\nfigures: {antt: metrics.antt}\n"
      "table: {rows: [policy], columns: [antt, success_rate]}\n");
  TableTexts both = texts(sweep, 6);
  EXPECT_EQ(both.csv,
            "policy,antt,antt_low,antt_high,success_rate,success_rate_low,success_rate_high\n"
            "a|b,1,-1.48414,3.48414,1,0.438503,1\n"
            "fcfs,4,1.51586,6.48414,1,0.438503,1\n");
  EXPECT_EQ(both.markdown,
            "| policy | antt | success_rate |\n|---|---:|---:|\n"
            "| a\\|b | 1 ± 2.5 | 1 ± 0.28 |\n| fcfs | 4 ± 2.5 | 1 ± 0.28 |\n");
}

TEST_F(TableTest, ValuesAcrossStandSideBySide) {
  Sweep sweep = read(
      "grid: {mix: [cnn, attention], policy: [sjf, fcfs]}\nfigures: {antt: metrics.antt}\n"
      "table: {rows: [policy], across: mix, columns: [antt]}\n");
  EXPECT_EQ(texts(sweep, 4).markdown,
            "| policy | cnn antt | attention antt |\n|---|---:|---:|\n| sjf | 0 | 2 |\n| fcfs | 1 | 3 |\n");
  EXPECT_EQ(
      texts(sweep, 3).csv,
      "policy,cnn antt,cnn antt_low,cnn antt_high,attention antt,attention antt_low,attention antt_high\n"
      "sjf,0,,,2,,\nfcfs,1,,,,,\n")
      << "what is missing stays empty";
}

TEST_F(TableTest, NumbersHaveNoExponentWhereTheyCanBeRead) {
  Sweep sweep = read(
      "grid: {policy: [sjf, fcfs, edf, dysta]}\nfigures: {antt: metrics.antt}\n"
      "table: {rows: [policy], columns: [antt], digits: 3}\n");
  Rows rows;
  const double values[] = {14296.4, 0.000123456, 3e-9, 0};
  for (uint64_t point = 0; point < 4; ++point) {
    rows[point] =
        row(sweep, point,
            {Outcome::simulated, "", 1, nlohmann::ordered_json{{"metrics", {{"antt", values[point]}}}}});
  }
  EXPECT_EQ(table_texts(sweep, sweep.tables[0], rows).markdown,
            "| policy | antt |\n|---|---:|\n| sjf | 14296 |\n| fcfs | 0.000123 |\n| edf | 3e-09 |\n| dysta | "
            "0 |\n");
}

TEST_F(TableTest, FilesAreNamedAfterTheTables) {
  Sweep sweep = read(
      "grid: {policy: [sjf]}\nfigures: {antt: metrics.antt}\n"
      "table: [{name: one, rows: [policy], columns: [antt]}, {name: two, rows: [policy], columns: "
      "[antt]}]\n");
  auto files = write_results(sweep, {}, folder_.path(), false);
  for (const char* file : {"table-one.csv", "table-one.md", "table-two.csv", "table-two.md"})
    EXPECT_THAT(files, Contains(file));
}

}  // namespace
}  // namespace vesper::sweep
