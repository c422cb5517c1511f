#include "platform/builder/request_jobs.h"

#include "schedulers/policy/estimates.h"

namespace vesper::builder {
namespace {

/// The layers of a region; there is an entry a layer.
std::span<const double> of_region(std::span<const double> layers, const abi::IndexEntry& region) {
  return layers.subspan(region.first, region.count);
}

}  // namespace

double sum_from(std::span<const double> latencies, size_t first) {
  double sum = 0;
  for (double latency : latencies.subspan(first)) sum += latency;
  return sum;
}

RequestJobs::RequestJobs(const workload::RequestTable& table, uint16_t kind, uint64_t warm_up,
                         const lowering::Program& program, bool imposed)
    : layers_(table.kinds[kind].layers.size()) {
  for (uint64_t i = 0; i < table.requests.size(); ++i) {
    const workload::Request& request = table.requests[i];
    if (request.kind != kind) continue;
    releases_.push_back(
        {request.arrival_ps, request.deadline_ps, request.priority, request.isolated_ps(), i, i < warm_up});
    for (size_t layer = 0; layer < layers_; ++layer) {
      samples_.push_back({imposed ? request.layer_ps[layer] : 0, request.sparsity[layer]});
    }
    add_times_left(request, program);
  }
  const size_t regions = program.regions.size();
  for (size_t job = 0; job < releases_.size(); ++job) true_left_.push_back(left_.data() + job * regions);
}

void RequestJobs::add_times_left(const workload::Request& request, const lowering::Program& program) {
  std::vector<double> times;
  for (uint64_t ps : request.layer_ps) times.push_back(policy::seconds(ps));
  for (const abi::IndexEntry& region : program.regions) left_.push_back(sum_from(times, region.first));
}

std::span<const core::LayerSample> RequestJobs::layers(uint32_t job) const {
  if (job >= releases_.size()) return {};
  return std::span(samples_).subspan(job * layers_, layers_);
}

core::EstimateTable request_estimates(const workload::RequestKind& kind, const lowering::Program& program) {
  std::vector<double> model, pattern;
  for (const workload::LayerAverage& layer : kind.layers) {
    model.push_back(layer.latency_s);
    pattern.push_back(layer.pattern_latency_s);
  }
  std::vector<policy::RegionEstimate> table;
  for (size_t i = 0; i < program.regions.size(); ++i) {
    const abi::IndexEntry& region = program.regions[i];
    table.push_back({sum_from(of_region(model, region), 0), sum_from(model, region.first),
                     sum_from(of_region(pattern, region), 0), sum_from(pattern, region.first),
                     kind.layers[region.first + region.count - 1].sparsity, program.monitors[i].outputs});
  }
  return std::make_shared<const std::vector<policy::RegionEstimate>>(std::move(table));
}

}  // namespace vesper::builder
