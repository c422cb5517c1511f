/// The jobs of one task of a request stream: their releases, and what their inputs make of the layers.
/// SystemC-free.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/core/environment.h"
#include "platform/lowering/program.h"
#include "platform/workload/request_table.h"

namespace vesper::builder {

class RequestJobs final : public core::JobSamples {
 public:
  /// The requests of `kind`, in order; those among the first `warm_up` of the table count in no figure. Where
  /// times are `imposed` layers take the samples' times, else what the accelerator makes of their sparsity.
  /// True times left are summed front to back over the layers left, in seconds, as published code does.
  RequestJobs(const workload::RequestTable& table, uint16_t kind, uint64_t warm_up,
              const lowering::Program& program, bool imposed);

  [[nodiscard]] std::span<const core::LayerSample> layers(uint32_t job) const override;
  [[nodiscard]] const policy::TrueTimes* true_left() const override { return true_left_.data(); }

  [[nodiscard]] const std::vector<core::Release>& releases() const { return releases_; }

 private:
  void add_times_left(const workload::Request& request, const lowering::Program& program);

  std::vector<core::Release> releases_;
  size_t layers_;
  std::vector<core::LayerSample> samples_;  // of all jobs, one after the other
  std::vector<double> left_;                // likewise, by region
  std::vector<policy::TrueTimes> true_left_;
};

/// What schedulers are told of the regions of a kind of requests.
core::EstimateTable request_estimates(const workload::RequestKind& kind, const lowering::Program& program);

/// The sum of latencies[first ..], front to back: the order in which published code adds.
double sum_from(std::span<const double> latencies, size_t first);

}  // namespace vesper::builder
