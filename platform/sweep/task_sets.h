/// Task-set generators of sweeps: give the tasks of a scenario their periods, and maybe their networks.
///
/// A generator is registered by name where it is written. What it draws depends on the sweep's seed and on
/// the point's values on the generator's own axes alone: points that differ elsewhere (a design, a placement)
/// have the same task sets.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "platform/property/schema.h"

namespace vesper::sweep {

/// A task's job alone on its accelerator in `fixed` memory, nothing but its operations, in cycles of the
/// accelerator's clock.
struct TaskTime {
  int64_t execution = 0;
  uint64_t clock_hz = 0;
};

/// The times of a scenario's tasks, in order.
using TaskTimes = std::function<std::vector<TaskTime>(const Node& scenario)>;

class TaskSets {
 public:
  virtual ~TaskSets() = default;
  /// Changes the tasks of the scenario. `values`: of the point on the generator's axes, by name. Throws
  /// InputError when the scenario's tasks do not suit or a value is wrong.
  virtual void generate(const std::map<std::string, std::string>& values, uint64_t seed,
                        const TaskTimes& times, Node& scenario) const = 0;
};

struct TaskSetGenerator {
  std::string name;
  std::string help;
  std::vector<PropertyInfo> axes;  ///< their values are the point's
  std::function<std::vector<PropertyInfo>()> properties;
  /// Reads the generator's properties from `generate:`.
  std::function<std::shared_ptr<const TaskSets>(const Node& generate)> make;
};

/// By name.
const std::map<std::string, TaskSetGenerator>& task_set_generators();

struct TaskSetRegistration {
  explicit TaskSetRegistration(TaskSetGenerator generator);
};

}  // namespace vesper::sweep
