/// The part of a scheduler that is the same for every policy and every placement: keeps the job table,
/// follows which job is on the accelerator, and turns the policy's choice into an instruction. Freestanding
/// C++20.
#pragma once

#include "schedulers/policy/policy.h"

namespace vesper::policy {

/// {task, job, region, preempt, resume, last task, last region}: what a scheduler tells the kernel manager.
struct Instruction {
  uint16_t task = 0;
  uint32_t job = 0;
  uint32_t region = 0;
  bool preempt = false;    ///< swap the previous job out first
  bool resume = false;     ///< swap this job in first: it ran before and was swapped out
  uint16_t last_task = 0;  ///< of the job swapped out
  uint32_t last_job = 0;
  uint32_t last_region = 0;
};

/// What a scheduler is told of a task at boot.
struct TaskParameters {
  uint32_t regions = 0;
  uint32_t priority = 0;
  Time isolated_estimate = 0;
  uint32_t weight = 1;                        ///< 0: each job brings its own
  const RegionEstimate* estimates = nullptr;  ///< `regions` of them, which outlive the dispatcher
  const TrueTimes* true_left = nullptr;       ///< by number of the job; for the oracle, ideal placement alone
};

/// A job as it arrives, of a task with these parameters.
Job arriving_job(const TaskParameters& parameters, uint16_t task, uint32_t job, Time release, Time deadline,
                 uint32_t weight);

class Dispatcher {
 public:
  /// `tasks` outlives this; `count` at most kMaxTasks. `capacity`, at most kMaxJobs: jobs the queue holds.
  Dispatcher(const TaskParameters* tasks, uint16_t count, uint16_t capacity = kMaxJobs)
      : tasks_(tasks), task_count_(count), capacity_(capacity) {}
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// The policy that decides; made over jobs().
  void use(Policy& policy) { policy_ = &policy; }
  [[nodiscard]] const JobTable& jobs() const { return jobs_; }
  [[nodiscard]] Policy& policy() const { return *policy_; }

  /// Jobs in the queue. A job leaves it when its last region is issued.
  [[nodiscard]] uint16_t ready() const { return ready_; }
  /// Whether another job can be accepted; if not, it waits in its FIFO.
  [[nodiscard]] bool has_room() const { return ready_ < capacity_; }
  [[nodiscard]] bool accelerator_idle() const { return !busy_; }

  /// A job was released. False (and nothing done) if there is no room or no such task.
  /// `weight` 0 is the task's; `static_score`: what another place has computed of it already.
  bool release(uint16_t task, uint32_t job, Time release, Time deadline, uint32_t weight = 0,
               const double* static_score = nullptr);
  /// The running region ended.
  void region_done(const Feedback& feedback);
  /// If the accelerator is idle and a job is ready: the next instruction, which the caller must issue.
  bool next(Time now, Instruction& out);

 private:
  struct OnChip {
    JobRef job;           // last job the accelerator worked on, while it is unfinished
    uint32_t region = 0;  // its last region
  };

  const TaskParameters* tasks_;
  uint16_t task_count_;
  uint16_t capacity_;
  uint16_t ready_ = 0;
  JobTable jobs_;
  Policy* policy_ = nullptr;
  OnChip on_chip_;
  bool busy_ = false;
  Time issued_ = 0;
  uint64_t accepted_ = 0;
};

}  // namespace vesper::policy
