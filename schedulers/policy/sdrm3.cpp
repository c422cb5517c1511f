/// SDRM3 (Kim et al., ASPLOS 2024) as Sparse-Dysta (MICRO 2023) compares with it: the weighted sum of urgency
/// and fairness, preference being the same for all on one accelerator.
#include "schedulers/policy/estimates.h"
#include "schedulers/policy/scan.h"

namespace vesper::policy {
namespace {

constexpr ParameterInfo kParameters[] = {
    {"alpha", 1, 0, 1e6, "weight of fairness: idle time over the estimate of the next region"},
    {"most_urgent", 1, 0, 1e6, "most that urgency, the time left over the time to the deadline, can be"},
    {"overdue", 0, 0, 1, "urgency of an overdue job", "most_urgent negative"},
    {"published_scan", 0, 0, 1, "a negative best gives way to any later job, as in the published code",
     kSwitch}};
constexpr double kArtifact[] = {1, 1, 1, 1};
constexpr PresetInfo kPresets[] = {{"artifact", kArtifact, "the code published with Sparse-Dysta"}};

class Sdrm3 final : public ScanPolicy {
 public:
  Sdrm3(const JobTable& table, const double* parameters)
      : ScanPolicy(table),
        alpha_(parameters[0]),
        most_urgent_(parameters[1]),
        overdue_negative_(parameters[2] != 0),
        published_scan_(parameters[3] != 0) {}
  JobRef next(Time now) override {
    auto score = [&](const Job& job, JobRef) {
      return urgency(job, now) + alpha_ * over(idle(job, now), next_latency(job));
    };
    return published_scan_ ? most_as_published(score) : most(score);
  }

 private:
  [[nodiscard]] double urgency(const Job& job, Time now) const {
    if (job.deadline == now || (job.deadline < now && !overdue_negative_)) return most_urgent_;
    double urgency = left(job) / seconds_from(now, job.deadline);
    return urgency < most_urgent_ ? urgency : most_urgent_;
  }
  const double alpha_;
  const double most_urgent_;
  const bool overdue_negative_;
  const bool published_scan_;
};

VESPER_POLICY(Sdrm3, "sdrm3", "most urgency plus fairness", {.parameters = kParameters, .presets = kPresets});

}  // namespace
}  // namespace vesper::policy
