/// What a policy that weighs jobs computes from a Job: times in seconds as doubles. Freestanding.
///
/// A task without a table of RegionEstimates is taken as regions of equal length that add up to its
/// isolated_estimate, of unknown sparsity.
#pragma once

#include "schedulers/policy/job.h"

namespace vesper::policy {

constexpr double kPicosecondsPerSecond = 1e12;

inline double seconds(Time time) { return static_cast<double>(time) / kPicosecondsPerSecond; }
/// From `from` to `to`, negative when `to` is the earlier.
inline double seconds_from(Time from, Time to) {
  return to >= from ? seconds(to - from) : -seconds(from - to);
}

/// Whose averages: over all sparsity patterns of the model, or those of the task's own.
enum class Averages : uint8_t { model, pattern };

template <Averages kAverages = Averages::model>
double left_from(const Job& job, uint32_t region) {
  if (job.estimates == nullptr) {
    return seconds(job.isolated_estimate) * (job.regions - region) / job.regions;
  }
  const RegionEstimate& estimate = job.estimates[region];
  return kAverages == Averages::pattern ? estimate.pattern_left : estimate.left;
}

/// Estimated execution time left.
template <Averages kAverages = Averages::model>
double left(const Job& job) {
  return left_from<kAverages>(job, job.next_region);
}
/// Estimated execution time of the whole job, alone on the accelerator.
template <Averages kAverages = Averages::model>
double isolated(const Job& job) {
  return left_from<kAverages>(job, 0);
}
/// Estimated time of the region it would run next.
inline double next_latency(const Job& job) {
  if (job.estimates == nullptr) return seconds(job.isolated_estimate) / job.regions;
  return job.estimates[job.next_region].latency;
}

/// a / b, or 0 where b is 0 because nothing is known of the job.
inline double over(double a, double b) { return b > 0 ? a / b : 0; }

inline double idle(const Job& job, Time now) { return seconds_from(job.last_run, now); }
/// All the time since its release in which it did not run.
inline double waited(const Job& job, Time now) { return seconds_from(job.release + job.executed, now); }

/// Completes a table of which `latency` and `pattern_latency` are given.
inline void sum_up(RegionEstimate* table, uint32_t regions) {
  double model = 0, pattern = 0;
  for (uint32_t i = regions; i-- > 0;) {
    table[i].left = model += table[i].latency;
    table[i].pattern_left = pattern += table[i].pattern_latency;
  }
}

}  // namespace vesper::policy
