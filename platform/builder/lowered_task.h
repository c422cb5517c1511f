/// The tasks of a scenario lowered onto their accelerators. SystemC-free.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/core/environment.h"
#include "platform/builder/request_jobs.h"
#include "platform/scenario/scenario.h"
#include "platform/workload/arrival.h"
#include "schedulers/offline/spatial_estimate.h"

namespace vesper::builder {

/// What became of granularity `placed` on one accelerator.
struct PlacementOutcome {
  std::string accelerator;
  bool placed = false;             ///< else all points are kept, as granularity tile does
  std::string verdict;             ///< of the analysis: `schedulable`, `blocking: camera`
  std::vector<std::string> notes;  ///< what the analysis leaves out
};

struct LoweredTask {
  lowering::Program program;
  uint64_t isolated_ps = 0;       ///< execution time alone in `fixed` memory
  core::EstimateTable estimates;  ///< of each region, in `fixed` memory, of average sparsity
  Node arrival;                ///< properties of the arrival process, the period of a utilisation filled in
  uint64_t period_ps = 0;      ///< least time between arrivals; 0 where there is no such promise
  uint64_t deadline_ps = 0;    ///< relative; 0 where each job brings its own
  bool single_stream = false;  ///< a job asks again when the one before has been scheduled
  uint32_t priority = 0;       ///< 0 the most urgent
  std::shared_ptr<const RequestJobs> requests = {};  ///< null for jobs of an arrival process, all alike
};

struct LoweredTasks {
  std::vector<LoweredTask> tasks;           ///< in order of the scenario's
  std::vector<PlacementOutcome> placement;  ///< of each accelerator with tasks; empty unless asked for
};

/// With granularity `placed`, the programs are cut where preemption-point placement (schedulers/offline) of
/// the scenario's strategy leaves a point, for the tasks of each accelerator; where the set so placed is not
/// schedulable, scheduler.unplaceable decides. Throws InputError when a task cannot be lowered, has a
/// nonsensical period, or cannot be analysed although placement is asked for (analysis_input.h).
LoweredTasks lower(const scenario::Scenario& scenario);

/// The clock of an instance that has one.
Frequency clock_of(const scenario::Instance& instance);

/// What a user should know of it, a line each.
std::vector<std::string> placement_warnings(const PlacementOutcome& outcome);

/// What is released, from the beginning. Throws InputError when a trace cannot be read.
std::function<std::optional<core::Release>()> releases_of(const scenario::Scenario& scenario, size_t index,
                                                          const LoweredTask& task);

/// The tasks alone.
std::vector<LoweredTask> lower_tasks(const scenario::Scenario& scenario);

/// What the analytic model makes of a job of task `index` alone on the scenario's design, in `fixed` memory.
offline::SpatialEstimate analytic_estimate(const scenario::Scenario& scenario, size_t index);

/// The arrival process of task `index`, which is none of requests, from its beginning. Throws InputError when
/// a trace cannot be read.
std::unique_ptr<workload::ArrivalProcess> make_arrivals(const scenario::Scenario& scenario, size_t index,
                                                        const Node& arrival_properties);

}  // namespace vesper::builder
