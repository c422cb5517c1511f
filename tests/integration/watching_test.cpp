// Waves and timelines of shipped scenarios, as other programs read them.
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/command.h"
#include "tests/support/preemptions.h"

namespace vesper::test {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr const char* kDemo = "scenarios/demo/camera_and_lidar.yaml";

TEST(Outputs, ShowTheSamePreemptionsAtTheSamePicosecond) {
  TemporaryFolder folder;
  ASSERT_EQ(run_vesper({"run", kDemo, "--vcd", "--timeline", "--out", folder / "out"}).status, 0);
  const auto wave = preemptions_in_wave(read_wave(folder / "out/trace.vcd"), {"camera", "lidar"});
  ASSERT_GE(wave.size(), 3U);
  EXPECT_EQ(wave[0], (Preemption{2'001'052'174, "lidar 0", "camera 0"}));
  EXPECT_EQ(wave, preemptions_in_decisions(folder / "out/decisions.csv"));
  EXPECT_EQ(wave, preemptions_in_timeline(folder / "out/timeline.json"));
}

/// Checks the rules of the trace event format that viewers rely on.
class TimelineFile {
 public:
  explicit TimelineFile(const std::filesystem::path& path) {
    const Json document = Json::parse(read_file(path));
    for (const Json& event : document.at("traceEvents")) add(event);
  }

  void check() const {
    for (const auto& [track, slices] : slices_) check_nesting(names_.at(track), slices);
    for (const auto& [counter, times] : counters_) EXPECT_TRUE(std::ranges::is_sorted(times)) << counter;
    for (const auto& [id, points] : flows_) check_flow(id, points);
  }
  [[nodiscard]] std::set<std::string> tracks() const {
    std::set<std::string> all;
    for (const auto& [track, slices] : slices_) all.insert(names_.at(track));
    for (const auto& [counter, times] : counters_) all.insert(counter);
    return all;
  }
  [[nodiscard]] size_t flows() const { return flows_.size(); }

 private:
  using Track = std::pair<int, int>;
  struct Slice {
    int64_t start, end;
  };
  struct Point {
    char phase;
    Track track;
    int64_t at;
  };

  static int64_t time(const Json& microseconds) { return std::llround(microseconds.get<double>() * 1e6); }

  void add(const Json& event) {
    const std::string phase = event.at("ph");
    const Track track{event.at("pid"), event.at("tid")};
    const std::string name = event.at("name");
    ASSERT_THAT((std::set<std::string>{"M", "X", "C", "i", "s", "t", "f"}), ::testing::Contains(phase));
    if (name == "thread_name") names_[track] = event.at("args").at("name");
    if (phase == "M") return;
    const int64_t at = time(event.at("ts"));
    if (phase == "X") slices_[track].push_back({at, at + time(event.at("dur"))});
    if (phase == "C") counters_[name].push_back(at);
    if (event.contains("id")) flows_[event.at("id")].push_back({phase[0], track, at});
  }

  static void check_nesting(const std::string& name, const std::vector<Slice>& slices) {
    std::vector<int64_t> open;
    int64_t last = 0;
    for (const Slice& slice : slices) {
      ASSERT_GE(slice.start, last) << name;
      last = slice.start;
      while (!open.empty() && open.back() <= slice.start) open.pop_back();
      if (!open.empty()) {
        ASSERT_LE(slice.end, open.back()) << name << " at " << slice.start;
      }
      open.push_back(slice.end);
    }
  }

  /// An arrow starts, goes on, and ends, forwards in time, at slices that are under way.
  void check_flow(const std::string& id, const std::vector<Point>& points) const {
    ASSERT_GE(points.size(), 2U) << id;
    EXPECT_EQ(points.front().phase, 's') << id;
    EXPECT_EQ(points.back().phase, 'f') << id;
    for (size_t i = 0; i < points.size(); ++i) {
      const bool between = i > 0 && i + 1 < points.size();
      EXPECT_EQ(points[i].phase == 't', between) << id;
      EXPECT_GE(points[i].at, points[i > 0 ? i - 1 : 0].at) << id;
      EXPECT_TRUE(std::ranges::any_of(
          slices_.at(points[i].track),
          [&](const Slice& slice) { return slice.start <= points[i].at && points[i].at < slice.end; }))
          << id << " at " << points[i].at;
    }
  }

  std::map<Track, std::string> names_;
  std::map<Track, std::vector<Slice>> slices_;
  std::map<std::string, std::vector<int64_t>> counters_;
  std::map<std::string, std::vector<Point>> flows_;
};

struct Watched {
  const char* name;
  std::vector<std::string> arguments;
  std::vector<std::string> tracks;
  size_t flows;
};
void PrintTo(const Watched& watched, std::ostream* out) { *out << watched.name; }

class Timelines : public ::testing::TestWithParam<Watched> {};

TEST_P(Timelines, AreWellFormed) {
  TemporaryFolder folder;
  std::vector<std::string> arguments{"run"};
  arguments.insert(arguments.end(), GetParam().arguments.begin(), GetParam().arguments.end());
  arguments.insert(arguments.end(), {"--timeline", "--out", folder / "out"});
  CommandResult result = run_vesper(arguments);
  ASSERT_EQ(result.status, 0) << result.err;
  const TimelineFile timeline(folder / "out/timeline.json");
  timeline.check();
  for (const std::string& track : GetParam().tracks)
    EXPECT_THAT(timeline.tracks(), ::testing::Contains(track));
  EXPECT_EQ(timeline.flows(), GetParam().flows);
}

INSTANTIATE_TEST_SUITE_P(
    Scenarios, Timelines,
    ::testing::Values(
        Watched{"hardware",
                {kDemo},
                {"camera", "lidar", "accelerator load", "accelerator swap", "decisions for accelerator",
                 "accelerator.load_a", "accelerator.load_a GB/s", "scheduler_block.occupancy"},
                27},
        Watched{"software",
                {"scenarios/demo/camera_and_lidar_software.yaml"},
                {"function", "job_release.fifo.lidar"},
                27},
        Watched{"ideal", {kDemo, "--placement", "ideal"}, {"ideal_scheduler.occupancy"}, 27},
        Watched{"burst",
                {kDemo, "--set", "memory.fidelity=burst", "--until", "6 ms"},
                {"ddr for camera", "ddr for lidar", "ddr GB/s", "ddr.requests", "noc.pl_0.outstanding",
                 "noc.link.vertical0 busy %", "noc.link.horizontal busy %"},
                2},
        Watched{
            "woven", {"scenarios/demo/woven_networks.yaml"}, {"resnet50", "accelerator.weight_bytes"}, 7}),
    [](const auto& watched) { return std::string(watched.param.name); });

TEST(Waves, AWindowBeginsWithTheValuesOfItsTime) {
  TemporaryFolder folder;
  ASSERT_EQ(run_vesper(
                {"run", kDemo, "--vcd", "--vcd-from", "2500 us", "--vcd-to", "6 ms", "--out", folder / "out"})
                .status,
            0);
  const Wave wave = read_wave(folder / "out/trace.vcd");
  const std::pair<uint64_t, std::string> swap{2'500'000'000, "persist"};
  EXPECT_EQ(wave.at("accelerator.swap").front(), swap);
  for (const auto& [path, values] : wave) EXPECT_LE(values.back().first, 6'000'000'000U) << path;
  EXPECT_THAT(read_file(folder / "out/trace.gtkw"), HasSubstr("[timestart] 2500000000\n"));
}

TEST(Waves, CompressedOnesAreEqualForEqualRuns) {
  TemporaryFolder folder;
  for (const char* out : {"a", "b"}) {
    CommandResult result = run_vesper({"run", kDemo, "--fst", "--out", folder / out});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_FALSE(std::filesystem::exists(folder.path() / out / "trace.vcd"));
  }
  EXPECT_EQ(read_file(folder / "a/trace.fst"), read_file(folder / "b/trace.fst"));
  EXPECT_THAT(read_file(folder / "a/trace.gtkw"), HasSubstr("[dumpfile] \"trace.fst\""));
  EXPECT_THAT(run_program("/usr/bin/fst2vcd", {"-f", folder / "a/trace.fst"}, folder.path()).out,
              HasSubstr("spersist "));
}

TEST(Waves, WrongWishesAreRefused) {
  for (const auto& [arguments, says] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--vcd-from", "1 ms"}, "--vcd-from takes --vcd or --fst"},
           {{"--vcd", "--vcd-from", "3 ms", "--vcd-to", "2 ms"}, "must begin before it ends"},
           {{"--vcd", "--vcd-to", "soon"}, "--vcd-to"}}) {
    std::vector<std::string> all{"run", kDemo};
    all.insert(all.end(), arguments.begin(), arguments.end());
    CommandResult result = run_vesper(all);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr(says));
  }
  CommandResult without = run_program(
      "/usr/bin/env", {"PATH=/nowhere", VESPER_COMMAND, "run", kDemo, "--fst"}, VESPER_SOURCE_DIR);
  EXPECT_EQ(without.status, 2);
  EXPECT_THAT(without.err, HasSubstr("install Debian's package gtkwave"));
}

}  // namespace
}  // namespace vesper::test
