/// How Sparse-Dysta foresees a job's time from the zeros that the accelerator's monitor has counted: the
/// policy's own code, and that of whoever compares the predictors. Freestanding.
///
///     coefficient = density of a region's outputs / its average density
///     gamma       = mean coefficient of the regions that the predictor looks at; 1 before the first
///     remaining   = alpha * gamma * average time left (dysta_score.h)
///
/// Source: Fan et al., Sparse-DySta, MICRO 2023, algorithm 3 and table 4. Regions of which the monitor counts
/// nothing, or whose outputs are always zero, teach nothing.
#pragma once

#include "schedulers/policy/dysta_score.h"
#include "schedulers/policy/job.h"

namespace vesper::policy {

enum class Predictor : uint8_t { last_one, last_n, average_all };
constexpr const char* kPredictorChoices = "last_one last_n average_all";

constexpr uint32_t kMostRemembered = 8;
constexpr uint32_t kRemembered = 3;  // N of last_n, as the paper's grid search found it (section 5.1)

/// A job's gamma, from the coefficients of its regions so far.
template <class Number>
class Gamma {
 public:
  using Score = DystaScore<Number>;
  void last_one(Number coefficient) { value_ = coefficient; }
  /// Earlier coefficients that had to be added.
  uint32_t average_all(Number coefficient) {
    sum_ = seen_ == 0 ? coefficient : Score::finite(sum_ + coefficient);
    value_ = sum_ / Score::number(++seen_);
    return seen_ > 1 ? 1 : 0;
  }
  uint32_t last_n(Number coefficient, uint32_t n) {
    last_[seen_++ % n] = coefficient;
    uint32_t count = seen_ < n ? seen_ : n;
    sum_ = last_[0];
    for (uint32_t i = 1; i < count; ++i) sum_ = Score::finite(sum_ + last_[i]);
    value_ = sum_ / Score::number(count);
    return count - 1;
  }
  [[nodiscard]] Number value() const { return value_; }

 private:
  Number value_ = Score::one();
  Number sum_{};
  Number last_[kMostRemembered]{};
  uint32_t seen_ = 0;
};

/// What learning took.
struct Learned {
  uint32_t gammas = 0;
  uint32_t terms = 0;  ///< earlier coefficients that were added
};

/// Which regions gamma is the mean of.
class SparsityPredictor {
 public:
  /// `window`: N of last_n, 1 .. kMostRemembered.
  SparsityPredictor(Predictor predictor, uint32_t window) : predictor_(predictor), window_(window) {}

  /// The region `done` has ended with so many zeros counted.
  template <class Number>
  Learned learn(Gamma<Number>& gamma, const RegionEstimate& done, uint32_t monitored) const {
    if (done.outputs == 0 || done.average_sparsity >= 1) return {};
    uint32_t zeros = monitored < done.outputs ? monitored : done.outputs;
    Number coefficient = DystaScore<Number>::coefficient(zeros, done.outputs, done.average_sparsity);
    if (predictor_ == Predictor::last_n) return {1, gamma.last_n(coefficient, window_)};
    if (predictor_ == Predictor::average_all) return {1, gamma.average_all(coefficient)};
    gamma.last_one(coefficient);
    return {1, 0};
  }

 private:
  Predictor predictor_;
  uint32_t window_;
};

}  // namespace vesper::policy
