/// Release times from a CSV file.
#pragma once

#include <string>
#include <vector>

#include "platform/workload/arrival.h"

namespace vesper::workload {

/// Reads a trace. The header names the columns: `release_s` and, optionally, `deadline_s` hold seconds as
/// decimals; `release` and `deadline` hold quantities (`1.5 ms`). Deadlines are absolute; without that column
/// a job is due `deadline` after its release. Empty lines and lines that begin with # are skipped. Throws
/// InputError with file:line on anything unreadable, negative, unsorted or due before its release.
std::vector<Arrival> read_trace(const std::string& path, std::optional<Duration> deadline,
                                const Location& named_at);

}  // namespace vesper::workload
