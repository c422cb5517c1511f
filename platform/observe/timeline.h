/// `timeline.json`: Chrome trace events, for Perfetto (ui.perfetto.dev) or chrome://tracing.
///
/// Tracks    jobs (job_tracks.h: one a job under way, above it the regions it runs, except on accelerators
///           that are scheduled ahead of time), the engines of each accelerator (load, compute, store, swap),
///           the scheduler's decisions from trigger to instruction, the firmware function that executes and
///           its interrupts, memory ports and channels (traffic_tracks.h); of a spatial design also the
///           visits of its stages, and the engines and on-chip memories at work.
/// Arrows    from a job's release to its completion, across tracks.
/// Counters  bandwidth, queues and link groups (traffic_tracks.h, level_counters.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/observe/decision_tracker.h"
#include "platform/observe/job_tracks.h"
#include "platform/observe/level_counters.h"
#include "platform/observe/run_info.h"
#include "platform/observe/trace_events.h"
#include "platform/observe/traffic_tracks.h"

namespace vesper::observe {

class Timeline final : public Observer {
 public:
  /// `ports`: ObserverHub::ports(), `activities`: ObserverHub::tracks(). `window`: of counters that are means
  /// or the most of a while.
  Timeline(const std::filesystem::path& path, const RunInfo& run, const std::vector<std::string>& ports,
           const std::vector<std::string>& activities, Time window);

  /// Ends what is still under way and closes the file.
  void finish(Time end);

  [[nodiscard]] uint32_t topics() const override;
  void job_released(const JobReleased& event) override;
  void job_completed(JobId job, Time at) override;
  void job_failed(JobId job, Time at) override;
  void instruction_issued(const InstructionIssued& event) override;
  void region_ended(const RegionEnded& event) override;
  void operation(const Operation& event) override;
  void transfer(const Transfer& event) override { traffic_.transferred(event); }
  void activity(const Activity& event) override;
  void mark(Mark mark, uint32_t value, Time at) override;
  void function_entered(const FunctionEntered& event) override;
  bool signal_declared(uint32_t id, const SignalInfo& info) override { return levels_.declared(id, info); }
  void signal_changed(uint32_t id, uint64_t value, Time at) override { levels_.changed(id, value, at); }

 private:
  static constexpr size_t kEngines = 4;
  struct Accelerator {
    TraceEvents::Track engines[kEngines];
    TraceEvents::Track decisions;
    std::optional<InstructionIssued> running;
    bool is_ahead = false;  ///< instructions came while others were under way
  };
  struct Firmware {
    TraceEvents::Track functions;
    TraceEvents::Track interrupts;
  };
  struct Function {
    std::string name;
    Time since;
  };

  void add_accelerators(const RunInfo& run);
  void end_region(Accelerator& accelerator, Time end);
  void end_regions_of(JobId job, Time at);
  void end_function(Time at);

  const std::vector<std::string>& activity_names_;
  TraceEvents events_;
  JobTracks jobs_;
  DecisionTracker triggers_;
  std::vector<Accelerator> accelerators_;
  std::optional<Firmware> firmware_;
  uint32_t activity_process_ = 0;
  std::vector<TraceEvents::Track> activities_;
  TrafficTracks traffic_;
  LevelCounters levels_;
  std::map<JobId, bool> has_started_;  ///< jobs under way: an operation of it was seen
  std::optional<Function> function_;
};

}  // namespace vesper::observe
