/// One run of one scenario, from text to outputs. Once a process.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "platform/observe/run_limits.h"
#include "platform/observe/summary.h"
#include "platform/observe/vcd_file.h"
#include "platform/observe/vcd_selection.h"
#include "platform/scenario/scenario.h"

namespace vesper::builder {

struct RunOptions {
  std::string out;  ///< folder of the outputs
  std::optional<observe::VcdSelection> vcd;
  observe::VcdWindow vcd_window;
  bool fst = false;
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
