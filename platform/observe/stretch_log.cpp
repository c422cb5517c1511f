#include "platform/observe/stretch_log.h"

#include <algorithm>

namespace vesper::observe {

StretchLog::StretchLog(const std::filesystem::path& path, const RunInfo& run)
    : tasks_(requester_names(run), "task"),
      names_(run.accelerators, "accelerator"),
      accelerators_(run.accelerators.size()),
      table_(path, "accelerator,task,job,start_s,end_s,regions,scheduler_s,swap_s,compute_s,stall_s") {}

void StretchLog::instruction_issued(const InstructionIssued& event) {
  if (event.accelerator < accelerators_.size()) accelerators_[event.accelerator].issued.push_back(event.at);
}

void StretchLog::region_ended(const RegionEnded& event) {
  if (event.accelerator >= accelerators_.size()) return;
  Accelerator& accelerator = accelerators_[event.accelerator];
  if (accelerator.issued.empty()) return;
  const Time begin = std::max(accelerator.issued.front(), accelerator.last_end);
  accelerator.issued.pop_front();
  accelerator.last_end = event.end;
  if (accelerator.stretch && accelerator.stretch->job != event.job) write(event.accelerator);
  add_region(accelerator, event, begin);
  if (event.last) write(event.accelerator);
}

void StretchLog::add_region(Accelerator& accelerator, const RegionEnded& event, Time begin) {
  if (!accelerator.stretch) accelerator.stretch = Stretch{event.job, begin, begin, 0, 0, 0, 0};
  Stretch& stretch = *accelerator.stretch;
  stretch.scheduler += begin - stretch.end;
  stretch.end = std::max(begin, event.end);
  ++stretch.regions;
  // Shares are rounded each by itself and may be a picosecond more than their sum.
  const Time swap = std::min(event.swap, stretch.end - begin);
  stretch.swap += swap;
  stretch.compute += std::min(event.compute, stretch.end - begin - swap);
}

void StretchLog::write(size_t accelerator) {
  const Stretch& s = *accelerators_[accelerator].stretch;
  table_.text(names_[accelerator]).text(tasks_[s.job.task]).number(s.job.job);
  table_.seconds(s.start).seconds(s.end).number(s.regions);
  table_.seconds(s.scheduler).seconds(s.swap).seconds(s.compute);
  table_.seconds(s.end - s.start - s.scheduler - s.swap - s.compute).end_row();
  accelerators_[accelerator].stretch.reset();
}

void StretchLog::finish() {
  for (size_t i = 0; i < accelerators_.size(); ++i) {
    if (accelerators_[i].stretch) write(i);
  }
  table_.close();
}

}  // namespace vesper::observe
