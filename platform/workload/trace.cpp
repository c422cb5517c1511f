/// Arrivals from a trace: a list of times in the scenario, or a CSV file (csv_trace.h) named relative to the
/// file that names it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "platform/workload/arrival.h"
#include "platform/workload/csv_trace.h"

namespace vesper::workload {
namespace {

class Trace final : public ArrivalProcess {
 public:
  struct Properties {
    std::vector<Duration> times;
    std::string file;
    static void describe(Schema<Properties>& p) {
      p("times", &Properties::times, "releases, in order of time");
      p("file", &Properties::file, "CSV file of releases: release_s or release,deadline");
    }
  };

  Trace(const Properties& properties, const ArrivalContext& context) {
    if (properties.times.empty() == properties.file.empty()) {
      throw InputError(context.where, "a trace takes either 'times' or 'file'");
    }
    if (properties.file.empty()) {
      take_list(properties.times, context);
    } else {
      arrivals_ = read_trace(resolved(properties.file, context.where), context.deadline, context.where);
    }
  }

  std::optional<Arrival> next() override {
    if (position_ == arrivals_.size()) return std::nullopt;
    return arrivals_[position_++];
  }
  [[nodiscard]] std::optional<uint64_t> period_ps() const override {
    std::optional<uint64_t> least;
    for (size_t i = 1; i < arrivals_.size(); ++i) {
      uint64_t distance = arrivals_[i].release_ps - arrivals_[i - 1].release_ps;
      least = std::min(distance, least.value_or(distance));
    }
    return least;
  }
  [[nodiscard]] std::optional<uint64_t> relative_deadline_ps() const override {
    std::optional<uint64_t> least;
    for (const Arrival& arrival : arrivals_) {
      uint64_t relative = arrival.deadline_ps - arrival.release_ps;
      least = std::min(relative, least.value_or(relative));
    }
    return least;
  }

 private:
  static std::string resolved(const std::string& file, const Location& where) {
    std::filesystem::path path(file);
    if (path.is_absolute() || !where.file) return file;
    return (std::filesystem::path(*where.file).parent_path() / path).string();
  }

  void take_list(const std::vector<Duration>& times, const ArrivalContext& context) {
    if (!context.deadline) throw InputError(context.where, "a trace of times needs the task's 'deadline'");
    if (!std::ranges::is_sorted(times)) throw InputError(context.where, "'times' is not in order of time");
    for (Duration time : times) arrivals_.push_back({time.ps, time.ps + context.deadline->ps});
  }

  std::vector<Arrival> arrivals_;
  size_t position_ = 0;
};

VESPER_ARRIVAL(Trace, "trace", "releases listed in the scenario or in a CSV file");

}  // namespace
}  // namespace vesper::workload
