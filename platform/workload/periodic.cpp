/// Periodic arrivals with offset and release jitter.
///
/// Job k arrives nominally at offset + k * period and is released up to `jitter` later, drawn uniformly from
/// the task's own stream; its deadline counts from the nominal arrival (Audsley et al., Applying new
/// scheduling theory to static priority pre-emptive scheduling, 1993).
#include <fmt/format.h>

#include "platform/property/random.h"
#include "platform/workload/arrival.h"

namespace vesper::workload {
namespace {

class Periodic final : public ArrivalProcess {
 public:
  struct Properties {
    Duration period;
    Duration offset;
    Duration jitter;
    static void describe(Schema<Properties>& p) {
      p("period", &Properties::period, "time between nominal arrivals").at_least(ps(1)).required();
      p("offset", &Properties::offset, "first nominal arrival");
      p("jitter", &Properties::jitter, "most that a release lags its nominal arrival, at most the period");
    }
  };

  Periodic(const Properties& properties, const ArrivalContext& context)
      : properties_(properties),
        deadline_ps_(context.deadline.value_or(properties.period).ps),
        nominal_ps_(properties.offset.ps),
        random_(context.seed) {
    if (properties.jitter > properties.period) {
      throw InputError(context.where,
                       fmt::format("jitter {} exceeds the period {}: releases would overtake each other",
                                   to_text(properties.jitter), to_text(properties.period)));
    }
  }

  std::optional<Arrival> next() override {
    if (!nominal_ps_) return std::nullopt;
    uint64_t lag = properties_.jitter.ps == 0 ? 0 : random_.up_to(properties_.jitter.ps);
    std::optional<uint64_t> release = later(*nominal_ps_, lag);
    std::optional<uint64_t> deadline = later(*nominal_ps_, deadline_ps_);
    nominal_ps_ = later(*nominal_ps_, properties_.period.ps);
    if (!release || !deadline) return std::nullopt;
    return Arrival{*release, *deadline};
  }
  [[nodiscard]] std::optional<uint64_t> period_ps() const override { return properties_.period.ps; }
  [[nodiscard]] std::optional<uint64_t> relative_deadline_ps() const override { return deadline_ps_; }

 private:
  const Properties properties_;
  const uint64_t deadline_ps_;
  std::optional<uint64_t> nominal_ps_;
  SplitMix64 random_;
};

VESPER_ARRIVAL(Periodic, "periodic", "a job every period, with offset and jitter");

}  // namespace
}  // namespace vesper::workload
