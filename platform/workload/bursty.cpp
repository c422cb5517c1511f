/// Bursty arrivals: a source that is on and off by turns, beginning on at the offset. While it is on jobs
/// come as a Poisson process of the given rate, while it is off none do (the interrupted Poisson process;
/// Kuczura, The interrupted Poisson process as an overflow process, 1973). The mean rate is rate * on / (on +
/// off).
#include <fmt/format.h>

#include "platform/property/random.h"
#include "platform/workload/rate.h"

namespace vesper::workload {
namespace {

constexpr double kLeastOfABurst = 1e-3;  // mean arrivals; bounds how many bursts are drawn for one

enum class Spans : uint8_t { exponential, constant };
EnumNames<Spans> enum_names(Spans) {
  return {{Spans::exponential, "exponential"}, {Spans::constant, "constant"}};
}

class Bursty final : public ArrivalProcess {
 public:
  struct Properties {
    double rate = 0;
    Duration on;
    Duration off;
    Spans spans = Spans::exponential;
    Duration offset;
    static void describe(Schema<Properties>& p) {
      declare_rate(p, &Properties::rate, "rate", "mean arrivals a second while the source is on");
      p("on", &Properties::on, "time the source stays on").at_least(ps(1)).required();
      p("off", &Properties::off, "time it stays off").required();
      p("spans", &Properties::spans, "whether `on` and `off` are means of exponential times or exact");
      p("offset", &Properties::offset, "time before which nothing is released");
    }
  };

  Bursty(const Properties& properties, const ArrivalContext& context)
      : properties_(properties),
        gap_ps_(workload::gap_ps(properties.rate)),
        deadline_ps_(required_deadline(context, "bursty")),
        now_ps_(properties.offset.ps),
        arrivals_(context.seed),
        turns_(stream_seed(context.seed, 1)) {
    if (properties.rate * static_cast<double>(properties.on.ps) * 1e-12 < kLeastOfABurst) {
      throw InputError(context.where,
                       fmt::format("'on' is {} at a rate of {}: fewer than one burst in {} would have "
                                   "an arrival; raise one of them",
                                   to_text(properties.on), to_text(properties.rate), 1 / kLeastOfABurst));
    }
    if (now_ps_) on_until_ps_ = later(*now_ps_, span(properties_.on));
  }

  /// Exponential times have no memory: one that outlasts the burst goes on, for what is left of it, in the
  /// next.
  std::optional<Arrival> next() override {
    uint64_t gap = arrivals_.exponential(gap_ps_);
    while (now_ps_ && on_until_ps_ && gap > *on_until_ps_ - *now_ps_) {
      gap -= *on_until_ps_ - *now_ps_;
      now_ps_ = later(*on_until_ps_, span(properties_.off));
      on_until_ps_ = now_ps_ ? later(*now_ps_, span(properties_.on)) : std::nullopt;
    }
    if (now_ps_) now_ps_ = later(*now_ps_, gap);
    return due_after(now_ps_, deadline_ps_);
  }
  [[nodiscard]] std::optional<uint64_t> period_ps() const override { return std::nullopt; }
  [[nodiscard]] std::optional<uint64_t> relative_deadline_ps() const override { return deadline_ps_; }

 private:
  uint64_t span(Duration time) {
    return properties_.spans == Spans::constant ? time.ps : turns_.exponential(time.ps);
  }

  const Properties properties_;
  const uint64_t gap_ps_;
  const uint64_t deadline_ps_;
  std::optional<uint64_t> now_ps_;
  std::optional<uint64_t> on_until_ps_;
  SplitMix64 arrivals_, turns_;
};

VESPER_ARRIVAL(Bursty, "bursty", "bursts of poisson arrivals with nothing between them");

}  // namespace
}  // namespace vesper::workload
