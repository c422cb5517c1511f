#include "platform/observe/job_wave.h"

#include "fixture.h"

namespace vesper::observe {
namespace {

class Recorder final : public Observer {
 public:
  [[nodiscard]] uint32_t topics() const override { return bit(Topic::signal); }
  bool signal_declared(uint32_t id, const SignalInfo& info) override {
    if (paths_.size() <= id) paths_.resize(id + size_t{1});
    paths_[id] = info.path;
    return true;
  }
  void signal_changed(uint32_t id, uint64_t value, Time at) override {
    if (at > 0) changes.push_back(std::to_string(at) + " " + paths_[id] + " " + std::to_string(value));
  }

  std::vector<std::string> changes;

 private:
  std::vector<std::string> paths_;
};

class JobWaveTest : public ::testing::Test {
 protected:
  JobWaveTest() { hub_.join(recorder_); }

  Recorder recorder_;
  ObserverHub hub_;
  RunInfo run_ = two_tasks();
};

using ::testing::ElementsAre;

TEST_F(JobWaveTest, CountsJobsAndMisses) {
  JobWave wave(hub_, run_);
  wave.job_released({{kLidar, 0}, 10, 50, false});
  wave.job_released({{kLidar, 1}, 20, 90, false});
  wave.instruction_issued({{kLidar, 0}, 0, false, false, {}, 60, 0});
  wave.job_completed({kLidar, 0}, 70);
  EXPECT_THAT(recorder_.changes, ElementsAre("10 tasks.lidar.unfinished 1", "20 tasks.lidar.unfinished 2",
                                             "60 tasks.lidar.missed 1", "70 tasks.lidar.unfinished 1"));
}

TEST_F(JobWaveTest, ACompletionInTimeWithFeedbackAfterTheDeadlineIsNoMiss) {
  JobWave wave(hub_, run_);
  wave.job_released({{kLidar, 0}, 10, 50, false});
  wave.region_ended({{kLidar, 0}, 0, true, 50, 52, 0});
  wave.job_completed({kLidar, 0}, 50);
  wave.instruction_issued({{kCamera, 0}, 0, false, false, {}, 60, 0});
  EXPECT_THAT(recorder_.changes, ElementsAre("10 tasks.lidar.unfinished 1", "52 tasks.lidar.unfinished 0"));
}

TEST_F(JobWaveTest, ALateCompletionIsAMiss) {
  JobWave wave(hub_, run_);
  wave.job_released({{kLidar, 0}, 10, 50, false});
  wave.region_ended({{kLidar, 0}, 0, true, 51, 53, 0});
  wave.job_completed({kLidar, 0}, 51);
  EXPECT_THAT(recorder_.changes, ElementsAre("10 tasks.lidar.unfinished 1", "53 tasks.lidar.missed 1",
                                             "53 tasks.lidar.unfinished 0"));
}

TEST_F(JobWaveTest, AFailedJobMissesItsDeadlineOnce) {
  JobWave wave(hub_, run_);
  wave.job_released({{kLidar, 0}, 10, 50, false});
  wave.job_released({{kLidar, 1}, 10, 20, false});
  wave.job_failed({kLidar, 0}, 30);
  wave.job_failed({kLidar, 1}, 30);
  wave.instruction_issued({{kCamera, 0}, 0, false, false, {}, 60, 0});
  EXPECT_THAT(recorder_.changes, ElementsAre("10 tasks.lidar.unfinished 1", "10 tasks.lidar.unfinished 2",
                                             "30 tasks.lidar.missed 1", "30 tasks.lidar.unfinished 1",
                                             "30 tasks.lidar.unfinished 0", "60 tasks.lidar.missed 2"));
}

}  // namespace
}  // namespace vesper::observe
