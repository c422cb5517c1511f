/// Figures and curves of times, as the page shows them.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "platform/report/columns.h"
#include "platform/report/run_data.h"

namespace vesper::report {

/// The double nearest to the time in seconds.
double seconds(Time time);
nlohmann::ordered_json seconds_or_null(const std::optional<Time>& time);

/// Mean and percentiles by nearest rank, as in summary.json, with count and minimum; null for no samples.
/// Sorts the samples.
nlohmann::ordered_json distribution_json(std::vector<Time>& samples);

/// The cumulative distribution of sorted samples: each of them, or, of many, 1200 ranks, evenly spaced and
/// denser towards the largest. Columns `x` in seconds and `p`, the fraction of samples up to x.
nlohmann::ordered_json curve_json(const std::vector<Time>& sorted, Columns& columns);

}  // namespace vesper::report
