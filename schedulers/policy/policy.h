/// An on-line scheduling policy: told of releases, feedback and completions, asked for the next job.
///
/// The same object runs as firmware on the modelled CPU, inside the PL scheduler block and in zero time. It
/// does not know where: what its data structures did is counted in Work, which the hardware block turns into
/// cycles and firmware ignores. Freestanding C++20.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <new>

#include "schedulers/policy/job.h"

namespace vesper::policy {

/// What a policy that scores jobs makes of one.
struct Weighed {
  double score = 0;  ///< the least runs
  double gamma = 1;  ///< its sparsity coefficient
};

/// What a policy's structures did since the counters were last taken.
struct Work {
  uint32_t levels_up = 0;    ///< heap levels an insertion moved up
  uint32_t levels_down = 0;  ///< heap levels a removal moved down
  uint32_t scores = 0;       ///< scores computed
  uint32_t gammas = 0;       ///< sparsity coefficients computed
  uint32_t gamma_terms = 0;  ///< earlier coefficients that entered their means
};

class Policy {
 public:
  explicit Policy(const JobTable& jobs) : jobs_(jobs) {}
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  /// The static level of a policy that has one: the job's score before anything is known of its run. Asked
  /// once on arrival, maybe elsewhere than the rest of the policy; of the job nothing but what it brings
  /// along.
  virtual double static_score(const Job& /*job*/) { return 0; }
  /// A job became ready.
  virtual void release(JobRef job) = 0;
  /// A region of the job ended and more are to come; `job.next_region` counts it already.
  virtual void region_done(JobRef /*job*/, const Feedback&) {}
  /// The job that should run next, or none when no job is ready. Must not change which job that is.
  virtual JobRef next(Time now) = 0;
  /// The job's last region has been handed out: it leaves the queue.
  virtual void complete(JobRef job) = 0;

  /// The `i`-th entry of the ready queue in the structure's own order, for waves; none past the end.
  [[nodiscard]] virtual JobRef queued(uint16_t i) const = 0;

  /// What it makes of a queued job at `now`, for waves; false where it computes no scores.
  [[nodiscard]] virtual bool weigh(JobRef /*job*/, Time /*now*/, Weighed& /*out*/) const { return false; }

  /// The counters since the last call.
  Work take_work() {
    Work done = work_;
    work_ = Work{};
    return done;
  }

 protected:
  ~Policy() = default;  // lives in static or caller-owned storage and is never destroyed through this type
  [[nodiscard]] const JobTable& jobs() const { return jobs_; }
  Work work_;

 private:
  const JobTable& jobs_;
};

/// A parameter of a policy, set under `scheduler.parameters`.
struct ParameterInfo {
  const char* name;
  double default_value;
  double least;
  double most;
  const char* help;
  /// Null: a number. Else the names that stand for 0, 1, ... up to `most`, with a space between two.
  const char* choices = nullptr;
};

constexpr const char* kSwitch = "false true";

/// Values for all parameters of a policy under one name, in the parameters' order: `preset: artifact`.
struct PresetInfo {
  const char* name;
  const double* values;
  const char* help;
};

/// Room for any policy object: 128 KiB with a queue of 512 jobs.
constexpr size_t kPolicyStorage = size_t{256} * kMaxJobs;

/// A constant array of any length.
template <class T>
struct Table {
  const T* entries = nullptr;
  size_t count = 0;
  constexpr Table() = default;
  template <size_t N>
  constexpr Table(const T (&array)[N]) : entries(array), count(N) {}
};

/// What a policy has besides its name.
struct PolicyTraits {
  Table<ParameterInfo> parameters = {};
  Table<PresetInfo> presets = {};
  bool reads_monitor = false;  ///< looks at Feedback::monitored
};

/// Makes a policy over a table of jobs in storage of its size, from the values of its parameters.
using PolicyMaker = Policy* (*)(void* storage, const JobTable& jobs, const double* parameters);

/// How a policy is found and made; one static object a policy, linked into a list before main.
struct PolicyInfo {
  const char* name;
  const char* help;
  const ParameterInfo* parameters;
  size_t parameter_count;
  size_t size;
  PolicyMaker make;
  const PresetInfo* presets;
  size_t preset_count;
  bool reads_monitor;
  const PolicyInfo* next = nullptr;

  PolicyInfo(const char* name_, const char* help_, size_t size_, PolicyMaker make_,
             const PolicyTraits& traits = {});

  /// Null when there is none of that name.
  [[nodiscard]] const PresetInfo* find_preset(const char* preset) const;
};

/// The registered policies, as a linked list.
const PolicyInfo* first_policy();
/// Null when there is none of that name.
const PolicyInfo* find_policy(const char* name);

/// A policy that is constructed from the job table, or from that and the values of its parameters.
template <class Class>
Policy* make_policy(void* storage, const JobTable& jobs, const double* values) {
  static_assert(sizeof(Class) <= kPolicyStorage);
  if constexpr (requires { Class(jobs, values); }) {
    return ::new (storage) Class(jobs, values);
  } else {
    return ::new (storage) Class(jobs);
  }
}

/// Registers a policy; PolicyTraits may follow:
///
///     VESPER_POLICY(Edf, "edf", "earliest deadline first");
///     VESPER_POLICY(Prema, "prema", "...", {.parameters = kParameters, .presets = kPresets});
#define VESPER_POLICY(Class, policy_name, help, ...)                                                  \
  static const ::vesper::policy::PolicyInfo vesper_policy_##Class {                                   \
    policy_name, help, sizeof(Class), ::vesper::policy::make_policy<Class> __VA_OPT__(, ) __VA_ARGS__ \
  }

}  // namespace vesper::policy
