/// Sporadic arrivals: a minimum distance, plus an exponentially distributed extra (0: as dense as allowed; a
/// minimum distance of 1 ps makes it a Poisson process to within that picosecond).
#include "platform/property/random.h"
#include "platform/workload/arrival.h"

namespace vesper::workload {
namespace {

class Sporadic final : public ArrivalProcess {
 public:
  struct Properties {
    Duration minimum_distance;
    Duration mean_extra;
    Duration offset;
    static void describe(Schema<Properties>& p) {
      p("minimum_distance", &Properties::minimum_distance, "least time between releases")
          .at_least(ps(1))
          .required();
      p("mean_extra", &Properties::mean_extra, "mean of the exponential time added to it");
      p("offset", &Properties::offset, "time before which nothing is released");
    }
  };

  Sporadic(const Properties& properties, const ArrivalContext& context)
      : properties_(properties),
        deadline_ps_(context.deadline.value_or(properties.minimum_distance).ps),
        earliest_ps_(properties.offset.ps),
        random_(context.seed) {}

  std::optional<Arrival> next() override {
    if (!earliest_ps_) return std::nullopt;
    std::optional<uint64_t> release = later(*earliest_ps_, random_.exponential(properties_.mean_extra.ps));
    std::optional<uint64_t> deadline = release ? later(*release, deadline_ps_) : std::nullopt;
    earliest_ps_ = release ? later(*release, properties_.minimum_distance.ps) : std::nullopt;
    if (!deadline) return std::nullopt;
    return Arrival{*release, *deadline};
  }
  [[nodiscard]] std::optional<uint64_t> period_ps() const override { return properties_.minimum_distance.ps; }
  [[nodiscard]] std::optional<uint64_t> relative_deadline_ps() const override { return deadline_ps_; }

 private:
  const Properties properties_;
  const uint64_t deadline_ps_;
  std::optional<uint64_t> earliest_ps_;
  SplitMix64 random_;
};

VESPER_ARRIVAL(Sporadic, "sporadic", "a minimum distance and an exponential extra between jobs");

}  // namespace
}  // namespace vesper::workload
