/// A backlog: all jobs are there from the start, so that the next is ready whenever one has been scheduled.
/// Stands for a client that asks again when it has its answer, and of whom the scheduler knows that it will
/// (single stream of MLPerf inference; Layerweaver, HPCA 2021, section IV-B): response times count from the
/// end of the job before. Without the task's `deadline` jobs have none.
#include <limits>

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
        arrival_{properties.offset.ps, due(properties.offset.ps, context.deadline)} {}

  std::optional<Arrival> next() override {
    if (left_ == 0) return std::nullopt;
    --left_;
    return arrival_;
  }
  [[nodiscard]] std::optional<uint64_t> period_ps() const override { return std::nullopt; }
  [[nodiscard]] std::optional<uint64_t> relative_deadline_ps() const override {
    return arrival_.deadline_ps - arrival_.release_ps;
  }
  [[nodiscard]] bool single_stream() const override { return true; }

 private:
  static uint64_t due(uint64_t release, std::optional<Duration> deadline) {
    constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
    return deadline ? later(release, deadline->ps).value_or(kNever) : kNever;
  }
  uint32_t left_;
  Arrival arrival_;
};

VESPER_ARRIVAL(Backlog, "backlog", "all jobs at once, each ready when the one before has been scheduled");

}  // namespace
}  // namespace vesper::workload
