/// What `vesper analyze` prints and writes of one accelerator's task set.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "platform/builder/analysis_input.h"

namespace vesper::cli {

using builder::AnalysisInput;

/// A table a design, and a picture of each task's regions.
std::string analysis_text(const scenario::Scenario& scenario, const AnalysisInput& input,
                          const std::vector<offline::Analysis>& analyses);

nlohmann::ordered_json analysis_json(const scenario::Scenario& scenario, const AnalysisInput& input,
                                     const std::vector<offline::Analysis>& analyses);

/// A row a design and task; the header comes from `analysis_csv_header`.
std::string analysis_csv_header();
std::string analysis_csv(const scenario::Scenario& scenario, const AnalysisInput& input,
                         const std::vector<offline::Analysis>& analyses);

/// A job's execution to scale over `width` columns, with its preemption points: `R` recompute, `P` persist,
/// `|` between layers, `+` points of several kinds in one column.
std::string region_picture(const offline::TaskSet& set, const offline::Analysis& analysis, size_t task,
                           size_t width);

}  // namespace vesper::cli
