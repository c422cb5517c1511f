/// Jobs as on-line policies see them. Freestanding: no heap, no exceptions, no standard library beyond
/// headers that a freestanding implementation has.
#pragma once

#include <stdint.h>

namespace vesper::policy {

/// Simulated time in picoseconds since the start.
using Time = uint64_t;

/// Jobs that the largest request queue of the published systems holds, and that firmware's tables are made
/// for.
constexpr uint16_t kPublishedJobs = 512;
/// Most jobs that can be ready at once in this build: the platform's is larger, for queues that grow in
/// ideal placement without bound.
#ifdef VESPER_MOST_JOBS
constexpr uint16_t kMaxJobs = VESPER_MOST_JOBS;
#else
constexpr uint16_t kMaxJobs = kPublishedJobs;
#endif
/// Places in a table of jobs: the ready ones, and the one on the accelerator that left the queue.
constexpr uint16_t kJobSlots = kMaxJobs + 1;
constexpr uint16_t kMaxTasks = 64;

/// A slot of the job table; empty by default.
struct JobRef {
  static constexpr uint16_t kNone = 0xFFFF;
  uint16_t slot = kNone;
  explicit constexpr operator bool() const { return slot != kNone; }
  constexpr bool operator==(const JobRef&) const = default;
};

/// What is known of a region before it runs: an entry of a table that a task brings along, averages over many
/// inputs. Plain data, so that firmware finds it in memory and a hardware block in its look-up tables. Times
/// are in seconds, those left count from the start of the region to the end of the job.
struct RegionEstimate {
  double latency = 0;
  double left = 0;
  double pattern_latency = 0;  ///< of the model in the task's own sparsity pattern
  double pattern_left = 0;
  double average_sparsity = 0;  ///< fraction of zeros among the outputs, 0 .. 1
  uint32_t outputs = 0;         ///< how many the monitor sees; 0 where it counts nothing
};

static_assert(sizeof(RegionEstimate) == 48);  // the same in the platform and in firmware

/// What only a perfect oracle knows of one job: the true seconds left at the start of each region, `regions`
/// of them.
using TrueTimes = const double*;

/// What is known of a job. Plain data; a policy reads it and never writes it.
struct Job {
  uint16_t task = 0;
  uint32_t id = 0;  ///< number of the job within its task
  Time release = 0;
  Time deadline = 0;         ///< absolute
  uint32_t priority = 0;     ///< fixed priority of its task, 0 the most urgent
  uint32_t weight = 1;       ///< importance, for policies that weigh: the larger the more; at least 1
  uint32_t next_region = 0;  ///< the region it would run next
  uint32_t regions = 0;      ///< how many it has
  Time isolated_estimate = 0;
  Time last_run = 0;  ///< end of its last region, or its release
  Time executed = 0;  ///< time its regions have taken so far, from instruction to feedback
  const RegionEstimate* estimates = nullptr;  ///< of its regions; null: isolated_estimate is all there is
  TrueTimes true_left = nullptr;              ///< null unless the scheduler may know
  double static_score = 0;                    ///< of the policy's static level, given on arrival
  uint64_t arrival = 0;  ///< running number over all jobs, in order of acceptance: breaks ties
};

/// What a region's end reports besides its identity.
struct Feedback {
  Time at = 0;
  uint32_t monitored = 0;  ///< the accelerator's monitor reading (zero count), 0 where it has none
};

/// The ready and running jobs, in slots that stay put while a job lives.
class JobTable {
 public:
  /// A free slot, or none when the table is full.
  JobRef take();
  void give_back(JobRef ref);
  [[nodiscard]] const Job& operator[](JobRef ref) const { return jobs_[ref.slot]; }
  Job& edit(JobRef ref) { return jobs_[ref.slot]; }
  [[nodiscard]] uint16_t used() const { return used_; }
  void clear();

 private:
  Job jobs_[kJobSlots];
  uint16_t free_[kJobSlots];
  uint16_t free_count_ = 0;
  uint16_t touched_ = 0;  // slots below this have been used before
  uint16_t used_ = 0;
};

}  // namespace vesper::policy
