#include "schedulers/policy/dispatcher.h"

namespace vesper::policy {

Job arriving_job(const TaskParameters& parameters, uint16_t task, uint32_t job, Time release, Time deadline,
                 uint32_t weight) {
  Job arriving;
  arriving.task = task;
  arriving.id = job;
  arriving.release = release;
  arriving.deadline = deadline;
  arriving.priority = parameters.priority;
  arriving.regions = parameters.regions;
  arriving.isolated_estimate = parameters.isolated_estimate;
  arriving.weight = weight != 0 ? weight : parameters.weight != 0 ? parameters.weight : 1;
  arriving.estimates = parameters.estimates;
  if (parameters.true_left != nullptr) arriving.true_left = parameters.true_left[job];
  arriving.last_run = release;
  return arriving;
}

bool Dispatcher::release(uint16_t task, uint32_t job, Time release, Time deadline, uint32_t weight,
                         const double* static_score) {
  if (task >= task_count_ || !has_room()) return false;
  JobRef ref = jobs_.take();
  ++ready_;
  Job& entry = jobs_.edit(ref);
  entry = arriving_job(tasks_[task], task, job, release, deadline, weight);
  entry.static_score = static_score != nullptr ? *static_score : policy_->static_score(entry);
  entry.arrival = accepted_++;
  policy_->release(ref);
  return true;
}

void Dispatcher::region_done(const Feedback& feedback) {
  busy_ = false;
  JobRef ref = on_chip_.job;
  Job& job = jobs_.edit(ref);
  job.last_run = feedback.at;
  job.executed += feedback.at - issued_;
  if (job.next_region == job.regions) {
    jobs_.give_back(ref);
    on_chip_.job = {};
    return;
  }
  policy_->region_done(ref, feedback);
}

bool Dispatcher::next(Time now, Instruction& out) {
  if (busy_) return false;
  JobRef ref = policy_->next(now);
  if (!ref) return false;
  Job& job = jobs_.edit(ref);
  bool continues = ref == on_chip_.job;
  out = Instruction{};
  out.task = job.task;
  out.job = job.id;
  out.region = job.next_region;
  out.resume = !continues && job.next_region > 0;
  if (on_chip_.job && !continues) {
    const Job& previous = jobs_[on_chip_.job];
    out.preempt = true;
    out.last_task = previous.task;
    out.last_job = previous.id;
    out.last_region = on_chip_.region;
  }
  on_chip_ = {ref, job.next_region};
  ++job.next_region;
  busy_ = true;
  issued_ = now;
  if (job.next_region == job.regions) {
    policy_->complete(ref);
    --ready_;
  }
  return true;
}

}  // namespace vesper::policy
