#include "platform/observe/stretch_log.h"

#include "fixture.h"

namespace vesper::observe {
namespace {

constexpr const char* kHeader =
    "accelerator,task,job,start_s,end_s,regions,scheduler_s,swap_s,compute_s,stall_s\n";

class StretchLogTest : public ::testing::Test {
 protected:
  void issue(JobId job, Time at) { log_.instruction_issued({job, 0, false, false, {}, at, 0}); }
  void end(JobId job, Time at, bool last, Time compute, Time swap = 0) {
    log_.region_ended({job, 0, last, at, at + us(1), 0, compute, swap});
  }
  std::string rows() {
    log_.finish();
    std::string text = read(here_ / "stretches.csv");
    EXPECT_TRUE(text.starts_with(kHeader)) << text;
    return text.substr(std::min(text.size(), std::string(kHeader).size()));
  }

  Folder here_;
  StretchLog log_{here_ / "stretches.csv", two_tasks()};
};

TEST_F(StretchLogTest, RegionsOfOneJobInARowAreOneStretchWhoseSharesAddUp) {
  issue({kCamera, 3}, us(10));
  end({kCamera, 3}, us(110), false, us(60));
  issue({kCamera, 3}, us(112));
  end({kCamera, 3}, us(212), true, us(70), us(5));
  // 202 us = 2 scheduler + 5 swap + 130 compute + 65 stall
  EXPECT_EQ(rows(), "accelerator,camera,3,0.00001,0.000212,2,0.000002,0.000005,0.00013,0.000065\n");
}

TEST_F(StretchLogTest, AnotherJobEndsAStretchAndWhatLiesBetweenBelongsToNone) {
  issue({kCamera, 0}, us(10));
  end({kCamera, 0}, us(20), false, us(10));
  issue({kLidar, 0}, us(23));
  end({kLidar, 0}, us(30), true, us(7));
  issue({kCamera, 0}, us(40));
  end({kCamera, 0}, us(50), true, us(8), us(2));
  EXPECT_EQ(rows(),
            "accelerator,camera,0,0.00001,0.00002,1,0,0,0.00001,0\n"
            "accelerator,lidar,0,0.000023,0.00003,1,0,0,0.000007,0\n"
            "accelerator,camera,0,0.00004,0.00005,1,0,0.000002,0.000008,0\n");
}

TEST_F(StretchLogTest, AnInstructionAheadOfNeedCountsFromTheEndOfTheRegionBefore) {
  issue({kCamera, 0}, us(10));
  issue({kLidar, 0}, us(11));
  end({kCamera, 0}, us(20), false, us(10));
  end({kLidar, 0}, us(25), false, us(5));
  EXPECT_EQ(rows(),
            "accelerator,camera,0,0.00001,0.00002,1,0,0,0.00001,0\n"
            "accelerator,lidar,0,0.00002,0.000025,1,0,0,0.000005,0\n");
}

TEST_F(StretchLogTest, ARegionUnderWayAtTheEndIsLeftOut) {
  issue({kCamera, 0}, us(10));
  EXPECT_EQ(rows(), "");
}

TEST_F(StretchLogTest, SharesNeverExceedTheirRegion) {
  issue({kCamera, 0}, us(10));
  end({kCamera, 0}, us(20), true, us(10) + 1, 1);
  EXPECT_EQ(rows(), "accelerator,camera,0,0.00001,0.00002,1,0,0.000000000001,0.000009999999,0\n");
}

}  // namespace
}  // namespace vesper::observe
