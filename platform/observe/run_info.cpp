#include "platform/observe/run_info.h"

#include "platform/observe/format.h"

namespace vesper::observe {

std::vector<std::string> requester_names(const RunInfo& run) {
  std::vector<std::string> names;
  for (const RunTask& task : run.tasks) names.push_back(task.name);
  names.insert(names.end(), run.other_requesters.begin(), run.other_requesters.end());
  return names;
}

std::string name_at(const std::vector<std::string>& names, size_t index, const char* kind) {
  return index < names.size() ? names[index] : kind + std::to_string(index);
}

JobId job_of_user(const std::vector<RunTask>& tasks, JobId job) {
  if (job.task >= tasks.size() || !tasks[job.task].stage) return job;
  const RunStage& stage = *tasks[job.task].stage;
  return {stage.task, job.job / stage.visits};
}

CsvNames::CsvNames(const std::vector<std::string>& names, const char* kind) : kind_(kind) {
  for (const std::string& name : names) fields_.push_back(csv_field(name));
}

const std::string& CsvNames::operator[](size_t index) {
  while (fields_.size() <= index) fields_.push_back(name_at({}, fields_.size(), kind_));
  return fields_[index];
}

}  // namespace vesper::observe
