// Least laxity first (Mok, 1983): the job runs that can wait least, its laxity being the time to its deadline
// less the time it still takes. What it still takes is its time alone, in proportion to the regions left. The
// laxity of a job that waits shrinks, so that all are looked at in each decision.
#include "schedulers/policy/policy.h"

namespace {

using namespace vesper::policy;

class LeastLaxity final : public Policy {
 public:
  LeastLaxity(const JobTable& table, const double* values)
      : Policy(table), hysteresis_(static_cast<int64_t>(values[0] * 1e6)) {}

  void release(JobRef job) override { ready_[count_++] = job; }
  void region_done(JobRef job, const Feedback&) override { running_ = job; }

  JobRef next(Time now) override {
    JobRef best;
    int64_t least = 0;
    for (uint16_t i = 0; i < count_; ++i) {
      const int64_t own = laxity(jobs()[ready_[i]], now) - (ready_[i] == running_ ? hysteresis_ : 0);
      if (best && (own > least || (own == least && !before(ready_[i], best)))) continue;
      best = ready_[i];
      least = own;
    }
    work_.scores += count_;
    return best;
  }

  void complete(JobRef job) override {
    uint16_t i = 0;
    while (!(ready_[i] == job)) ++i;
    ready_[i] = ready_[--count_];
    running_ = {};
  }

  [[nodiscard]] JobRef queued(uint16_t i) const override { return i < count_ ? ready_[i] : JobRef{}; }

  [[nodiscard]] bool weigh(JobRef job, Time now, Weighed& out) const override {
    out.score = static_cast<double>(laxity(jobs()[job], now)) * 1e-12;
    return true;
  }

 private:
  static int64_t laxity(const Job& job, Time now) {
    const uint64_t left = job.isolated_estimate / job.regions * (job.regions - job.next_region);
    return static_cast<int64_t>(job.deadline) - static_cast<int64_t>(now) - static_cast<int64_t>(left);
  }
  [[nodiscard]] bool before(JobRef a, JobRef b) const { return jobs()[a].arrival < jobs()[b].arrival; }

  JobRef ready_[kMaxJobs];
  uint16_t count_ = 0;
  JobRef running_;
  int64_t hysteresis_;  // picoseconds
};

constexpr ParameterInfo kParameters[] = {
    {"hysteresis", 0, 0, 1e6, "microseconds of laxity that the job that runs is ahead, against thrashing"}};

VESPER_POLICY(LeastLaxity, "least_laxity", "least laxity first", {.parameters = kParameters});

}  // namespace
