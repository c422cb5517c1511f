// `fixed` memory: times to the tick, by hand and against the reference timeline.
#include <random>
#include <utility>

#include "schedulers/offline/npu_timeline.h"
#include "tests/unit/npu/npu_bench.h"

namespace vesper::npu {
namespace {

using observe::OperationKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class NpuFixed : public NpuBench {
 protected:
  /// Commands for all layers of a task's job 0 at time 0.
  void command_all(uint32_t task, uint32_t layers) {
    for (uint32_t layer = 0; layer < layers; ++layer) command(0, task, 0, layer);
  }
};

TEST_F(NpuFixed, FetchesAheadWhileItComputes) {
  make(small());
  load(0, {{100, 200}, {50, 300}, {10, 600}});
  command_all(0, 3);
  run_until(us(5));
  EXPECT_THAT(loads(), ElementsAre(Span{0, 0, 200}, Span{1, 200, 500}, Span{2, 500, 1100}));
  EXPECT_THAT(computes(), ElementsAre(Span{0, 200, 300}, Span{1, 500, 550}, Span{2, 1100, 1110}));
  EXPECT_THAT(log.completed, ElementsAre(std::pair(observe::JobId{0, 0}, 1'110'000)));
  EXPECT_THAT(log.first_computes, ElementsAre(std::pair(observe::JobId{0, 0}, 200'000)));
  ASSERT_EQ(log.regions.size(), 3U);
  EXPECT_FALSE(log.regions[1].last);
  EXPECT_TRUE(log.regions[2].last);
}

TEST_F(NpuFixed, FetchesAPartWhereTheBufferHasRoomForNoMore) {
  make(small());
  load(0, {{1000, 800}, {10, 400}});
  command_all(0, 2);
  run_until(us(5));
  EXPECT_THAT(loads(), ElementsAre(Span{0, 0, 800}, Span{1, 800, 1024}, Span{1, 1800, 1976}));
  EXPECT_THAT(computes(), ElementsAre(Span{0, 800, 1800}, Span{1, 1976, 1986}));
}

TEST_F(NpuFixed, ALayerLargerThanTheBufferIsStreamedOnceItHasTheBufferForItself) {
  make(small());
  load(0, {{100, 500}, {300, 3000}, {10, 100}, {1, 1}});
  command_all(0, 4);
  run_until(us(9));
  // Full of layer 1 alone at 1524; from then on its last 1976 bytes pass while it is computed.
  EXPECT_THAT(loads(), ElementsAre(Span{0, 0, 500}, Span{1, 500, 1024}, Span{1, 1024, 1524},
                                   Span{1, 1524, 3500}, Span{2, 3500, 3600}, Span{3, 3600, 3601}));
  EXPECT_THAT(computes(),
              ElementsAre(Span{0, 500, 600}, Span{1, 1524, 3500}, Span{2, 3600, 3610}, Span{3, 3610, 3611}));
}

TEST_F(NpuFixed, AStreamedLayerLastsAsLongAsItsComputation) {
  make(small());
  load(0, {{5000, 1025}, {10, 100}});
  command_all(0, 2);
  run_until(us(9));
  EXPECT_THAT(computes(), ElementsAre(Span{0, 1024, 6024}, Span{1, 6124, 6134}));
}

TEST_F(NpuFixed, LayersWithoutWeightsTakeTheirTurn) {
  make(small());
  load(0, {{10, 0}, {20, 100}, {30, 0}, {40, 0}});
  command_all(0, 4);
  run_until(us(5));
  EXPECT_THAT(loads(), ElementsAre(Span{1, 0, 100}));
  EXPECT_THAT(computes(),
              ElementsAre(Span{0, 0, 10}, Span{1, 100, 120}, Span{2, 120, 150}, Span{3, 150, 190}));
}

TEST_F(NpuFixed, FetchesFromWhenTheCommandIsThere) {
  make(small());
  load(0, {{100, 200}, {50, 300}});
  command(1'000'500, 0, 0, 0);  // half a tick later than a tick
  command(3'000'000, 0, 0, 1);
  run_until(us(5));
  EXPECT_THAT(loads(), ElementsAre(Span{0, 1001, 1201}, Span{1, 3000, 3300}));
}

TEST_F(NpuFixed, CountsItsWork) {
  make(small());
  load(0, {{100, 200}, {50, 300}, {10, 600}});
  command_all(0, 3);
  run_until(ns(800));
  core::RunReport report;
  report.end_ps = 800'000;
  model->report(report);
  ASSERT_EQ(report.accelerators.size(), 1U);
  EXPECT_EQ(report.accelerators[0].steps, 2U);
  EXPECT_EQ(report.accelerators[0].compute_busy, 150'000U);
  EXPECT_EQ(report.accelerators[0].fetch_busy, 800'000U);
  EXPECT_EQ(report.accelerators[0].busy, 800'000U);
}

TEST_F(NpuFixed, JobsBeyondTheActivationBuffersAreStoredAndLoadedBack) {
  Npu::Properties properties = small();
  properties.activation_networks = 1;
  make(properties);
  load(0, {{100, 10, 40}, {100, 10, 50}});
  load(1, {{100, 10, 70}, {100, 10, 80}});
  command(0, 0, 0, 0);
  command(0, 1, 0, 0);
  command(0, 0, 0, 1);
  command(0, 1, 0, 1);
  run_until(us(5));
  EXPECT_THAT(computes(),
              ElementsAre(Span{0, 10, 110}, Span{0, 150, 250}, Span{1, 360, 460}, Span{1, 530, 630}));
  // Out: what the last layer left. The job that has ended leaves nothing.
  EXPECT_THAT(spans(OperationKind::persist), ElementsAre(Span{0, 110, 150}, Span{0, 250, 320}));
  EXPECT_THAT(spans(OperationKind::resume), ElementsAre(Span{0, 320, 360}, Span{0, 460, 530}));
}

TEST_F(NpuFixed, TwoActivationBuffersServeTwoInterwovenJobsOfManyTasks) {
  make(small());
  load(0, {{100, 10, 40}, {100, 10, 50}});
  load(1, {{100, 10, 70}, {100, 10, 80}});
  for (uint32_t job = 0; job < 3; ++job) {
    for (uint32_t layer = 0; layer < 2; ++layer) {
      for (uint32_t task = 0; task < 2; ++task) command(0, task, job, layer);
    }
  }
  run_until(us(5));
  EXPECT_EQ(computes().size(), 12U);
  EXPECT_THAT(spans(OperationKind::persist), IsEmpty());
  EXPECT_THAT(spans(OperationKind::resume), IsEmpty());
}

// ---- the queue

TEST_F(NpuFixed, RegistersTellOfTheQueueAndTheBuild) {
  Npu::Properties properties = small();
  properties.command_depth = 5;
  properties.bandwidth = {3'000'000'000};
  make(properties);
  load(0, {{100, 300}, {100, 300}, {100, 300}});
  command_all(0, 3);
  agenda.at(50'000, [this] {
    EXPECT_EQ(cpu.read32(abi::npu::kDepth), 5U);
    EXPECT_EQ(cpu.read32(abi::npu::kPlaces), 2U);
    EXPECT_EQ(cpu.read32(abi::npu::kWaiting), 2U);
    EXPECT_EQ(cpu.read32(abi::npu::kTicksPerCycle), 3U);
    EXPECT_EQ(cpu.read32(abi::npu::kTicksPerByte), 1U);
    EXPECT_EQ(cpu.read32(abi::npu::kBufferBytes), 1024U);
    EXPECT_EQ(cpu.read32(abi::npu::kBufferBytes + 4), 0U);
  });
  run_until(us(5));
  EXPECT_EQ(cpu.read32(abi::npu::kPlaces), 5U);
}

TEST_F(NpuFixed, ACommandTooManyIsAnError) {
  Npu::Properties properties = small();
  properties.command_depth = 2;
  make(properties);
  load(0, {{100, 300}, {100, 300}, {100, 300}});
  command_all(0, 3);
  run_until(us(5));
  EXPECT_THAT(core::failure_message(),
              HasSubstr("task 0 job 0 layer 2 was written while all 2 places of the queue are taken"));
}

TEST_F(NpuFixed, ALayerThatIsNotThereIsAnError) {
  make(small());
  load(0, {{100, 300}});
  command(7000, 0, 0, 1);
  run_until(us(5));
  EXPECT_THAT(core::failure_message(), HasSubstr("the index table has no region 1 of task 0, at 7000 ps"));
}

TEST_F(NpuFixed, ALayerOfNoCyclesIsAnError) {
  make(small());
  load(0, {{0, 300}});
  command(0, 0, 0, 0);
  run_until(us(5));
  EXPECT_THAT(core::failure_message(), HasSubstr("layer 0 of task 0 takes 0 cycles"));
}

TEST_F(NpuFixed, AheadBelowLowWaterIsRefused) {
  Npu::Properties properties = small();
  properties.low_water = 8;
  properties.ahead = 7;
  EXPECT_THROW(make(properties), std::invalid_argument);
}

TEST_F(NpuFixed, LowWaterCallsWhenTooFewCommandsWait) {
  Npu::Properties properties = small();
  properties.low_water = 2;
  make(properties);
  load(0, {{100, 200}, {50, 300}, {10, 600}});
  agenda.at(0, [this] { cpu.write32(abi::kernel_manager::kControl, abi::npu::kControlLowWater); });
  command_all(0, 3);
  run_until(us(5));
  // Of three commands the second and third wait until the first is fetched, at 200. The interrupt is a cycle
  // later.
  EXPECT_THAT(low_water->rises(), ElementsAre(0, 200'000));
  EXPECT_THAT(low_water->falls(), ElementsAre(0));
  EXPECT_THAT(interrupt->rises(), ElementsAre(201'000));
  EXPECT_TRUE(interrupt->level());
  cpu.write32(abi::kernel_manager::kControl, 0);
  EXPECT_FALSE(interrupt->level());
}

TEST_F(NpuFixed, AFullQueueDoesNotCall) {
  Npu::Properties properties = small();
  properties.low_water = 16;
  properties.command_depth = 3;
  make(properties);
  load(0, {{100, 0}, {50, 0}, {10, 0}});
  command_all(0, 3);
  run_until(ns(99));
  EXPECT_EQ(cpu.read32(abi::npu::kWaiting), 0U);
  EXPECT_FALSE(low_water->level());
  run_until(ns(100));
  EXPECT_TRUE(low_water->level());
}

TEST_F(NpuFixed, FeedbackComesForEveryLayerOrTheLastAlone) {
  make(small());
  load(0, {{100, 200}, {50, 300}});
  namespace km = abi::kernel_manager;
  auto feedback = [this] {
    const uint32_t task = cpu.read32(km::kFeedback), layer = cpu.read32(km::kFeedback + 8);
    cpu.write32(km::kFeedbackPop, 1);
    return std::pair(task, layer);
  };
  agenda.at(0, [this] { cpu.write32(km::kControl, km::kControlInterruptEnable); });
  command_all(0, 2);
  agenda.at(1'000'000, [&] {
    EXPECT_EQ(feedback(), std::pair(0U, 0U));
    EXPECT_EQ(feedback(), std::pair(abi::kFeedbackLast, 1U));
    EXPECT_EQ(cpu.read32(km::kStatus) & km::kStatusFeedback, 0U);
    cpu.write32(km::kControl, km::kControlInterruptEnable | abi::npu::kControlLastOnly);
  });
  command(1'000'000, 0, 1, 0);
  command(1'000'000, 0, 1, 1);
  agenda.at(2'000'000, [&] {
    EXPECT_EQ(feedback(), std::pair(abi::kFeedbackLast, 1U));
    EXPECT_EQ(cpu.read32(km::kStatus) & km::kStatusFeedback, 0U);
  });
  run_until(us(5));
  EXPECT_THAT(interrupt->rises(), ElementsAre(301'000, 1'551'000));
}

// ---- against the reference

class RandomLayers : public NpuFixed, public ::testing::WithParamInterface<uint32_t> {
 protected:
  static constexpr uint32_t kLayers = 2000;

  std::vector<Layer> draw() {
    std::mt19937 random(GetParam());
    auto up_to = [&](uint32_t most) { return static_cast<uint32_t>(random() % (most + 1)); };
    std::vector<Layer> layers;
    for (uint32_t i = 0; i < kLayers; ++i) {
      const uint32_t kind = up_to(9);
      const uint32_t bytes = kind == 0 ? 0 : kind == 1 ? 1024 : kind < 5 ? up_to(40) : up_to(1024);
      layers.push_back({1 + (kind % 2 == 0 ? up_to(20) : up_to(700)), bytes});
    }
    return layers;
  }
  /// Writes commands as long as there are places, whenever one gets free.
  void keep_full() {
    refill_ = std::make_unique<core::InterruptIn>([this](bool level) {
      auto is_low = [this] {
        return (cpu.read32(abi::kernel_manager::kStatus) & abi::npu::kStatusLowWater) != 0;
      };
      if (std::exchange(filling_, true)) return;
      while (level && is_low() && next_ < kLayers) command_now(0, 0, next_++);
      filling_ = false;
    });
    model->low_water.connect(*refill_);
  }
  static Npu::Properties properties_for(uint32_t depth) {
    Npu::Properties properties = small();
    properties.clock = MHz(927);
    properties.bandwidth = {68'000'000'000};
    properties.command_depth = depth;
    properties.low_water = 65536;  // so that every free place calls
    return properties;
  }
  void compare(const Npu::Properties& properties) {
    make(properties);
    const std::vector<Layer> layers = draw();
    load(0, layers);
    keep_full();
    run_until(ms(2));
    const npu::NpuTicks unit(properties);
    std::vector<weaving::Layer> schedule;
    for (const Layer& layer : layers)
      schedule.push_back({layer.cycles * unit.cycle, layer.weight_bytes * unit.byte});
    const auto expected = offline::npu_timeline(unit.buffer, schedule, properties.command_depth);
    const core::ClockDomain ticks(Frequency{unit.second});
    std::map<uint32_t, uint64_t> fetched;
    std::vector<std::pair<uint64_t, uint64_t>> computed;
    for (const observe::Operation& operation : log.operations) {
      if (operation.kind == OperationKind::load) fetched[operation.layer] = operation.end;
      if (operation.kind == OperationKind::compute) computed.emplace_back(operation.start, operation.end);
    }
    ASSERT_EQ(computed.size(), kLayers);
    for (uint32_t i = 0; i < kLayers; ++i) {
      ASSERT_EQ(computed[i].first, ticks.edge(expected[i].compute_start)) << i;
      ASSERT_EQ(computed[i].second, ticks.edge(expected[i].compute_end)) << i;
      if (layers[i].weight_bytes > 0) {
        ASSERT_EQ(fetched[i], ticks.edge(expected[i].fetch_end)) << i;
      }
    }
  }

  std::unique_ptr<core::InterruptIn> refill_;
  bool filling_ = false;
  uint32_t next_ = 0;
};

TEST_P(RandomLayers, FollowTheReferenceToTheTick) { compare(properties_for(kLayers)); }
TEST_P(RandomLayers, FollowItWithFewPlaces) { compare(properties_for(3)); }
TEST_P(RandomLayers, FollowItWithOnePlace) { compare(properties_for(1)); }

INSTANTIATE_TEST_SUITE_P(Seeds, RandomLayers, ::testing::Range(1U, 9U));

}  // namespace
}  // namespace vesper::npu
