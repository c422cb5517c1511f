#include "platform/observe/step_log.h"

namespace vesper::observe {

StepLog::StepLog(const std::filesystem::path& path, const RunInfo& run)
    : tasks_(requester_names(run), "task"),
      accelerators_(run.accelerators, "accelerator"),
      table_(path, "accelerator,task,job,layer,step,operation,start_s,cycles,bytes") {}

void StepLog::operation(const Operation& event) {
  table_.text(accelerators_[event.accelerator]).text(tasks_[event.job.task]).number(event.job.job);
  table_.number(event.layer).number(event.step).text(name_of(event.kind));
  table_.seconds(event.start).number(event.cycles).number(event.bytes).end_row();
}

}  // namespace vesper::observe
