/// Planaria (Ghodrati et al., MICRO 2020) as Sparse-Dysta (MICRO 2023) adapts it to one accelerator shared in
/// time: every job needs the whole array, so that its score is its importance over the time to its deadline.
#include "schedulers/policy/estimates.h"
#include "schedulers/policy/scan.h"

namespace vesper::policy {
namespace {

constexpr ParameterInfo kParameters[] = {
    {"published_scan", 0, 0, 1, "a negative best gives way to any later job, as in the published code",
     kSwitch}};
constexpr double kArtifact[] = {1};
constexpr PresetInfo kPresets[] = {{"artifact", kArtifact, "the code published with Sparse-Dysta"}};

class Planaria final : public ScanPolicy {
 public:
  Planaria(const JobTable& table, const double* parameters)
      : ScanPolicy(table), published_scan_(parameters[0] != 0) {}
  JobRef next(Time now) override {
    auto score = [now](const Job& job, JobRef) { return job.weight / seconds_from(now, job.deadline); };
    return published_scan_ ? most_as_published(score) : most(score);
  }

 private:
  const bool published_scan_;
};

VESPER_POLICY(Planaria, "planaria", "most importance over time to the deadline; overdue jobs last",
              {.parameters = kParameters, .presets = kPresets});

}  // namespace
}  // namespace vesper::policy
