/// The figures of a run: what `summary.json` holds and the terminal shows.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "platform/observe/observer.h"
#include "platform/observe/run_info.h"
#include "platform/observe/samples.h"

namespace vesper::observe {

struct Slowdown {
  double mean = 0;
  double max = 0;
};

struct TaskSummary {
  std::string name;
  uint64_t released = 0;
  uint64_t completed = 0;
  uint64_t missed = 0;  ///< completed after the deadline, unfinished at a deadline within the run, or failed
  std::optional<Distribution> response;  ///< completion - release
  uint64_t failed = 0;                   ///< abandoned after an error of the memory
  /// Of its completed jobs response time / isolated time, mean and largest; none without an isolated time.
  std::optional<Slowdown> slowdown = {};
};

/// A stage of a task on a spatial design; its jobs are visits of the stage.
struct StageSummary {
  std::string task;
  std::string stage;
  std::string accelerator;
  uint64_t released = 0;
  uint64_t completed = 0;
  std::optional<Distribution>
      response;  ///< end of its last region - release: when all its operands were there
};

struct SchedulerSummary {
  std::string placement;
  std::string policy;
  std::vector<PlacedPoints> preemption_points;  ///< empty unless the scenario has them placed
  uint64_t decisions = 0;
  uint64_t preemptions = 0;
  std::optional<Distribution> decision_latency;    ///< trigger (DecisionTracker) -> instruction
  std::optional<Distribution> preemption_latency;  ///< release of a preempting job -> its first compute cycle
  std::optional<Distribution> blocking;            ///< its release -> end of the region that ran then
};

/// Metrics over all tasks; none where there is nothing to take them of. Jobs of a warm-up count in none, nor
/// in the figures of tasks.
struct Metrics {
  /// Average normalised turnaround time: mean over completed jobs of response time / isolated time, the job's
  /// own where it brings one.
  /// Source: Eyerman and Eeckhout, "System-level performance metrics for multiprogram workloads", 2008.
  std::optional<double> antt;
  /// System throughput, same source: sum over tasks of (mean) isolated time / mean response time.
  std::optional<double> stp;
  std::optional<double> violation_rate;    ///< jobs completed after their deadline / jobs completed
  std::optional<double> miss_rate;         ///< jobs missed / jobs completed, failed or due within the run
  std::optional<double> throughput_per_s;  ///< jobs completed a simulated second, the warm-up's left out
  /// Mean over tasks of their mean slowdown, and the largest of any job: ANTT where a task is a stream of
  /// queries of one program (Eyerman and Eeckhout), however many the others complete. None where a task with
  /// jobs has none completed.
  std::optional<double> task_antt = {};
  std::optional<double> worst_slowdown = {};
};

struct AcceleratorSummary {
  std::string name;
  double busy_fraction = 0;        ///< of simulated time, from instruction to the end of its region
  double compute_utilisation = 0;  ///< of simulated time, the compute engine works
  uint64_t steps = 0;              ///< tile iterations
  uint64_t memory_errors = 0;      ///< bursts of its ports answered with an error
  std::optional<double> fetch_utilisation = {};  ///< of simulated time, a fetch engine of its own works
  /// Of simulated time, what its MACs would take at the array's full rate, where that is known.
  std::optional<double> mac_utilisation = {};
};

struct Summary {
  std::string scenario;
  uint64_t seed = 0;
  std::string config_sha256;
  Time simulated = 0;
  bool complete = true;  ///< false: the run was stopped before its end
  std::vector<TaskSummary> tasks;
  SchedulerSummary scheduler;
  Metrics metrics;
  std::vector<AcceleratorSummary> accelerators;
  std::vector<StageSummary> stages;            ///< of tasks on a spatial design
  std::optional<RunDesign> design;             ///< that design
  std::optional<FunctionalTotals> functional;  ///< results that functional accelerators checked

  [[nodiscard]] uint64_t completed() const;
  [[nodiscard]] uint64_t missed() const;
  [[nodiscard]] uint64_t released() const;
  [[nodiscard]] uint64_t failed() const;
};

/// `summary.json`; `memory` is put in as it is, null leaves it out. Times in seconds.
nlohmann::ordered_json to_json(const Summary& summary, const nlohmann::ordered_json& memory);
/// Reads a `summary.json`; throws InputError that names the file if it is none.
Summary read_summary(const std::string& path);

}  // namespace vesper::observe
