/// Everything a run leaves, behind one door: makes the observers a run needs, joins them, and writes their
/// files.
///
/// Make it before the models (their signals are declared as they are built) and keep it until the run is
/// over; then either finish(), or destroy it and the OutputFolder, which leaves nothing.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "platform/observe/log_levels.h"
#include "platform/observe/output_folder.h"
#include "platform/observe/run_info.h"
#include "platform/observe/run_statistics.h"
#include "platform/observe/summary.h"
#include "platform/observe/vcd_file.h"
#include "platform/observe/vcd_selection.h"

namespace vesper::observe {

struct OutputOptions {
  bool jobs = true;                                      ///< jobs.csv
  bool decisions = true;                                 ///< decisions.csv
  bool stretches = true;                                 ///< stretches.csv
  bool steps = false;                                    ///< steps.csv
  bool timeline = false;                                 ///< timeline.json
  std::optional<VcdSelection> vcd;                       ///< trace.vcd and trace.gtkw
  VcdWindow vcd_window;                                  ///< what of the run the wave shows
  bool fst = false;                                      ///< trace.fst in place of trace.vcd
  Time bandwidth_window = 0;                             ///< bandwidth.csv; 0: none
  bool latency = false;                                  ///< latency.csv, and `memory.latency` of the summary
  std::function<void(const std::string&)> firmware_log;  ///< gets what firmware says, a line at a time
  std::optional<LogLevels> log;                          ///< events, in place of firmware_log
  std::function<Time()> now;                             ///< simulated time; needed with `vcd`
};

/// What only models and the builder know at the end of a run.
struct RunTotals {
  std::vector<AcceleratorTotals> accelerators;     ///< by index
  const nlohmann::ordered_json* memory = nullptr;  ///< goes into summary.json as `memory`
  const nlohmann::ordered_json* performance =
      nullptr;  ///< goes into performance.json, numbers also per second
  std::optional<FunctionalTotals> functional;
};

class RunOutputs {
 public:
  /// `folder` and `hub` outlive this.
  RunOutputs(OutputFolder& folder, RunInfo run, OutputOptions options, ObserverHub& hub);
  RunOutputs(const RunOutputs&) = delete;
  RunOutputs& operator=(const RunOutputs&) = delete;
  ~RunOutputs();

  /// Writes every file and commits the folder. `complete`: the run reached its end. `before_commit` may write
  /// more files, knowing the figures. Call once.
  Summary finish(Time end, bool complete, const RunTotals& totals,
                 const std::function<void(const Summary&)>& before_commit = {});

  [[nodiscard]] double wall_seconds() const;
  /// What the user should know of the outputs, a line each; after finish().
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Observers;

  void join(ObserverHub& hub) const;
  void close_tables(Time end);
  void close_wave(Time end);

  OutputFolder& folder_;
  RunInfo run_;
  ObserverHub& hub_;
  std::unique_ptr<Observers> observers_;
  std::vector<std::string> warnings_;
};

}  // namespace vesper::observe
