/// A backlog: all jobs are there from the start, so that the next is ready whenever one has been scheduled.
/// Stands for single-stream clients whose next query comes when one has been answered or scheduled, whatever
/// that took (MLPerf inference, single stream; Layerweaver, HPCA 2021, section IV-B). Release times say
/// nothing then; no deadline.
#include "platform/workload/arrival.h"

namespace vesper::workload {
namespace {

class Backlog final : public ArrivalProcess {
 public:
  struct Properties {
    uint32_t count = 1;
    Duration offset;
    static void describe(Schema<Properties>& p) {
      p("count", &Properties::count, "jobs").between(1, 1'000'000).required();
      p("offset", &Properties::offset, "when they are there");
    }
  };
  Backlog(const Properties& properties, const ArrivalContext& context)
      : left_(properties.count),
        arrival_{properties.offset.ps,
                 later(properties.offset.ps, context.deadline.value_or(Duration{kFar}).ps).value_or(kFar)} {}

  std::optional<Arrival> next() override {
    if (left_ == 0) return std::nullopt;
    --left_;
    return arrival_;
  }
  [[nodiscard]] std::optional<uint64_t> period_ps() const override { return std::nullopt; }
  [[nodiscard]] std::optional<uint64_t> relative_deadline_ps() const override {
    return arrival_.deadline_ps - arrival_.release_ps;
  }

 private:
  static constexpr uint64_t kFar = uint64_t{1} << 62;  // 53 days
  uint32_t left_;
  Arrival arrival_;
};

VESPER_ARRIVAL(Backlog, "backlog", "all jobs at once, each ready when the one before has been scheduled");

}  // namespace
}  // namespace vesper::workload
