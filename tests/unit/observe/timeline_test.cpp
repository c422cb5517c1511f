#include "platform/observe/timeline.h"

#include <nlohmann/json.hpp>

#include "fixture.h"

namespace vesper::observe {
namespace {

using Json = nlohmann::json;

class TimelineTest : public ::testing::Test {
 protected:
  /// The events that are not names of tracks, as `phase pid.tid name ts [dur]`.
  std::vector<std::string> events() const {
    std::vector<std::string> out;
    Json document = Json::parse(read(here_ / "timeline.json"));
    for (const Json& e : document["traceEvents"]) {
      if (e["ph"] == "M") continue;
      std::string text =
          fmt::format("{} {}.{} {} {}", e["ph"].get<std::string>(), e["pid"].get<int>(), e["tid"].get<int>(),
                      e["name"].get<std::string>(), e["ts"].get<double>());
      if (e.contains("dur")) text += fmt::format(" {}", e["dur"].get<double>());
      out.push_back(text);
    }
    return out;
  }

  Folder here_;
};

using ::testing::ElementsAre;

TEST_F(TimelineTest, TracksOfAJob) {
  Timeline timeline(here_ / "timeline.json", two_tasks("software"));
  timeline.job_released({{kLidar, 4}, us(10), us(90), false});
  timeline.function_entered({"edf::next(\"x\")", us(11)});
  timeline.instruction_issued({{kLidar, 4}, 2, true, false, {kCamera, 0}, us(13), 0});
  timeline.operation({{kLidar, 4}, 0, 1, OperationKind::compute, us(14), us(16), 460, 0, 0});
  timeline.operation({{kCamera, 0}, 0, 1, OperationKind::persist, us(13), us(14), 230, 64, 0});
  timeline.region_ended({{kLidar, 4}, 2, true, us(20), us(21), 0});
  timeline.job_completed({kLidar, 4}, us(20));
  timeline.job_released({{kCamera, 1}, us(22), us(90), false});
  timeline.finish(us(30));
  EXPECT_THAT(events(),
              ElementsAre("b 1.2 lidar 4 10", "X 3.1 lidar 4 10 3", "X 2.2 compute lidar 4 14 2",
                          "X 2.4 persist camera 0 13 1", "X 1.2 region 2 (preempts) 13 7", "e 1.2 lidar 4 20",
                          "b 1.1 camera 1 22", "e 1.1 camera 1 30", "X 4.1 edf::next(\"x\") 11 19"));
}

TEST_F(TimelineTest, TracksOfADesign) {
  Timeline timeline(here_ / "timeline.json", two_stages());
  timeline.job_released({{kVision, 0}, us(1), us(90), false});
  timeline.job_released({{kMlp, 3}, us(2), us(90), false});
  timeline.instruction_issued({{kMlp, 3}, 0, false, false, {}, us(3), kOnMlp});
  timeline.activity({1, {kVision, 0}, "gelu", us(4), us(6)});
  timeline.operation({{kMlp, 3}, 0, 1, OperationKind::compute, us(4), us(5), 230, 0, kOnMlp});
  timeline.region_ended({{kMlp, 3}, 0, true, us(7), us(7), kOnMlp});
  timeline.job_completed({kMlp, 3}, us(7));
  timeline.job_completed({kVision, 0}, us(9));
  const std::string tracks[] = {"qkv_memory", "mlp_gelu"};
  timeline.finish(us(30), tracks);
  EXPECT_THAT(events(), ElementsAre("b 1.1 vision 0 1", "b 5.3 vision.mlp 3 2", "X 3.2 vision.mlp 3 2 1",
                                    "X 6.2 gelu vision 0 4 2", "X 2.6 compute vision.mlp 3 4 1",
                                    "X 5.3 region 0 3 4", "e 5.3 vision.mlp 3 7", "e 1.1 vision 0 9"));
}

TEST_F(TimelineTest, AJobOfASingleStreamBeginsWhenTheOneBeforeEnds) {
  RunInfo run = two_tasks();
  run.tasks[kLidar].single_stream = true;
  Timeline timeline(here_ / "timeline.json", run);
  for (uint32_t job : {0U, 1U, 2U}) timeline.job_released({{kLidar, job}, us(1), kNoDeadline, false});
  timeline.job_completed({kLidar, 0}, us(5));
  timeline.finish(us(9));
  EXPECT_THAT(events(),
              ElementsAre("b 1.2 lidar 0 1", "e 1.2 lidar 0 5", "b 1.2 lidar 1 5", "e 1.2 lidar 1 9"));
}

TEST_F(TimelineTest, AnEmptyRunIsValid) {
  Timeline(here_ / "timeline.json", RunInfo{}).finish(0);
  EXPECT_TRUE(events().empty());
}

}  // namespace
}  // namespace vesper::observe
