/// One run of one scenario, from text to outputs. Once a process.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "platform/observe/log_levels.h"
#include "platform/observe/run_limits.h"
#include "platform/observe/summary.h"
#include "platform/observe/vcd_file.h"
#include "platform/observe/vcd_selection.h"
#include "platform/scenario/scenario.h"

namespace vesper::builder {

/// Where a run is ended to look at its state.
struct BreakOn {
  bool miss = false;
  bool preemption = false;
  std::optional<uint64_t> ps = {};  ///< a time
};

struct RunOptions {
  std::string out;  ///< folder of the outputs
  std::optional<observe::VcdSelection> vcd;
  observe::VcdWindow vcd_window;
  bool fst = false;
  std::optional<observe::LogLevels> log;  ///< events on standard error; without, what firmware says
  std::optional<BreakOn> break_on;        ///< end there, and tell all states
  std::optional<uint16_t> gdb_port;       ///< wait for GDB there
  bool steps = false;
  bool timeline = false;
  uint64_t bandwidth_window_ps = 0;
  std::vector<observe::Summary> baselines;  ///< each task alone, in order; with them, slowdown.csv is written
  std::function<bool()> interrupted;        ///< asked now and then: end the run with what there is
  std::function<void(const std::string&)> firmware_log;
};

/// A task beside its run alone; no value where no job completed.
struct Slowdown {
  std::string task;
  std::optional<double> mean;  ///< of the mean response times
  std::optional<double> max;
};

struct RunResult {
  observe::Summary summary;
  double wall_s = 0;
  std::vector<std::string> files;
  std::vector<std::string> warnings;
  nlohmann::ordered_json memory;
  std::vector<Slowdown> slowdowns;
  std::string broke_on;  ///< with BreakOn: where the run was ended, in words; empty if it was not
  bool missed = false;   ///< it was ended by a missed deadline
  bool killed = false;   ///< the debugger ended it
  std::string state;     ///< with broke_on: jobs and accelerators, and who waits for what; state.txt has all
  std::string worst_interference;  ///< in words; empty where nobody waited for another
};

/// Throws InputError on what is wrong with the scenario, core::SimulationError when the simulation fails;
/// then nothing is left in the folder that looks complete. Wrong results of a functional accelerator are a
/// core::SimulationError too, thrown when everything has been written, so that the run can be looked at.
RunResult run(const scenario::Scenario& scenario, const RunOptions& options);

/// The figures of a run alone.
struct Measurement {
  observe::Summary summary;
  nlohmann::ordered_json memory;  ///< as in summary.json
  observe::StopReason stopped = observe::StopReason::none;
};

/// A run that writes no file and shows no progress. Throws as run() does.
Measurement measure(const scenario::Scenario& scenario);

}  // namespace vesper::builder
