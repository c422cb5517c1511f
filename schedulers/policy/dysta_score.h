/// The arithmetic of Sparse-Dysta's dynamic level, over the number format of whoever computes it: double in
/// firmware and in ideal placement, Half (the paper's choice) or float in the hardware block's compute unit.
/// Freestanding.
///
///     gamma     = density of the outputs just seen / average density          (sparsity coefficient)
///     remaining = alpha * gamma * average time left
///     score     = remaining + eta * (deadline - now - remaining + penalty)    (least runs)
///     penalty   = waited / isolated time / jobs in the queue
///
/// Source: Fan et al., Sparse-DySta, MICRO 2023, algorithms 2 and 3 and section 5.2. Times are in seconds.
/// The compute unit subtracts times as integers before it converts them, and multiplies by reciprocals that
/// were computed beforehand; firmware divides. No NaN enters a score: operands are finite, and what grows
/// beyond the largest finite number stays at it.
#pragma once

#include "schedulers/policy/half.h"

namespace vesper::policy {

template <class Number>
struct Format;
template <>
struct Format<double> {
  static constexpr double most = 0x1.fffffffffffffp1023;
};
template <>
struct Format<float> {
  static constexpr float most = 0x1.fffffep127F;
};
template <>
struct Format<Half> {
  static constexpr Half most = Half::from_bits(0x7BFF);  // 65504
};

/// What the score of one job is made of besides its own remaining time.
struct ScoreTerms {
  double to_deadline = 0;  ///< deadline - now
  double waited = 0;
  double isolated = 1;
  double queue = 1;  ///< jobs in it
};

template <class Number>
class DystaScore {
 public:
  DystaScore(double alpha, double eta, bool clamp_slack)
      : alpha_(number(alpha)), eta_(number(eta)), scaled_(alpha != 1), clamp_slack_(clamp_slack) {}

  /// One layer's sparsity coefficient; `zeros` at most `outputs`, `sparsity` the average, below 1. More
  /// zeros, smaller coefficient.
  static Number coefficient(uint32_t zeros, uint32_t outputs, double sparsity) {
    if constexpr (kDivides) {
      return finite((1 - static_cast<double>(zeros) / outputs) / (1 - sparsity));
    } else {
      // The non-zeros exceed what a 16-bit number holds: the reciprocal of the shape enters before rounding.
      return finite(number(static_cast<double>(outputs - zeros) / outputs) * number(1 / (1 - sparsity)));
    }
  }
  [[nodiscard]] Number remaining(Number gamma, double left) const {
    Number scaled = scaled_ ? finite(alpha_ * gamma) : gamma;
    return finite(scaled * number(left));
  }
  [[nodiscard]] Number score(Number remaining, const ScoreTerms& terms) const {
    Number slack = number(terms.to_deadline) - remaining;
    if (clamp_slack_ && slack < kZero) slack = kZero;
    return finite(remaining + eta_ * finite(finite(slack) + penalty(terms)));
  }

  static Number one() { return number(1); }
  static Number number(double value) { return finite(static_cast<Number>(value)); }
  /// The nearest finite number; the largest for what is none, so that a job of which nonsense is known comes
  /// last.
  static Number finite(Number value) {
    if (!(value < Format<Number>::most)) return Format<Number>::most;
    Number least = kZero - Format<Number>::most;
    return least < value ? value : least;
  }

 private:
  static constexpr bool kDivides = sizeof(Number) == sizeof(double);
  static constexpr Number kZero{};

  static Number penalty(const ScoreTerms& terms) {
    if (!(terms.isolated > 0)) return kZero;
    if constexpr (kDivides) {
      return finite(terms.waited / terms.isolated / terms.queue);
    } else {
      return finite(finite(number(terms.waited) * number(1 / terms.isolated)) * number(1 / terms.queue));
    }
  }

  const Number alpha_;
  const Number eta_;
  const bool scaled_;
  const bool clamp_slack_;
};

}  // namespace vesper::policy
