/// Schedulability under limited-preemptive EDF (sufficient; exact for the demand alone).
///
/// With tasks in order of their deadlines, beta_k is the least slack t - demand(t) over the demand points in
/// [d_k, d_k+1), d_n the hyperperiod; a set is schedulable if the longest region of each task i is at most
/// min(beta_0 .. beta_i-1), and no slack is negative. The hyperperiod itself is no such point: a utilisation
/// of at most 1 covers it. Source: DERCA (RTSS 2025) after Baruah (ECRTS 2005).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "schedulers/offline/demand.h"

namespace vesper::offline {

enum class Verdict : uint8_t {
  schedulable,
  overload,    ///< the utilisation, overheads included, is above 1
  too_long,    ///< a job alone takes longer than its deadline
  demand,      ///< the demand exceeds the time even without blocking
  blocking,    ///< a region of a task with a later deadline is longer than the others can wait
  unplaceable  ///< preemption-point placement found no regions short enough
};
const char* name_of(Verdict verdict);

struct EdfAnalysis {
  Verdict verdict = Verdict::schedulable;
  size_t task = 0;  ///< that the verdict is about; 0 for overload
  /// Of each task; none where the slack exceeds 64 bits (above utilisation 1).
  std::vector<std::optional<Cycles>> beta;
  /// min(beta_0 .. beta_i-1): the longest region that task i may have; none for the first task, and where a
  /// beta is unknown.
  std::vector<std::optional<Cycles>> bound;

  [[nodiscard]] bool passes() const { return verdict == Verdict::schedulable; }
};

/// Tasks in order of deadlines. Throws AnalysisError like Demand.
/// `hyperperiod_tested`: a utilisation above 1 fails; else only if a beta is unknown (terms.h).
EdfAnalysis analyse_edf(std::span<const EdfTask> tasks, bool hyperperiod_tested = true);

/// beta_k for one task k, of the tasks given alone (in order of deadlines).
std::optional<Cycles> blocking_tolerance(const Demand& demand, std::span<const EdfTask> tasks, size_t k);

}  // namespace vesper::offline
