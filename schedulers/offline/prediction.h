/// How well Sparse-Dysta's predictors foresee the time that a job has left, at every boundary between its
/// regions: its table 4. SystemC-free; the predictors are the policy's own (policy/sparsity_predictor.h), in
/// doubles.
///
/// At a boundary, with at least one region behind and one ahead: predicted = alpha * gamma * average time
/// left of the job's model and pattern; true = the sum of its own regions' times. Before the first
/// boundary all predictors say the average.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "schedulers/policy/sparsity_predictor.h"

namespace vesper::offline {

/// One job: what was known of its regions, and what they came to.
struct ObservedJob {
  std::span<const policy::RegionEstimate> estimates;
  std::span<const double> true_left;  ///< seconds at the start of each region
  std::span<const uint32_t> zeros;    ///< the monitor's reading after each region
};

/// Errors over boundaries: predicted less true.
class PredictionError {
 public:
  /// `isolated_s`: the job's true time alone.
  void add(double predicted_s, double true_s, double isolated_s);
  void add(const PredictionError& other);

  [[nodiscard]] uint64_t boundaries() const { return boundaries_; }
  /// Root mean square, in seconds; 0 of nothing.
  [[nodiscard]] double rmse_s() const;
  /// Root mean square of the error over the job's true time alone.
  [[nodiscard]] double relative_rmse() const;
  /// Mean of that ratio: above 0 where too much is predicted.
  [[nodiscard]] double relative_bias() const;

 private:
  uint64_t boundaries_ = 0;
  double squares_ = 0;
  double relative_squares_ = 0;
  double relative_sum_ = 0;
};

/// What gamma is taken from; `none` stays at the average, gamma 1.
struct PredictorChoice {
  std::string name;
  bool monitors = true;
  policy::Predictor predictor = policy::Predictor::last_one;
  uint32_t window = policy::kRemembered;
};

/// none, last_one, last_n and average_all, with a window for last_n.
std::vector<PredictorChoice> predictor_choices(uint32_t window);

/// Adds the errors at the boundaries of a job. Its spans have an entry a region.
void add_errors(const ObservedJob& job, const PredictorChoice& choice, double alpha, PredictionError& error);

}  // namespace vesper::offline
