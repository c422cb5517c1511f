#include "platform/report/statistics.h"

#include "fixture.h"

namespace vesper::report {
namespace {

TEST(StatisticsTest, PercentilesAreByNearestRankAsInTheSummary) {
  std::vector<Time> samples;
  for (Time i = 1; i <= 200; ++i) samples.push_back(us(201 - i));
  auto json = distribution_json(samples);
  EXPECT_EQ(json["count"], 200);
  EXPECT_EQ(json["p50"], 100e-6);
  EXPECT_EQ(json["p95"], 190e-6);
  EXPECT_EQ(json["p99"], 198e-6);
  EXPECT_EQ(json["max"], 200e-6);
  EXPECT_EQ(json["min"], 1e-6);
  EXPECT_EQ(json["mean"], 100.5e-6);
  std::vector<Time> none;
  EXPECT_TRUE(distribution_json(none).is_null());
}

TEST(StatisticsTest, ACurveOfFewSamplesHasThemAll) {
  Columns columns;
  auto curve = curve_json({us(1), us(2), us(5)}, columns);
  EXPECT_EQ(curve["x"], (nlohmann::ordered_json{"f64", 0, 3}));
  EXPECT_EQ(columns.base64().substr(0, 11), "je21oPfGsD6");  // 1e-6, little-endian
}

TEST(StatisticsTest, ACurveOfManySamplesKeepsTheLargestOnes) {
  Columns columns;
  std::vector<Time> samples(1'000'000);
  for (size_t i = 0; i < samples.size(); ++i) samples[i] = us(i);
  auto curve = curve_json(samples, columns);
  EXPECT_LT(curve["x"][2], 1300);
  EXPECT_GT(curve["x"][2], 1100);
}

}  // namespace
}  // namespace vesper::report
