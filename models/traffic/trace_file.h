/// Requests from a trace file, in one of two forms; empty lines and lines that begin with # are skipped.
///
/// Text        as DRAM simulators read it, a request a line: `0x1F40 READ 120`, the last being the cycle.
/// CSV         a header, `cycle,address,operation` or `time_s,address,operation` (seconds as decimals),
///             either with a fourth column `bytes`; addresses hexadecimal or decimal, operations READ or
///             WRITE. Requests stand in order of time. Where a request has no `bytes` of its own it has the
///             given length.
#pragma once

#include <string>
#include <vector>

#include "models/core/clock_domain.h"
#include "models/traffic/pattern.h"

namespace vesper::traffic {

struct TraceOptions {
  uint32_t bytes = 64;         ///< of requests that state none
  core::ClockDomain clock;     ///< whose cycles are counted
  uint64_t first_address = 0;  ///< added to every address
};

/// Throws InputError with file:line on anything that is not such a request, out of order, or across 4 KiB.
std::vector<Access> read_trace(const std::string& path, const TraceOptions& options);

}  // namespace vesper::traffic
