/// The parts of a run's data that the page shows, each as JSON with columns.
#pragma once

#include "platform/report/account.h"
#include "platform/report/gantt.h"

namespace vesper::report {

using nlohmann::ordered_json;

/// By task: distribution and curve of response times (of completed jobs, a warm-up's left out), time alone
/// and the range of relative deadlines.
ordered_json responses_json(const RunData& run, Columns& columns);

/// By cause of the decision: distributions of the whole and of its parts. Tells `marks` of each instruction.
/// Null without decisions.csv.
ordered_json decisions_json(RunData& run, RegionMarks& marks, Columns& columns);

/// Bytes a second by port and requester, read and written, in at most 1200 bins of whole windows. Null
/// without bandwidth.csv.
ordered_json bandwidth_json(RunData& run, Columns& columns);

ordered_json interference_json(const RunData& run);
ordered_json memory_time_json(const RunData& run);

/// Mean parts of the response time by task, of completed jobs and of missed ones; the reasons of misses,
/// counted; tables of the latest missed and of the longest jobs, `rows` each. Reasons and parts are null
/// where the run left no stretches.csv.
ordered_json jobs_json(const RunData& run, size_t rows);

}  // namespace vesper::report
