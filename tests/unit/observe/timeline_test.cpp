#include "platform/observe/timeline.h"

#include <nlohmann/json.hpp>

#include "fixture.h"

namespace vesper::observe {
namespace {

using Json = nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TimelineTest : public ::testing::Test {
 protected:
  std::unique_ptr<Timeline> make(const RunInfo& run) {
    return std::make_unique<Timeline>(here_ / "timeline.json", run, ports_, activities_, us(10));
  }
  /// The events of these phases, as `phase track: name ts [dur]` without the names of tracks.
  std::vector<std::string> events(const std::string& phases) const {
    std::vector<std::string> out;
    std::map<int, std::string> tracks;
    const Json document = Json::parse(read(here_ / "timeline.json"));
    for (const Json& e : document["traceEvents"]) {
      if (e["name"] == "thread_name") tracks[e["tid"]] = e["args"]["name"];
      const std::string phase = e["ph"];
      if (phases.find(phase) == std::string::npos) continue;
      std::string text = fmt::format("{} {}: {} {}", phase, tracks[e["tid"]], e["name"].get<std::string>(),
                                     e["ts"].get<double>());
      if (e.contains("dur")) text += fmt::format(" {}", e["dur"].get<double>());
      if (phase == "C") text += " " + e["args"].dump();
      out.push_back(text);
    }
    return out;
  }

  Folder here_;
  std::vector<std::string> ports_{"accelerator.load", "ddr.port.0", "ddr.port.1"};
  std::vector<std::string> activities_{"qkv_memory", "mlp_gelu"};
};

TEST_F(TimelineTest, TracksAndTheArrowOfAJob) {
  auto timeline = make(two_tasks("software"));
  timeline->job_released({{kLidar, 4}, us(10), us(90), false});
  timeline->function_entered({"edf::next(\"x\")", us(11)});
  timeline->instruction_issued({{kLidar, 4}, 2, true, false, {kCamera, 0}, us(13), 0});
  timeline->operation({{kLidar, 4}, 0, 1, OperationKind::compute, us(14), us(16), 460, 0, 0});
  timeline->operation({{kCamera, 0}, 0, 1, OperationKind::persist, us(13), us(14), 230, 64, 0});
  timeline->operation({{kLidar, 4}, 0, 2, OperationKind::store, us(17), us(20), 460, 0, 0});
  timeline->region_ended({{kLidar, 4}, 2, true, us(20), us(21), 0});
  timeline->job_completed({kLidar, 4}, us(20));
  timeline->job_released({{kCamera, 1}, us(22), us(90), false});
  timeline->finish(us(30));
  EXPECT_THAT(
      events("X"),
      ElementsAre("X decisions for accelerator: lidar 4 10 3", "X accelerator compute: compute lidar 4 14 2",
                  "X accelerator swap: persist camera 0 13 1", "X accelerator store: store lidar 4 17 3",
                  "X lidar: lidar 4 10 10", "X lidar: region 2 (preempts) 13 7", "X camera: camera 1 22 8",
                  "X function: edf::next(\"x\") 11 19"));
  EXPECT_THAT(events("stf"), ElementsAre("s lidar: job 10", "t decisions for accelerator: job 10",
                                         "t accelerator compute: job 14", "f accelerator store: job 17"));
}

TEST_F(TimelineTest, JobsUnderWayAtOnceHaveTracksOfTheirOwn) {
  auto timeline = make(two_tasks());
  for (uint32_t job : {0U, 1U}) timeline->job_released({{kLidar, job}, us(job), kNoDeadline, false});
  timeline->job_completed({kLidar, 0}, us(5));
  timeline->job_released({{kLidar, 2}, us(6), kNoDeadline, false});
  timeline->finish(us(9));
  EXPECT_THAT(events("X"),
              ElementsAre("X lidar: lidar 0 0 5", "X lidar (2): lidar 1 1 8", "X lidar: lidar 2 6 3"));
}

TEST_F(TimelineTest, TracksOfADesign) {
  auto timeline = make(two_stages());
  timeline->job_released({{kVision, 0}, us(1), us(90), false});
  timeline->job_released({{kMlp, 3}, us(2), us(90), false});
  timeline->instruction_issued({{kMlp, 3}, 0, false, false, {}, us(3), kOnMlp});
  timeline->activity({1, {kVision, 0}, "gelu", us(4), us(6)});
  timeline->operation({{kMlp, 3}, 0, 1, OperationKind::compute, us(4), us(5), 230, 0, kOnMlp});
  timeline->region_ended({{kMlp, 3}, 0, true, us(7), us(7), kOnMlp});
  timeline->job_completed({kMlp, 3}, us(7));
  timeline->job_completed({kVision, 0}, us(9));
  timeline->finish(us(30));
  EXPECT_THAT(events("X"),
              ElementsAre("X decisions for mlp: vision.mlp 3 2 1", "X mlp_gelu: gelu vision 0 4 2",
                          "X mlp compute: compute vision.mlp 3 4 1", "X vision.mlp: vision.mlp 3 2 5",
                          "X vision.mlp: region 0 3 4", "X vision: vision 0 1 8"));
}

TEST_F(TimelineTest, AJobOfASingleStreamBeginsWhenTheOneBeforeEnds) {
  RunInfo run = two_tasks();
  run.tasks[kLidar].single_stream = true;
  auto timeline = make(run);
  for (uint32_t job : {0U, 1U, 2U}) timeline->job_released({{kLidar, job}, us(1), kNoDeadline, false});
  timeline->job_completed({kLidar, 0}, us(5));
  timeline->finish(us(9));
  EXPECT_THAT(events("X"), ElementsAre("X lidar: lidar 0 1 4", "X lidar: lidar 1 5 4"));
}

TEST_F(TimelineTest, TransfersBecomeSlicesAndBandwidth) {
  auto timeline = make(two_tasks());
  const auto move = [&](uint16_t port, uint16_t task, bool write, uint64_t bytes, Time start, Time end) {
    timeline->transfer({.job = {task, 0},
                        .layer = 0,
                        .port = port,
                        .write = write,
                        .bytes = bytes,
                        .start = start,
                        .end = end});
  };
  move(0, kCamera, false, 4000, us(0), us(2));
  move(0, kCamera, false, 4000, us(1), us(3));
  move(0, kLidar, false, 1000, us(3), us(4));
  move(1, kCamera, true, 10000, us(5), us(15));
  move(2, kLidar, true, 10000, us(5), us(15));
  timeline->finish(us(40));
  EXPECT_THAT(events("X"), ElementsAre("X accelerator.load: camera 0 0 3", "X accelerator.load: lidar 0 3 1",
                                       "X ddr for camera: camera 0 5 10", "X ddr for lidar: lidar 0 5 10"));
  EXPECT_THAT(events("C"), ElementsAre("C : accelerator.load GB/s 0 {\"read\":0.9,\"written\":0.0}",
                                       "C : accelerator.load GB/s 10 {\"read\":0.0,\"written\":0.0}",
                                       "C : ddr GB/s 0 {\"read\":0.0,\"written\":1.0}",
                                       "C : ddr GB/s 10 {\"read\":0.0,\"written\":1.0}",
                                       "C : ddr GB/s 20 {\"read\":0.0,\"written\":0.0}"));
}

TEST_F(TimelineTest, LevelsAndLinksAreCounters) {
  auto timeline = make(two_tasks());
  ObserverHub hub;
  hub.join(*timeline);
  Signal queue(hub, {.path = "scheduler.queue", .group = "scheduler", .width = 8, .is_level = true});
  Signal requests(hub, {.path = "ddr.requests", .group = "ddr", .width = 8, .is_level = true});
  Signal link(hub, {.path = "noc.link.ends.a", .group = "noc"});
  Signal other(hub, {.path = "noc.link.ends.b", .group = "noc"});
  Signal ignored(hub, {.path = "accelerator.region", .group = "accelerator", .width = 8});
  EXPECT_FALSE(ignored.traced());
  queue.set(1, us(1));
  queue.set(2, us(2));
  requests.set(7, us(3));
  requests.set(3, us(4));
  link.set(1, us(5));
  link.set(0, us(15));
  timeline->finish(us(20));
  EXPECT_THAT(events("C"),
              ElementsAre("C : scheduler.queue 1 {\"value\":1}", "C : scheduler.queue 2 {\"value\":2}",
                          "C : ddr.requests 0 {\"value\":7}", "C : noc.link.ends busy % 0 {\"busy\":50.0}",
                          "C : noc.link.ends busy % 10 {\"busy\":50.0}"));
}

TEST_F(TimelineTest, AnEmptyRunIsValid) {
  make(RunInfo{})->finish(0);
  EXPECT_THAT(events("XCstfi"), IsEmpty());
}

}  // namespace
}  // namespace vesper::observe
