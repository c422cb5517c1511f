#include "schedulers/offline/npu_timeline.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace vesper::offline {
namespace {

using weaving::Layer;

void expect_times(const LayerTimes& times, uint64_t fetch_start, uint64_t fetch_end, uint64_t compute_start,
                  uint64_t compute_end) {
  EXPECT_EQ(times.fetch_start, fetch_start);
  EXPECT_EQ(times.fetch_end, fetch_end);
  EXPECT_EQ(times.compute_start, compute_start);
  EXPECT_EQ(times.compute_end, compute_end);
}

// {compute, fetch}
TEST(NpuTimeline, FetchesRunAheadOfComputations) {
  std::vector<LayerTimes> times = npu_timeline(100, std::vector<Layer>{{50, 10}, {20, 30}, {5, 60}});
  expect_times(times[0], 0, 10, 10, 60);
  expect_times(times[1], 10, 40, 60, 80);
  expect_times(times[2], 40, 100, 100, 105);
}

TEST(NpuTimeline, AFullBufferStopsTheFetchWithinALayerUntilAComputationEnds) {
  // 60 of 100 are held until 160: the second layer gets 40, waits, and goes on with the rest.
  std::vector<LayerTimes> times = npu_timeline(100, std::vector<Layer>{{100, 60}, {10, 70}});
  expect_times(times[0], 0, 60, 60, 160);
  expect_times(times[1], 60, 190, 190, 200);
}

TEST(NpuTimeline, RoomFreedWhileFetchingIsUsedAtOnce) {
  std::vector<LayerTimes> times = npu_timeline(100, std::vector<Layer>{{20, 60}, {10, 70}});
  expect_times(times[1], 60, 130, 130, 140);
}

TEST(NpuTimeline, AsManyLayersAsItsDepthAreUnderWay) {
  std::vector<LayerTimes> times =
      npu_timeline(100, std::vector<Layer>{{50, 1}, {50, 1}, {50, 1}, {50, 1}}, 2);
  expect_times(times[1], 1, 2, 51, 101);
  expect_times(times[2], 51, 52, 101, 151);
  expect_times(times[3], 101, 102, 151, 201);
}

TEST(NpuTimeline, FetchesAndComputationsMayTakeNoTime) {
  std::vector<LayerTimes> times = npu_timeline(100, std::vector<Layer>{{0, 0}, {0, 10}, {7, 0}, {0, 0}});
  expect_times(times[0], 0, 0, 0, 0);
  expect_times(times[1], 0, 10, 10, 10);
  expect_times(times[2], 10, 10, 10, 17);
  expect_times(times[3], 10, 10, 17, 17);
  EXPECT_TRUE(npu_timeline(100, {}).empty());
}

TEST(NpuTimeline, ALayerFillsTheBufferButDoesNotExceedIt) {
  std::vector<LayerTimes> times = npu_timeline(100, std::vector<Layer>{{5, 100}, {5, 100}});
  expect_times(times[1], 100, 205, 205, 210);
  EXPECT_THROW(npu_timeline(100, std::vector<Layer>{{5, 101}}), std::invalid_argument);
}

}  // namespace
}  // namespace vesper::offline
