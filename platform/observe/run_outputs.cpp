#include "platform/observe/run_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "platform/observe/bandwidth_log.h"
#include "platform/observe/decision_log.h"
#include "platform/observe/event_log.h"
#include "platform/observe/firmware_log.h"
#include "platform/observe/fst.h"
#include "platform/observe/gtkwave_save.h"
#include "platform/observe/job_log.h"
#include "platform/observe/job_wave.h"
#include "platform/observe/latency_log.h"
#include "platform/observe/performance.h"
#include "platform/observe/sha256.h"
#include "platform/observe/step_log.h"
#include "platform/observe/stretch_log.h"
#include "platform/observe/timeline.h"
#include "platform/observe/vcd_writer.h"

namespace vesper::observe {

using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kWave = "trace.vcd";
constexpr const char* kCompressedWave = "trace.fst";
/// Of counters in the timeline where no window is asked for: 100 us, the default of --bandwidth.
constexpr Time kTimelineWindow = 100'000'000;

std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

struct RunOutputs::Observers {
  explicit Observers(const RunInfo& run) : statistics(run) {}

  PerformanceMeter performance;
  RunStatistics statistics;
  std::unique_ptr<JobLog> jobs;
  std::unique_ptr<DecisionLog> decisions;
  std::unique_ptr<StretchLog> stretches;
  std::unique_ptr<StepLog> steps;
  std::unique_ptr<Timeline> timeline;
  std::unique_ptr<BandwidthLog> bandwidth;
  std::unique_ptr<LatencyLog> latency;
  std::unique_ptr<VcdWriter> wave;
  bool fst = false;
  std::unique_ptr<JobWave> job_wave;
  std::unique_ptr<FirmwareLog> firmware;
  std::unique_ptr<EventLog> log;
};

RunOutputs::RunOutputs(OutputFolder& folder, RunInfo run, OutputOptions options, ObserverHub& hub)
    : folder_(folder), run_(std::move(run)), hub_(hub), observers_(std::make_unique<Observers>(run_)) {
  Observers& o = *observers_;
  if (options.jobs) o.jobs = std::make_unique<JobLog>(folder_.file("jobs.csv"), run_);
  if (options.decisions) o.decisions = std::make_unique<DecisionLog>(folder_.file("decisions.csv"), run_);
  if (options.stretches) o.stretches = std::make_unique<StretchLog>(folder_.file("stretches.csv"), run_);
  if (options.steps) o.steps = std::make_unique<StepLog>(folder_.file("steps.csv"), run_);
  if (options.timeline) {
    const Time window = options.bandwidth_window > 0 ? options.bandwidth_window : kTimelineWindow;
    o.timeline =
        std::make_unique<Timeline>(folder_.file("timeline.json"), run_, hub.ports(), hub.tracks(), window);
  }
  if (options.bandwidth_window > 0) {
    o.bandwidth = std::make_unique<BandwidthLog>(run_, options.bandwidth_window);
  }
  if (options.latency) o.latency = std::make_unique<LatencyLog>(run_);
  if (options.vcd) {
    o.wave = std::make_unique<VcdWriter>(folder_.file(kWave), *options.vcd, std::move(options.now),
                                         options.vcd_window);
    o.fst = options.fst;
  }
  if (options.log) {
    o.log = std::make_unique<EventLog>(run_, *options.log, terminal_logger(), hub.ports());
  } else if (options.firmware_log)
    o.firmware = std::make_unique<FirmwareLog>(std::move(options.firmware_log));
  join(hub);
}

RunOutputs::~RunOutputs() = default;

void RunOutputs::join(ObserverHub& hub) const {
  Observers& o = *observers_;
  hub.join(o.statistics);
  Observer* optional[] = {o.jobs.get(),     o.decisions.get(), o.stretches.get(), o.steps.get(),
                          o.timeline.get(), o.bandwidth.get(), o.latency.get(),   o.wave.get(),
                          o.firmware.get(), o.log.get()};
  for (Observer* observer : optional) {
    if (observer != nullptr) hub.join(*observer);
  }
  if (!o.wave && !o.timeline) return;
  o.job_wave = std::make_unique<JobWave>(hub, run_);
  hub.join(*o.job_wave);
}

double RunOutputs::wall_seconds() const { return observers_->performance.wall_seconds(); }

Summary RunOutputs::finish(Time end, bool complete, const RunTotals& totals,
                           const std::function<void(const Summary&)>& before_commit) {
  close_tables(end);
  close_wave(end);
  Summary summary = observers_->statistics.finish(end, complete, totals.accelerators);
  summary.functional = totals.functional;
  summary.config_sha256 = sha256(run_.effective_yaml);
  folder_.write("effective.yaml", run_.effective_yaml);
  Json nothing;
  const Json& more = totals.performance != nullptr ? *totals.performance : nothing;
  uint64_t regions = observers_->statistics.decisions();
  folder_.write("performance.json", text_of(observers_->performance.json(end, regions, more)));
  Json memory = totals.memory != nullptr ? *totals.memory : nothing;
  if (observers_->latency) memory["latency"] = observers_->latency->json();
  folder_.write("summary.json", text_of(to_json(summary, memory)));
  if (before_commit) before_commit(summary);
  folder_.commit();
  return summary;
}

void RunOutputs::close_tables(Time end) {
  Observers& o = *observers_;
  if (o.jobs) o.jobs->finish(end);
  if (o.decisions) o.decisions->close();
  if (o.stretches) o.stretches->finish();
  if (o.steps) o.steps->close();
  if (o.timeline) o.timeline->finish(end);
  if (o.bandwidth) o.bandwidth->write(folder_.file("bandwidth.csv"), hub_.ports());
  if (o.latency) o.latency->write(folder_.file("latency.csv"), hub_.ports());
}

void RunOutputs::close_wave(Time end) {
  if (!observers_->wave) return;
  VcdWriter& wave = *observers_->wave;
  wave.finish(end);
  const VcdWindow window = wave.window();
  if (observers_->fst) {
    vcd_to_fst(folder_.file(kWave), folder_.file(kCompressedWave));
    folder_.remove(kWave);
  }
  const char* file = observers_->fst ? kCompressedWave : kWave;
  const Time last = std::max(std::min(end, window.to), window.from);
  folder_.write("trace.gtkw", gtkwave_save(file, wave.signals(), window.from, last));
  for (const std::string& pattern : wave.unmatched_patterns()) {
    warnings_.push_back(fmt::format("{}: no signal fits '{}'", file, pattern));
  }
  if (window.from > end) {
    warnings_.push_back(fmt::format("{}: the run ended before the window of the wave", file));
  }
  if (wave.late_changes() == 0) return;
  warnings_.push_back(fmt::format("{}: {} changes were told late and stand at the time they were told", kWave,
                                  wave.late_changes()));
}

}  // namespace vesper::observe
