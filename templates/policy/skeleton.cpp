// A policy is freestanding C++20: no heap memory, no exceptions, no library beyond a freestanding
// implementation's. The same source runs in the hardware block, in zero time and, by the line of
// CMakeLists.txt, as firmware.
#include "schedulers/policy/heap.h"

namespace {

using namespace vesper::policy;

/// The job with the fewest regions left runs; ties keep the order of arrival.
struct FewerRegions {
  bool operator()(const Job& a, const Job& b) const {
    return a.regions - a.next_region < b.regions - b.next_region;
  }
};

class Skeleton final : public Policy {
 public:
  Skeleton(const JobTable& jobs, const double* values)
      : Policy(jobs), heap_(jobs), preempts_(values[0] != 0) {}

  void release(JobRef job) override { heap_.push(job, work_); }
  void region_done(JobRef job, const Feedback&) override {
    heap_.remove(job, work_);
    heap_.push(job, work_);
    running_ = job;
  }
  JobRef next(Time) override { return !preempts_ && running_ ? running_ : heap_.top(); }
  void complete(JobRef job) override {
    heap_.remove(job, work_);
    running_ = {};
  }
  [[nodiscard]] JobRef queued(uint16_t i) const override { return heap_.at(i); }

 private:
  Heap<FewerRegions> heap_;
  bool preempts_;
  JobRef running_;
};

constexpr ParameterInfo kParameters[] = {
    {"preempts", 1, 0, 1, "whether a job that has begun may be preempted", kSwitch}};

VESPER_POLICY(Skeleton, "skeleton", "fewest regions left first", {.parameters = kParameters});

}  // namespace
