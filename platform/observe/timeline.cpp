#include "platform/observe/timeline.h"

#include <utility>

namespace vesper::observe {
namespace {

constexpr const char* kEngineNames[] = {"load", "compute", "store", "swap"};
/// By OperationKind.
constexpr size_t kEngineOf[] = {0, 1, 2, 3, 3, 3};
static_assert(std::size(kEngineOf) == static_cast<size_t>(OperationKind::kCount));
constexpr size_t kCompute = 1;
constexpr size_t kSwap = 3;

bool runs_firmware(const RunInfo& run) { return run.placement == "software" || run.placement == "bi_level"; }

}  // namespace

Timeline::Timeline(const std::filesystem::path& path, const RunInfo& run,
                   const std::vector<std::string>& ports, const std::vector<std::string>& activities,
                   Time window)
    : activity_names_(activities),
      events_(path),
      jobs_(events_, run),
      triggers_(run),
      traffic_(events_, run, ports, window),
      levels_(events_, window) {
  add_accelerators(run);
  if (!runs_firmware(run)) return;
  const uint32_t process = events_.add_process("firmware");
  firmware_ = {events_.add_thread(process, "function"), events_.add_thread(process, "interrupts")};
}

void Timeline::add_accelerators(const RunInfo& run) {
  const uint32_t engines = events_.add_process("accelerators");
  const std::string place = run.placement.empty() ? "" : " (" + run.placement + ")";
  const uint32_t scheduler = events_.add_process("scheduler" + place);
  for (const std::string& name : run.accelerators) {
    Accelerator& accelerator = accelerators_.emplace_back();
    for (size_t i = 0; i < kEngines; ++i) {
      if (run.design && i != kCompute) continue;  // the others are activities
      accelerator.engines[i] = events_.add_thread(engines, name + " " + kEngineNames[i]);
    }
    accelerator.decisions = events_.add_thread(scheduler, "decisions for " + name);
  }
}

uint32_t Timeline::topics() const {
  return bit(Topic::job) | bit(Topic::instruction) | bit(Topic::region) | bit(Topic::operation) |
         bit(Topic::function) | bit(Topic::mark) | bit(Topic::transfer) | bit(Topic::signal) |
         bit(Topic::activity);
}

void Timeline::job_released(const JobReleased& event) {
  triggers_.job_released(event);
  jobs_.released(event);
  has_started_[event.job] = false;
}

void Timeline::job_completed(JobId job, Time at) {
  end_regions_of(job, at);
  jobs_.completed(job, at);
  has_started_.erase(job);
}

void Timeline::job_failed(JobId job, Time at) {
  end_regions_of(job, at);
  jobs_.failed(job, at);
  has_started_.erase(job);
}

void Timeline::end_regions_of(JobId job, Time at) {
  for (Accelerator& accelerator : accelerators_) {
    if (accelerator.running && accelerator.running->job == job) end_region(accelerator, at);
  }
}

void Timeline::instruction_issued(const InstructionIssued& event) {
  const std::optional<Trigger> trigger = triggers_.instruction_issued(event);
  if (event.accelerator >= accelerators_.size()) return;
  Accelerator& accelerator = accelerators_[event.accelerator];
  if (trigger) {
    events_.slice(accelerator.decisions, jobs_.name_of(event.job), trigger->at, event.at);
    const bool landmark = event.region == 0 || event.preempt || event.resume;
    if (landmark) jobs_.passed(event.job, accelerator.decisions, trigger->at, event.at, true);
  }
  if (accelerator.is_ahead) return;
  if (accelerator.running) {
    accelerator.is_ahead = true;
    accelerator.running.reset();
    return;
  }
  accelerator.running = event;
}

void Timeline::region_ended(const RegionEnded& event) {
  triggers_.region_ended(event);
  if (event.accelerator < accelerators_.size()) end_region(accelerators_[event.accelerator], event.end);
}

void Timeline::end_region(Accelerator& accelerator, Time end) {
  if (accelerator.running) jobs_.ran(*accelerator.running, end);
  accelerator.running.reset();
}

void Timeline::operation(const Operation& event) {
  if (event.accelerator >= accelerators_.size()) return;
  const size_t engine = kEngineOf[static_cast<size_t>(event.kind)];
  const TraceEvents::Track track = accelerators_[event.accelerator].engines[engine];
  const std::string job = jobs_.name_of(event.job);
  events_.slice(track, fmt::format("\"{} {}", name_of(event.kind), std::string_view(job).substr(1)),
                event.start, event.end,
                fmt::format("\"layer\":{},\"step\":{},\"bytes\":{}", event.layer, event.step, event.bytes));
  const auto started = has_started_.find(event.job);
  const bool first = started != has_started_.end() && !std::exchange(started->second, true);
  jobs_.passed(event.job, track, event.start, event.end, first || engine == kSwap);
}

void Timeline::mark(Mark mark, uint32_t value, Time at) {
  if (!firmware_) return;
  if (mark == Mark::interrupt_asserted) {
    events_.instant(firmware_->interrupts, fmt::format("\"line {} asserted\"", value), at);
  } else if (mark == Mark::vector_entered) {
    events_.instant(firmware_->interrupts, "\"vector entered\"", at);
  } else if (mark == Mark::interrupt_acknowledged) {
    events_.instant(firmware_->interrupts, fmt::format("\"line {} acknowledged\"", value), at);
  }
}

void Timeline::activity(const Activity& event) {
  while (activities_.size() <= event.track) {
    if (activities_.empty()) activity_process_ = events_.add_process("engines and memories");
    activities_.push_back(events_.add_thread(activity_process_, activity_names_[activities_.size()]));
  }
  const std::string job = jobs_.name_of(event.job);
  events_.slice(activities_[event.track], fmt::format("\"{} {}", event.what, std::string_view(job).substr(1)),
                event.start, event.end);
}

void Timeline::function_entered(const FunctionEntered& event) {
  end_function(event.at);
  function_ = Function{json_string(event.name), event.at};
}

void Timeline::end_function(Time at) {
  if (function_ && firmware_) events_.slice(firmware_->functions, function_->name, function_->since, at);
  function_.reset();
}

void Timeline::finish(Time end) {
  for (Accelerator& accelerator : accelerators_) end_region(accelerator, end);
  jobs_.finish(end);
  end_function(end);
  traffic_.finish(end);
  levels_.finish(end);
  events_.close();
}

}  // namespace vesper::observe
