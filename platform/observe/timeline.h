/// `timeline.json`: Chrome trace events, for Perfetto (ui.perfetto.dev) or chrome://tracing.
///
/// Tracks: tasks (a job from release to completion, one of a single stream from the end of the one before,
/// above it the regions it runs, except on accelerators that are scheduled ahead of time), accelerators
/// (load, compute, store, swap), scheduler (decisions from trigger to instruction), firmware (the function
/// that executes); of a spatial design also stages (visits and the regions that they run) and engines
/// (engines and on-chip memories at work). Source: "Trace Event Format", Google: times in microseconds, here
/// with all digits down to the picosecond.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "platform/observe/decision_tracker.h"
#include "platform/observe/file_writer.h"
#include "platform/observe/run_info.h"

namespace vesper::observe {

class Timeline final : public Observer {
 public:
  Timeline(const std::filesystem::path& path, const RunInfo& run);

  /// Ends what is still under way and closes the file. `tracks`: names of those that told of activities.
  void finish(Time end, std::span<const std::string> tracks = {});

  [[nodiscard]] uint32_t topics() const override;
  void job_released(const JobReleased& event) override;
  void job_completed(JobId job, Time at) override;
  void job_failed(JobId job, Time at) override { job_completed(job, at); }
  void instruction_issued(const InstructionIssued& event) override;
  void region_ended(const RegionEnded& event) override;
  void operation(const Operation& event) override;
  void activity(const Activity& event) override;
  void function_entered(const FunctionEntered& event) override;

 private:
  enum class Process : uint8_t { tasks, accelerators, scheduler, firmware, stages, engines };
  struct Track {
    Process process;
    size_t thread;
  };
  struct Function {
    std::string name;
    Time since;
  };

  void name_tracks(const RunInfo& run);
  void name_process(Process process, const char* name);
  void name_thread(Track track, const std::string& name);
  void begin_event(char phase, Track track, const std::string& quoted_name);
  void time(const char* key, Time time);
  void slice(Track track, const std::string& quoted_name, Time start, Time end);
  void open(JobId job, Time at);
  void job_edge(char phase, JobId job, Time at);
  std::string job_name(JobId job) const;
  void end_region(std::optional<InstructionIssued>& region, Time end);
  void end_function(Time at);

  [[nodiscard]] Track track_of(uint16_t task) const;

  std::vector<std::string> tasks_;
  std::vector<bool> is_stage_;  ///< by task
  DecisionTracker triggers_;
  std::vector<std::optional<InstructionIssued>> running_;  ///< by accelerator
  std::vector<bool> is_ahead_;  ///< by accelerator: instructions came while others were under way
  std::vector<JobId> open_;     ///< begun, not completed
  /// Of single streams, by task: jobs released while one before is not completed.
  std::map<uint16_t, std::deque<JobId>> streams_;
  std::optional<Function> function_;
  FileWriter file_;
  bool first_ = true;
};

}  // namespace vesper::observe
