// Predicted against true time left, by hand.
#include "schedulers/offline/prediction.h"

#include <gmock/gmock.h>

#include <cmath>

#include "schedulers/policy/estimates.h"

namespace vesper::offline {
namespace {

/// Four regions of a second each on average, half of a thousand outputs zero.
class Prediction : public ::testing::Test {
 protected:
  Prediction() : estimates_(4, {2, 0, 1, 0, 0.5, 1000}) { policy::sum_up(estimates_.data(), 4); }

  [[nodiscard]] PredictionError errors(const char* name, uint32_t window = 2, double alpha = 1) const {
    PredictionError error;
    for (const PredictorChoice& choice : predictor_choices(window)) {
      if (choice.name == name) add_errors({estimates_, true_left_, zeros_}, choice, alpha, error);
    }
    return error;
  }

  std::vector<policy::RegionEstimate> estimates_;
  std::vector<double> true_left_{4, 2, 1, 0.5};    // regions of 2, 1, 0.5 and 0.5 s
  std::vector<uint32_t> zeros_{0, 500, 750, 750};  // densities 1, 0.5, 0.25: coefficients 2, 1, 0.5
};

// True time left at the three boundaries: 2, 1, 0.5; on average 3, 2, 1. The job takes 4 alone.
TEST_F(Prediction, ErrorsAreThoseAtTheBoundaries) {
  struct Expected {
    const char* predictor;
    double errors[3];
  };
  const Expected all[] = {{"none", {1, 1, 0.5}},
                          {"last_one", {3 * 2 - 2, 2 * 1 - 1, 1 * 0.5 - 0.5}},
                          {"last_n", {3 * 2 - 2, 2 * 1.5 - 1, 1 * 0.75 - 0.5}},
                          {"average_all", {3 * 2 - 2, 2 * 1.5 - 1, 1 * 3.5 / 3 - 0.5}}};
  for (const Expected& expected : all) {
    PredictionError error = errors(expected.predictor);
    double squares = 0, sum = 0;
    for (double one : expected.errors) {
      squares += one * one;
      sum += one;
    }
    EXPECT_EQ(error.boundaries(), 3U);
    EXPECT_NEAR(error.rmse_s(), std::sqrt(squares / 3), 1e-12) << expected.predictor;
    EXPECT_NEAR(error.relative_rmse(), std::sqrt(squares / 3) / 4, 1e-12) << expected.predictor;
    EXPECT_NEAR(error.relative_bias(), sum / 3 / 4, 1e-12) << expected.predictor;
  }
}

TEST_F(Prediction, AlphaScalesWhatIsPredicted) {
  EXPECT_NEAR(errors("none", 2, 0.5).relative_bias(), (1.5 - 2 + 1 - 1 + 0.5 - 0.5) / 3 / 4, 1e-12);
}

TEST_F(Prediction, RegionsThatTheMonitorDoesNotSeeTeachNothing) {
  for (policy::RegionEstimate& estimate : estimates_) estimate.outputs = 0;
  EXPECT_EQ(errors("last_one").rmse_s(), errors("none").rmse_s());
}

TEST_F(Prediction, ExactWhereTimeFollowsDensity) {
  true_left_ = {8, 6, 4, 2};
  zeros_ = {0, 0, 0, 0};
  for (const char* predictor : {"last_one", "last_n", "average_all"})
    EXPECT_EQ(errors(predictor).rmse_s(), 0) << predictor;
}

TEST_F(Prediction, NothingIsLeftToPredictOfASingleRegion) {
  estimates_.resize(1);
  EXPECT_EQ(errors("last_one").boundaries(), 0U);
  EXPECT_EQ(errors("last_one").rmse_s(), 0);
}

}  // namespace
}  // namespace vesper::offline
