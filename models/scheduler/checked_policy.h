/// A policy of a plug-in, checked: what it chooses must be in its queue, and nothing may leave it by
/// exception. The first wrong answer ends the simulation with a message that names policy and plug-in.
#pragma once

#include <bitset>
#include <string>

#include "schedulers/policy/policy.h"

namespace vesper::scheduler {

class CheckedPolicy final : public policy::Policy {
 public:
  /// `inner` outlives this. `name`: "policy 'llf' of plug-in libllf.so".
  CheckedPolicy(policy::Policy& inner, const policy::JobTable& jobs, std::string name)
      : Policy(jobs), inner_(inner), name_(std::move(name)) {}

  double static_score(const policy::Job& job) override;
  void release(policy::JobRef job) override;
  void region_done(policy::JobRef job, const policy::Feedback& feedback) override;
  policy::JobRef next(policy::Time now) override;
  void complete(policy::JobRef job) override;
  [[nodiscard]] policy::JobRef queued(uint16_t i) const override;
  [[nodiscard]] bool weigh(policy::JobRef job, policy::Time now, policy::Weighed& out) const override;

 private:
  template <class Call>
  void shield(const char* function, Call&& call) const;

  void count();

  policy::Policy& inner_;
  std::string name_;
  std::bitset<policy::kJobSlots> ready_;
};

}  // namespace vesper::scheduler
