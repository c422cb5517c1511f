/// Requests of several layers at one server: a policy and the dispatcher in zero time, without SystemC.
///
/// At the end of every layer, and whenever the server idles, the arrivals up to that instant are released in
/// order of arrival and the policy is asked; a layer takes exactly its time. A region is a layer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "schedulers/policy/dispatcher.h"

namespace vesper::test {

struct ServerRequest {
  uint16_t task = 0;
  policy::Time arrival = 0;
  policy::Time deadline = 0;  ///< absolute
  std::vector<policy::Time> layers;
  std::vector<uint32_t> zeros;  ///< the monitor's reading after each layer
};

/// A task: what its requests have in common.
struct ServerTask {
  uint32_t weight = 1;
  std::vector<policy::RegionEstimate> estimates;
};

struct PolicyChoice {
  std::string name;
  std::string preset;  ///< none: the defaults
  std::vector<std::pair<std::string, double>> set;
};

class QueueSimulator {
 public:
  /// `requests` in order of arrival, of at most policy::kMaxTasks tasks; both outlive this.
  QueueSimulator(const std::vector<ServerTask>& tasks, const std::vector<ServerRequest>& requests);

  /// When each request ends.
  std::vector<policy::Time> run(const PolicyChoice& choice);
  /// At how many decisions of a run under `choice` the policy `other`, told of the same, would choose another
  /// job.
  uint64_t compare(const PolicyChoice& choice, const PolicyChoice& other);

  [[nodiscard]] uint64_t decisions() const { return decisions_; }
  /// Mean number of ready jobs at a decision.
  [[nodiscard]] double mean_queue() const;

 private:
  std::vector<policy::Time> serve(policy::Dispatcher& dispatcher);
  void release_up_to(policy::Dispatcher& dispatcher, policy::Time now);

  const std::vector<ServerRequest>& requests_;
  std::vector<policy::TaskParameters> tasks_;
  std::vector<std::vector<size_t>> jobs_;       // request of each job, by task
  std::vector<std::vector<double>> true_left_;  // by request
  std::vector<std::vector<policy::TrueTimes>> true_left_of_task_;
  std::vector<uint32_t> job_of_request_;
  size_t released_ = 0;
  uint64_t decisions_ = 0;
  uint64_t queued_ = 0;
};

/// The policy's values for a choice, in the order of its parameters; throws std::invalid_argument on an
/// unknown policy, preset or parameter.
std::vector<double> values_of(const PolicyChoice& choice);

}  // namespace vesper::test
