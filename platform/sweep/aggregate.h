/// The aggregate of a sweep's results: a row a group of points.
///
/// Columns: the group's axes; points and how many came to each outcome; then of every quantity its value and
/// 95 % confidence interval (`_low`, `_high`).
///   success_rate   (analysis + simulated) / (analysis + simulated + missed): timeouts and unproven points
///                  count as neither, so that a rate never rests on what was given up. Interval: Wilson
///                  score.
///   analysis_rate  analysis / points. Interval: Wilson score.
///   a figure       its mean over the points that have it; interval: Student's t, none for a single point.
/// Empty where there is nothing to take a quantity of. Student's interval: mean +- t(0.975, n - 1) * s /
/// sqrt(n), s the standard deviation over n - 1; sums run in order of the points and six digits are written,
/// so that the bytes are the same everywhere.
#pragma once

#include <string>
#include <vector>

#include "platform/sweep/journal.h"
#include "platform/sweep/sweep_file.h"

namespace vesper::sweep {

struct Estimate {
  double value = 0;
  std::optional<double> low;
  std::optional<double> high;
};

/// Wilson score interval at 95 % (Wilson 1927); none of nothing.
std::optional<Estimate> proportion(uint64_t part, uint64_t whole);
/// Mean with Student's t interval at 95 %; none of nothing.
std::optional<Estimate> mean(const std::vector<double>& samples);

/// Places of axes by their names.
std::vector<size_t> axes_of(const Sweep& sweep, const std::vector<std::string>& names);
/// Places of the axes that a group of a plot is of: its series, then its bottom axis, if that is an axis.
std::vector<size_t> group_axes(const Sweep& sweep, const Plot& plot);
/// Those without a plot: all but those that only repeat (`set` of a generator, `run.seed`).
std::vector<size_t> group_axes(const Sweep& sweep);

struct Aggregate {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< in order of the axes' values, the first slowest
  [[nodiscard]] std::string csv() const;
  /// The place of a column that is there.
  [[nodiscard]] size_t place(const std::string& column) const;
};

Aggregate aggregate(const Sweep& sweep, const Rows& rows, const std::vector<size_t>& axes);

}  // namespace vesper::sweep
