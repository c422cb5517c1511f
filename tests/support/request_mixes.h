/// The two request mixes of Sparse-Dysta's evaluation (MICRO 2023, table 5), and whole runs of requests drawn
/// from such.
#pragma once

#include "platform/workload/sparse_requests.h"

namespace vesper::test {

struct PoissonMix : workload::RequestMix {
  double rate_hz = 1;
  uint32_t requests = 1000;
  std::vector<uint32_t> priorities = {1, 3, 9};  ///< drawn uniformly
};

/// The requests of one run, in order of arrival: a Poisson process. Throws std::invalid_argument as
/// workload::draw_samples does, and on a mix without a rate or priorities.
std::vector<workload::SparseRequest> draw_requests(const PoissonMix& mix, uint64_t seed);

/// Three attention networks at 30 requests a second; four convolutional networks in three patterns at 3. The
/// latencies behind the paper are not public: the mean times and their variation are a fit to that table,
/// spread evenly over the layers; the sparsities of layers are assumed within the published range.
PoissonMix attention_mix();
PoissonMix convolution_mix();

}  // namespace vesper::test
