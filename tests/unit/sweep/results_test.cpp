// Rows of results.
#include "platform/sweep/results.h"

#include "tests/unit/sweep/fixture.h"

namespace vesper::sweep {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using Results = SweepTest;

TEST_F(Results, ARowHasPointAxesSeedOutcomeBoundAndFigures) {
  Sweep sweep = read(
      "grid: {design: {'a, b': {}}, run.seed: [4]}\nfigures: {late: metrics.miss_rate, jobs: "
      "tasks.cam.released}\n");
  Verdict verdict{
      Outcome::timeout, "regions", 4,
      Json::parse(R"({"metrics": {"miss_rate": 0.1}, "tasks": [{"name": "cam", "released": 12}]})")};
  EXPECT_EQ(header(sweep), "point,design,run.seed,seed,outcome,bound,late,jobs\n");
  EXPECT_EQ(row(sweep, 0, verdict), "0,\"a, b\",4,4,timeout,regions,0.1,12\n");
  EXPECT_THAT(split_csv(row(sweep, 0, verdict)),
              ElementsAre("0", "a, b", "4", "4", "timeout", "regions", "0.1", "12"));
}

TEST_F(Results, ARowIsTakenApartAsItWasPutTogether) {
  Sweep sweep = read("grid: {design: {'a, b': {}}, run.seed: [4]}\nfigures: {late: metrics.miss_rate}\n");
  Result result = read_row(sweep, row(sweep, 0, {Outcome::missed, "", 4, Json::parse(R"({"metrics": {}})")}));
  EXPECT_THAT(result.axes, ElementsAre("a, b", "4"));
  EXPECT_EQ(result.outcome, Outcome::missed);
  EXPECT_THAT(result.figures, ElementsAre(""));
  EXPECT_THROW(read_row(sweep, "0,a,4,4,missed,\n"), InputError);
  EXPECT_THROW(read_row(sweep, "0,a,4,4,mist,,1\n"), InputError);
}

TEST(Figures, AreFoundByPath) {
  Json root = Json::parse(
      R"({"a": {"b": [10, {"name": "x", "y": 2.5}, {"name": "z", "y": null}]}, "t": "text", "ok": true})");
  EXPECT_EQ(figure_at(root, "a.b.0"), "10");
  EXPECT_EQ(figure_at(root, "a.b.x.y"), "2.5");
  EXPECT_EQ(figure_at(root, "a.b.z.y"), "");
  EXPECT_EQ(figure_at(root, "a.b.7"), "");
  EXPECT_EQ(figure_at(root, "a.nothing.there"), "");
  EXPECT_EQ(figure_at(root, "a"), "");
  EXPECT_EQ(figure_at(root, "t"), "text");
  EXPECT_EQ(figure_at(root, "ok"), "true");
  EXPECT_EQ(figure_at(Json(), "a"), "");
}

TEST(Csv, FieldsComeBackAsTheyWere) {
  EXPECT_THAT(split_csv("a,\"b,\"\"c\"\"\",,d\n"), ElementsAre("a", "b,\"c\"", "", "d"));
  EXPECT_THAT(split_csv(""), ElementsAre(""));
}

}  // namespace
}  // namespace vesper::sweep
