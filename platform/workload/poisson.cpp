/// Poisson arrivals: exponential times between two, independent of each other. The first job comes such a
/// time after the offset.
#include "platform/property/random.h"
#include "platform/workload/rate.h"

namespace vesper::workload {
namespace {

class Poisson final : public ArrivalProcess {
 public:
  struct Properties {
    double rate = 0;
    Duration offset;
    static void describe(Schema<Properties>& p) {
      declare_rate(p, &Properties::rate, "rate", "mean arrivals a second");
      p("offset", &Properties::offset, "time before which nothing is released");
    }
  };

  Poisson(const Properties& properties, const ArrivalContext& context)
      : gap_ps_(workload::gap_ps(properties.rate)),
        deadline_ps_(required_deadline(context, "poisson")),
        now_ps_(properties.offset.ps),
        random_(context.seed) {}

  std::optional<Arrival> next() override {
    if (now_ps_) now_ps_ = later(*now_ps_, random_.exponential(gap_ps_));
    return due_after(now_ps_, deadline_ps_);
  }
  [[nodiscard]] std::optional<uint64_t> period_ps() const override { return std::nullopt; }
  [[nodiscard]] std::optional<uint64_t> relative_deadline_ps() const override { return deadline_ps_; }

 private:
  const uint64_t gap_ps_;
  const uint64_t deadline_ps_;
  std::optional<uint64_t> now_ps_;
  SplitMix64 random_;
};

VESPER_ARRIVAL(Poisson, "poisson", "exponential times between jobs");

}  // namespace
}  // namespace vesper::workload
