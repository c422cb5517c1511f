/// No control logic at all: the bound that simulators without a scheduler's costs assume.
#include "models/scheduler/micro_architecture.h"

namespace vesper::scheduler {
namespace {

class ZeroTime final : public MicroArchitecture {
 public:
  explicit ZeroTime(const ComputeUnit&) {}
  [[nodiscard]] bool instantaneous() const override { return true; }
  [[nodiscard]] uint16_t most_jobs() const override { return policy::kMaxJobs; }
  [[nodiscard]] core::Cycles feedback(const policy::Work&) const override { return 0; }
  [[nodiscard]] core::Cycles release(const policy::Work&) const override { return 0; }
  [[nodiscard]] core::Cycles issue(const policy::Work&, uint32_t, bool) const override { return 0; }
  [[nodiscard]] core::Cycles worst_pass(uint32_t) const override { return 0; }
};

VESPER_MICRO_ARCHITECTURE(ZeroTime, "none", "decides in zero time");

}  // namespace
}  // namespace vesper::scheduler
