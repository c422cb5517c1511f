/// A scenario as offline analysis takes it: a task set an accelerator, in cycles of that accelerator's clock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/scenario/scenario.h"
#include "schedulers/offline/analysis.h"

namespace vesper::builder {

struct AnalysisInput {
  std::string accelerator;
  uint64_t clock_hz = 0;
  std::vector<size_t> tasks;         ///< of the scenario, in order of `set.tasks`
  std::vector<uint64_t> periods_ps;  ///< of these tasks, as the simulation releases their jobs
  offline::TaskSet set;
  std::vector<std::string> notes;  ///< what the analysis leaves out
};

struct AnalysisTerms {
  bool published = false;                    ///< as the published code analyses (offline/terms.h)
  std::optional<uint64_t> scheduler_cycles;  ///< replaces the worst case of the scheduler
};

/// Costs are those of `fixed` memory. Periods and deadlines are rounded down to cycles; a release jitter
/// shortens the deadline. Terms are the scenario's own: scheduler.decision_bound, else the worst case of the
/// scheduler block and nothing for an ideal scheduler or firmware; look-up, launch and feedback of the
/// accelerator and a cycle to cross from clock to clock. Throws InputError for a task without a least
/// distance between its jobs (a trace), or with a deadline beyond its period.
std::vector<AnalysisInput> analysis_inputs(const scenario::Scenario& scenario, const AnalysisTerms& terms);

/// The design that a scenario's granularity and preemption make.
const offline::Design& design_of(const scenario::Scheduler& scheduler);

/// Throws InputError where the set cannot be analysed.
offline::Analysis analyse(const AnalysisInput& input, const offline::Design& design);

/// `schedulable`, or `blocking: camera`.
std::string verdict_text(const scenario::Scenario& scenario, const AnalysisInput& input,
                         const offline::Analysis& analysis);

}  // namespace vesper::builder
