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

}  // namespace

std::vector<double> values_of(const PolicyChoice& choice) {
  const policy::PolicyInfo* info = policy::find_policy(choice.name.c_str());
  if (info == nullptr) throw std::invalid_argument("no policy " + choice.name);
  std::vector<double> values;
  const policy::PresetInfo* preset = info->find_preset(choice.preset.c_str());
  if (!choice.preset.empty() && preset == nullptr && info->parameter_count > 0) {
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

std::vector<policy::Time> QueueSimulator::run(
    const PolicyChoice& choice,
    const std::function<void(const policy::Dispatcher&, policy::Time now)>& decided) {
  auto dispatcher = std::make_unique<policy::Dispatcher>(tasks_.data(), static_cast<uint16_t>(tasks_.size()));
  std::vector<double> values = values_of(choice);
  const policy::PolicyInfo* info = policy::find_policy(choice.name.c_str());
  auto storage = std::make_unique<std::byte[]>(info->size);
  dispatcher->use(*info->make(storage.get(), dispatcher->jobs(), values.data()));

  std::vector<policy::Time> finish(requests_.size());
  released_ = decisions_ = queued_ = 0;
  policy::Time now = 0;
  policy::Instruction instruction;
  for (;;) {
    release_up_to(*dispatcher, now);
    if (decided) decided(*dispatcher, now);
    uint16_t ready = dispatcher->jobs().used();
    if (!dispatcher->next(now, instruction)) {
      if (released_ == requests_.size()) return finish;
      now = requests_[released_].arrival;
      continue;
    }
    ++decisions_;
    queued_ += ready;
    size_t index = jobs_[instruction.task][instruction.job];
    const ServerRequest& request = requests_[index];
    now += request.layers[instruction.region];
    dispatcher->region_done({now, request.zeros[instruction.region]});
    if (instruction.region + 1 == request.layers.size()) finish[index] = now;
  }
}

}  // namespace vesper::test
