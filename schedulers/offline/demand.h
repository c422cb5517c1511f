/// Demand bound function of sporadic tasks under EDF, and its least distance to the diagonal over an
/// interval. Source: Baruah, The limited-preemption uniprocessor scheduling of sporadic task systems, ECRTS
/// 2005.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "schedulers/offline/cycles.h"

namespace vesper::offline {

struct EdfTask {
  Cycles wcet = 0;
  Cycles period = 0;
  Cycles deadline = 0;  ///< relative, at most the period
  Cycles longest_region = 0;
};

enum class Load { below_one, one, above_one };

class Demand {
 public:
  /// Throws AnalysisError on a period or deadline below 1, a deadline beyond its period or a WCET below 0,
  /// and when 64 bits do not decide whether the tasks' utilisation exceeds 1.
  explicit Demand(std::span<const EdfTask> tasks);

  [[nodiscard]] Load load() const { return load_; }
  /// The least common multiple of the periods; none if it exceeds 64 bits.
  [[nodiscard]] std::optional<Cycles> hyperperiod() const { return hyperperiod_; }
  /// Execution that jobs released from time 0 on need by `t`: the sum of
  /// (1 + floor((t - deadline) / period)) * wcet over tasks with deadline <= t.
  [[nodiscard]] Wide at(Cycles t) const;
  /// t - at(t).
  [[nodiscard]] Wide slack(Cycles t) const { return t - at(t); }
  /// The least slack of the demand points (deadline + a * period) in [first, end), `first` being one; of
  /// {first} if the interval is empty. An interval without end (none) is that up to a hyperperiod beyond 64
  /// bits.
  ///
  /// Exact. The points are walked backwards in jumps, none is stored: with `best` the least slack so far, no
  /// point in [at(t) + best, t] has less, since demand does not fall (Zhang and Burns, Schedulability
  /// analysis for real-time systems with EDF scheduling, 2009, made a minimisation). Below utilisation 1 the
  /// walk starts where (1 - U) t exceeds the least slack known. A step takes O(tasks) time; steps are at most
  /// the demand points of the interval and far fewer unless the utilisation is close to 1. None when the
  /// result exceeds 64 bits, which takes a utilisation above 1. Throws AnalysisError after `kMostSteps`
  /// steps.
  [[nodiscard]] std::optional<Cycles> least_slack(Cycles first, std::optional<Cycles> end) const;

  static constexpr uint64_t kMostSteps = 4'000'000'000;

 private:
  class Walk;

  void find_hyperperiod();
  void find_load();
  [[nodiscard]] std::optional<Cycles> end_of_search(Wide best, std::optional<Cycles> end) const;

  std::vector<EdfTask> tasks_;
  std::optional<Cycles> hyperperiod_;
  Load load_ = Load::below_one;
  Wide least_idle_ = 0;  // 1 - U, rounded down, in 2^-62; below 0 if U is or may be above 1
  Wide early_ = 0;       // demand that deadlines before the end of periods add to U t, rounded up
};

}  // namespace vesper::offline
