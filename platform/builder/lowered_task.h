/// The tasks of a scenario lowered onto their accelerators. SystemC-free.
#pragma once

#include <memory>
#include <vector>

#include "platform/scenario/scenario.h"
#include "platform/workload/arrival.h"

namespace vesper::builder {

struct LoweredTask {
  lowering::Program program;
  uint64_t isolated_ps = 0;  ///< execution time alone in `fixed` memory
  Node arrival;              ///< properties of the arrival process, the period of a utilisation filled in
  uint64_t period_ps = 0;    ///< least time between arrivals; 0 where there is no such promise
  uint64_t deadline_ps = 0;  ///< relative; 0 where each job brings its own
  uint32_t priority = 0;     ///< 0 the most urgent
};

/// In order of the scenario's tasks. Throws InputError when a task cannot be lowered or has a nonsensical
/// period.
std::vector<LoweredTask> lower_tasks(const scenario::Scenario& scenario);

/// The arrival process of task `index`, from its beginning. Throws InputError when a trace cannot be read.
std::unique_ptr<workload::ArrivalProcess> make_arrivals(const scenario::Scenario& scenario, size_t index,
                                                        const Node& arrival_properties);

}  // namespace vesper::builder
