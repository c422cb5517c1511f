#include "models/scheduler/checked_policy.h"

#include <fmt/format.h>

#include "models/core/guard.h"
#include "models/core/sim_error.h"

namespace vesper::scheduler {

using policy::JobRef;

template <class Call>
void CheckedPolicy::shield(const char* function, Call&& call) const {
  try {
    call();
  } catch (...) {
    core::fail_simulation(fmt::format("{} threw in {}: {} {}", name_, function, core::words_of_exception(),
                                      core::at_present()));
  }
}

void CheckedPolicy::count() {
  const policy::Work done = inner_.take_work();
  work_.levels_up += done.levels_up;
  work_.levels_down += done.levels_down;
  work_.scores += done.scores;
  work_.gammas += done.gammas;
  work_.gamma_terms += done.gamma_terms;
}

double CheckedPolicy::static_score(const policy::Job& job) {
  double score = 0;
  shield("static_score", [&] { score = inner_.static_score(job); });
  return score;
}

void CheckedPolicy::release(JobRef job) {
  ready_.set(job.slot);
  shield("release", [&] { inner_.release(job); });
  count();
}

void CheckedPolicy::region_done(JobRef job, const policy::Feedback& feedback) {
  shield("region_done", [&] { inner_.region_done(job, feedback); });
  count();
}

JobRef CheckedPolicy::next(policy::Time now) {
  JobRef chosen;
  shield("next", [&] { chosen = inner_.next(now); });
  count();
  if (!core::failure_message().empty()) return {};
  if (!chosen) {
    if (ready_.any())
      core::fail_simulation(
          fmt::format("{} chose no job, while {} are ready, {}", name_, ready_.count(), core::at_present()));
    return {};
  }
  if (chosen.slot < ready_.size() && ready_.test(chosen.slot)) return chosen;
  core::fail_simulation(fmt::format("{} chose a job that is not in its queue (slot {}) {}", name_,
                                    chosen.slot, core::at_present()));
  return {};
}

void CheckedPolicy::complete(JobRef job) {
  ready_.reset(job.slot);
  shield("complete", [&] { inner_.complete(job); });
  count();
}

JobRef CheckedPolicy::queued(uint16_t i) const {
  JobRef job;
  shield("queued", [&] { job = inner_.queued(i); });
  return job.slot < policy::kJobSlots ? job : JobRef{};
}

bool CheckedPolicy::weigh(JobRef job, policy::Time now, policy::Weighed& out) const {
  bool weighs = false;
  shield("weigh", [&] { weighs = inner_.weigh(job, now, out); });
  return weighs;
}

}  // namespace vesper::scheduler
