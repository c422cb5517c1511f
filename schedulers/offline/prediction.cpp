#include "schedulers/offline/prediction.h"

#include <cmath>

namespace vesper::offline {

void PredictionError::add(double predicted_s, double true_s, double isolated_s) {
  double error = predicted_s - true_s;
  double relative = error / isolated_s;
  ++boundaries_;
  squares_ += error * error;
  relative_squares_ += relative * relative;
  relative_sum_ += relative;
}

void PredictionError::add(const PredictionError& other) {
  boundaries_ += other.boundaries_;
  squares_ += other.squares_;
  relative_squares_ += other.relative_squares_;
  relative_sum_ += other.relative_sum_;
}

double PredictionError::rmse_s() const {
  return boundaries_ == 0 ? 0 : std::sqrt(squares_ / static_cast<double>(boundaries_));
}

double PredictionError::relative_rmse() const {
  return boundaries_ == 0 ? 0 : std::sqrt(relative_squares_ / static_cast<double>(boundaries_));
}

double PredictionError::relative_bias() const {
  return boundaries_ == 0 ? 0 : relative_sum_ / static_cast<double>(boundaries_);
}

std::vector<PredictorChoice> predictor_choices(uint32_t window) {
  return {{"none", false, {}, window},
          {"last_one", true, policy::Predictor::last_one, window},
          {"last_n", true, policy::Predictor::last_n, window},
          {"average_all", true, policy::Predictor::average_all, window}};
}

void add_errors(const ObservedJob& job, const PredictorChoice& choice, double alpha, PredictionError& error) {
  const policy::SparsityPredictor predictor(choice.predictor, choice.window);
  const policy::DystaScore<double> unit(alpha, 0, false);
  policy::Gamma<double> gamma;
  for (size_t next = 1; next < job.estimates.size(); ++next) {
    if (choice.monitors) predictor.learn(gamma, job.estimates[next - 1], job.zeros[next - 1]);
    double predicted = unit.remaining(gamma.value(), job.estimates[next].pattern_left);
    error.add(predicted, job.true_left[next], job.true_left.front());
  }
}

}  // namespace vesper::offline
