/// The server of the code published with Sparse-Dysta, written anew from a description of what it does and of
/// nothing else: no policy, dispatcher or estimate of the platform.
///
/// At every layer boundary, and whenever the server idles, the arrivals up to that instant are queued in
/// order of arrival and every request in the queue gets a score. Times are seconds in double inside scores,
/// sums run front to back over the layers left.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/workload/request_table.h"

namespace vesper::test {

/// When each request ends under fcfs, sjf, prema, planaria, sdrm3, dysta or dysta_oracle.
std::vector<uint64_t> reference_finish(const workload::RequestTable& table, const std::string& policy);

/// Most requests in the queue at a decision of the last call.
size_t reference_queue();

/// The JSON form of a table.
std::string to_request_json(const workload::RequestTable& table);

}  // namespace vesper::test
