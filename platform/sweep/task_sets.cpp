#include "platform/sweep/task_sets.h"

namespace vesper::sweep {
namespace {

std::map<std::string, TaskSetGenerator>& registry() {
  static std::map<std::string, TaskSetGenerator> generators;
  return generators;
}

}  // namespace

const std::map<std::string, TaskSetGenerator>& task_set_generators() { return registry(); }

TaskSetRegistration::TaskSetRegistration(TaskSetGenerator generator) {
  std::string name = generator.name;
  registry()[name] = std::move(generator);
}

}  // namespace vesper::sweep
