#include "tests/conformance/dysta/queue_simulator.h"

#include <stdexcept>

#include "schedulers/policy/estimates.h"

namespace vesper::test {
namespace {

std::vector<double> left_at_each(const std::vector<policy::Time>& layers) {
  std::vector<double> left(layers.size());
  double sum = 0;
  for (size_t i = layers.size(); i-- > 0;) left[i] = sum += policy::seconds(layers[i]);
  return left;
}

class PolicyObject {
 public:
  PolicyObject(const PolicyChoice& choice, const policy::JobTable& jobs) {
    std::vector<double> values = values_of(choice);
    const policy::PolicyInfo* info = policy::find_policy(choice.name.c_str());
    storage_ = std::make_unique<std::byte[]>(info->size);
    policy_ = info->make(storage_.get(), jobs, values.data());
  }
  [[nodiscard]] policy::Policy& policy() const { return *policy_; }

 private:
  std::unique_ptr<std::byte[]> storage_;
  policy::Policy* policy_ = nullptr;
};

/// Two policies told of the same, of which the first decides.
class Both final : public policy::Policy {
 public:
  Both(const policy::JobTable& jobs, policy::Policy& deciding, policy::Policy& asked)
      : Policy(jobs), deciding_(deciding), asked_(asked) {}
  void release(policy::JobRef job) override {
    deciding_.release(job);
    asked_.release(job);
  }
  void region_done(policy::JobRef job, const policy::Feedback& feedback) override {
    deciding_.region_done(job, feedback);
    asked_.region_done(job, feedback);
  }
  policy::JobRef next(policy::Time now) override {
    policy::JobRef chosen = deciding_.next(now);
    differ_ += asked_.next(now) == chosen ? 0 : 1;
    return chosen;
  }
  void complete(policy::JobRef job) override {
    deciding_.complete(job);
    asked_.complete(job);
  }
  [[nodiscard]] policy::JobRef queued(uint16_t i) const override { return deciding_.queued(i); }
  [[nodiscard]] uint64_t differ() const { return differ_; }

 private:
  policy::Policy& deciding_;
  policy::Policy& asked_;
  uint64_t differ_ = 0;
};

}  // namespace

std::vector<double> values_of(const PolicyChoice& choice) {
  const policy::PolicyInfo* info = policy::find_policy(choice.name.c_str());
  if (info == nullptr) throw std::invalid_argument("no policy " + choice.name);
  std::vector<double> values;
  const policy::PresetInfo* preset = info->find_preset(choice.preset.c_str());
  if (!choice.preset.empty() && preset == nullptr) {
    throw std::invalid_argument(choice.name + " has no preset " + choice.preset);
  }
  for (size_t i = 0; i < info->parameter_count; ++i) {
    values.push_back(preset != nullptr ? preset->values[i] : info->parameters[i].default_value);
  }
  for (const auto& [name, value] : choice.set) {
    size_t i = 0;
    while (i < info->parameter_count && name != info->parameters[i].name) ++i;
    if (i == info->parameter_count) throw std::invalid_argument(choice.name + " has no parameter " + name);
    values[i] = value;
  }
  return values;
}

QueueSimulator::QueueSimulator(const std::vector<ServerTask>& tasks,
                               const std::vector<ServerRequest>& requests)
    : requests_(requests), jobs_(tasks.size()), true_left_of_task_(tasks.size()) {
  true_left_.reserve(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    const ServerRequest& request = requests[i];
    true_left_.push_back(left_at_each(request.layers));
    job_of_request_.push_back(static_cast<uint32_t>(jobs_[request.task].size()));
    jobs_[request.task].push_back(i);
    true_left_of_task_[request.task].push_back(true_left_.back().data());
  }
  for (size_t i = 0; i < tasks.size(); ++i) {
    policy::TaskParameters parameters;
    parameters.regions = static_cast<uint32_t>(tasks[i].estimates.size());
    parameters.weight = tasks[i].weight;
    parameters.estimates = tasks[i].estimates.data();
    parameters.true_left = true_left_of_task_[i].data();
    tasks_.push_back(parameters);
  }
}

double QueueSimulator::mean_queue() const {
  return static_cast<double>(queued_) / static_cast<double>(decisions_);
}

void QueueSimulator::release_up_to(policy::Dispatcher& dispatcher, policy::Time now) {
  for (; released_ < requests_.size() && requests_[released_].arrival <= now; ++released_) {
    const ServerRequest& request = requests_[released_];
    if (!dispatcher.release(request.task, job_of_request_[released_], request.arrival, request.deadline))
      return;
  }
}

std::vector<policy::Time> QueueSimulator::serve(policy::Dispatcher& dispatcher) {
  std::vector<policy::Time> finish(requests_.size());
  released_ = decisions_ = queued_ = 0;
  policy::Time now = 0;
  policy::Instruction instruction;
  for (;;) {
    release_up_to(dispatcher, now);
    uint16_t ready = dispatcher.jobs().used();
    if (!dispatcher.next(now, instruction)) {
      if (released_ == requests_.size()) return finish;
      now = requests_[released_].arrival;
      continue;
    }
    ++decisions_;
    queued_ += ready;
    size_t index = jobs_[instruction.task][instruction.job];
    const ServerRequest& request = requests_[index];
    now += request.layers[instruction.region];
    dispatcher.region_done({now, request.zeros[instruction.region]});
    if (instruction.region + 1 == request.layers.size()) finish[index] = now;
  }
}

std::vector<policy::Time> QueueSimulator::run(const PolicyChoice& choice) {
  auto dispatcher = std::make_unique<policy::Dispatcher>(tasks_.data(), static_cast<uint16_t>(tasks_.size()));
  PolicyObject object(choice, dispatcher->jobs());
  dispatcher->use(object.policy());
  return serve(*dispatcher);
}

uint64_t QueueSimulator::compare(const PolicyChoice& choice, const PolicyChoice& other) {
  auto dispatcher = std::make_unique<policy::Dispatcher>(tasks_.data(), static_cast<uint16_t>(tasks_.size()));
  PolicyObject deciding(choice, dispatcher->jobs());
  PolicyObject asked(other, dispatcher->jobs());
  auto both = std::make_unique<Both>(dispatcher->jobs(), deciding.policy(), asked.policy());
  dispatcher->use(*both);
  serve(*dispatcher);
  return both->differ();
}

}  // namespace vesper::test
