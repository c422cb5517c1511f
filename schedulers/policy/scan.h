/// A policy that looks at every ready job at each decision, O(n): the queue in order of acceptance, and the
/// rule by which the best of it is found.
#pragma once

#include "schedulers/policy/policy.h"

namespace vesper::policy {

class ScanPolicy : public Policy {
 public:
  explicit ScanPolicy(const JobTable& table) : Policy(table) {}
  void release(JobRef job) override { queue_[size_++] = job; }
  void complete(JobRef job) final {
    uint16_t i = 0;
    while (i < size_ && !(queue_[i] == job)) ++i;
    if (i == size_) return;
    for (--size_; i < size_; ++i) queue_[i] = queue_[i + 1];
  }
  [[nodiscard]] JobRef queued(uint16_t i) const final { return i < size_ ? queue_[i] : JobRef{}; }

 protected:
  ~ScanPolicy() = default;
  [[nodiscard]] uint16_t size() const { return size_; }

  /// The job of least score, the one accepted first among equals. `score(job, ref)`.
  template <class Score>
  JobRef least(Score score) {
    work_.scores += size_;
    if (size_ == 0) return {};
    JobRef best = queue_[0];
    auto best_score = score(jobs()[best], best);
    for (uint16_t i = 1; i < size_; ++i) {
      auto candidate = score(jobs()[queue_[i]], queue_[i]);
      if (!(candidate < best_score)) continue;
      best = queue_[i];
      best_score = candidate;
    }
    return best;
  }

  /// The job of largest score, the one accepted first among equals.
  template <class Score>
  JobRef most(Score score) {
    return least([&](const Job& job, JobRef ref) { return -score(job, ref); });
  }

  /// The choice of the code published with Sparse-Dysta (MICRO 2023) for SDRM3 and Planaria: as long as the
  /// best score so far is negative, any later job is taken instead; of equals the one accepted first.
  template <class Score>
  JobRef most_as_published(Score score) {
    work_.scores += size_;
    JobRef best;
    double best_score = -1;
    for (uint16_t i = 0; i < size_; ++i) {
      double candidate = score(jobs()[queue_[i]], queue_[i]);
      if (best_score >= 0 && candidate <= best_score) continue;
      if (best && candidate == best_score) continue;
      best = queue_[i];
      best_score = candidate;
    }
    return best;
  }

 private:
  JobRef queue_[kMaxJobs];
  uint16_t size_ = 0;
};

}  // namespace vesper::policy
