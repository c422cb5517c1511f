#include "schedulers/policy/estimates.h"
#include "schedulers/policy/scan.h"

namespace vesper::policy {
namespace {

/// Shortest job first: least estimated time left, looked at anew at each region boundary.
class Sjf final : public ScanPolicy {
 public:
  using ScanPolicy::ScanPolicy;
  JobRef next(Time) override {
    return least([](const Job& job, JobRef) { return left(job); });
  }
  [[nodiscard]] bool weigh(JobRef ref, Time, Weighed& out) const override {
    out.score = left(jobs()[ref]);
    return true;
  }
};

constexpr PresetInfo kPresets[] = {
    {"artifact", nullptr, "the code published with Sparse-Dysta does the same"}};

VESPER_POLICY(Sjf, "sjf", "shortest job first: least estimated time left", {.presets = kPresets});

}  // namespace
}  // namespace vesper::policy
