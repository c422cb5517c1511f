/// Uniform arrivals: the same time between any two, 1 / rate rounded down to picoseconds, the first job at
/// the offset.
#include "platform/workload/rate.h"

namespace vesper::workload {
namespace {

class Uniform final : public ArrivalProcess {
 public:
  struct Properties {
    double rate = 0;
    Duration offset;
    static void describe(Schema<Properties>& p) {
      declare_rate(p, &Properties::rate, "rate", "arrivals a second");
      p("offset", &Properties::offset, "first arrival");
    }
  };

  Uniform(const Properties& properties, const ArrivalContext& context)
      : gap_ps_(workload::gap_ps(properties.rate)),
        deadline_ps_(context.deadline ? context.deadline->ps : gap_ps_),
        next_ps_(properties.offset.ps) {}

  std::optional<Arrival> next() override {
    std::optional<Arrival> arrival = due_after(next_ps_, deadline_ps_);
    if (next_ps_) next_ps_ = later(*next_ps_, gap_ps_);
    return arrival;
  }
  [[nodiscard]] std::optional<uint64_t> period_ps() const override { return gap_ps_; }
  [[nodiscard]] std::optional<uint64_t> relative_deadline_ps() const override { return deadline_ps_; }

 private:
  const uint64_t gap_ps_;
  const uint64_t deadline_ps_;
  std::optional<uint64_t> next_ps_;
};

VESPER_ARRIVAL(Uniform, "uniform", "a constant time between jobs, given as a rate");

}  // namespace
}  // namespace vesper::workload
