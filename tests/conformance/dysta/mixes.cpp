#include "tests/conformance/dysta/mixes.h"

#include <cmath>
#include <numeric>

#include "schedulers/policy/estimates.h"

namespace vesper::test {
namespace {

constexpr uint32_t kOutputs = 1U << 20;  // that the monitor counts over; any layer's will do

double mean_factor(const PoissonMix& mix) {
  double sum = 0;
  for (const workload::SparsityPattern& pattern : mix.patterns) sum += pattern.factor;
  return sum / static_cast<double>(mix.patterns.size());
}

ServerTask task_of(const PoissonMix& mix, size_t model, size_t pattern, uint32_t priority) {
  const workload::SparseModel& layers = mix.models[model];
  ServerTask task{priority, {}};
  for (size_t i = 0; i < layers.layer_ps.size(); ++i) {
    double latency = policy::seconds(layers.layer_ps[i]);
    task.estimates.push_back({latency * mean_factor(mix), 0, latency * mix.patterns[pattern].factor, 0,
                              layers.sparsity[i], kOutputs});
  }
  policy::sum_up(task.estimates.data(), static_cast<uint32_t>(task.estimates.size()));
  return task;
}

}  // namespace

ServerLoad server_load(const PoissonMix& mix, uint64_t seed) {
  ServerLoad load;
  for (size_t model = 0; model < mix.models.size(); ++model) {
    for (size_t pattern = 0; pattern < mix.patterns.size(); ++pattern) {
      for (uint32_t priority : mix.priorities) load.tasks.push_back(task_of(mix, model, pattern, priority));
    }
  }
  for (const workload::SparseRequest& drawn : draw_requests(mix, seed)) {
    size_t level = 0;
    while (mix.priorities[level] != drawn.priority) ++level;
    ServerRequest request;
    request.task = static_cast<uint16_t>(
        (drawn.model * mix.patterns.size() + drawn.pattern) * mix.priorities.size() + level);
    request.arrival = drawn.arrival_ps;
    request.deadline = drawn.deadline_ps;
    request.layers = drawn.layer_ps;
    for (double sparsity : drawn.sparsity)
      request.zeros.push_back(static_cast<uint32_t>(std::llround(sparsity * kOutputs)));
    load.requests.push_back(std::move(request));
  }
  return load;
}

Service service_of(const ServerLoad& load, const std::vector<policy::Time>& finish) {
  Service service;
  policy::Time last = 0;
  auto count = static_cast<double>(finish.size());
  for (size_t i = 0; i < finish.size(); ++i) {
    const ServerRequest& request = load.requests[i];
    policy::Time isolated = std::accumulate(request.layers.begin(), request.layers.end(), policy::Time{0});
    service.antt += static_cast<double>(finish[i] - request.arrival) / static_cast<double>(isolated) / count;
    if (finish[i] > request.deadline) service.violations += 100 / count;
    last = std::max(last, finish[i]);
  }
  service.stp = count / policy::seconds(last - load.requests.front().arrival);
  return service;
}

Service mean_service(const PoissonMix& mix, const PolicyChoice& choice, uint64_t seeds) {
  Service mean;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    ServerLoad load = server_load(mix, seed);
    QueueSimulator simulator(load.tasks, load.requests);
    Service one = service_of(load, simulator.run(choice));
    mean.antt += one.antt / static_cast<double>(seeds);
    mean.violations += one.violations / static_cast<double>(seeds);
    mean.stp += one.stp / static_cast<double>(seeds);
  }
  return mean;
}

}  // namespace vesper::test
