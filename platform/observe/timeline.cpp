#include "platform/observe/timeline.h"

#include <algorithm>

namespace vesper::observe {
namespace {

constexpr Time kPicosecondsPerMicrosecond = 1'000'000;

enum Engine : size_t { kLoad, kCompute, kStore, kSwap, kEngines };
constexpr const char* kEngineNames[kEngines] = {"load", "compute", "store", "swap"};
constexpr Engine kEngineOf[] = {kLoad, kCompute, kStore, kSwap, kSwap, kSwap};
static_assert(std::size(kEngineOf) == static_cast<size_t>(OperationKind::kCount));

}  // namespace

Timeline::Timeline(const std::filesystem::path& path, const RunInfo& run)
    : tasks_(requester_names(run)),
      triggers_(run),
      running_(run.accelerators.size()),
      is_ahead_(run.accelerators.size()),
      file_(path) {
  for (size_t i = 0; i < run.tasks.size(); ++i) {
    is_stage_.push_back(run.tasks[i].stage.has_value());
    if (run.tasks[i].single_stream) streams_[static_cast<uint16_t>(i)];
  }
  file_.text("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
  name_tracks(run);
}

uint32_t Timeline::topics() const {
  return bit(Topic::job) | bit(Topic::instruction) | bit(Topic::region) | bit(Topic::operation) |
         bit(Topic::function) | bit(Topic::activity);
}

void Timeline::name_tracks(const RunInfo& run) {
  name_process(Process::tasks, "tasks");
  name_process(Process::accelerators, "accelerators");
  name_process(Process::scheduler, "scheduler");
  if (std::ranges::find(is_stage_, true) != is_stage_.end()) {
    name_process(Process::stages, "stages");
    name_process(Process::engines, "engines and memories");
  }
  for (size_t i = 0; i < run.tasks.size(); ++i) name_thread(track_of(static_cast<uint16_t>(i)), tasks_[i]);
  for (size_t i = 0; i < run.accelerators.size(); ++i) {
    const std::string& name = run.accelerators[i];
    name_thread({Process::scheduler, i}, "decisions for " + name);
    for (size_t engine = 0; engine < kEngines; ++engine) {
      if (run.design && engine != kCompute) continue;
      name_thread({Process::accelerators, i * kEngines + engine}, name + " " + kEngineNames[engine]);
    }
  }
  if (run.placement != "software" && run.placement != "bi_level") return;
  name_process(Process::firmware, "firmware");
  name_thread({Process::firmware, 0}, "function");
}

void Timeline::name_process(Process process, const char* name) {
  begin_event('M', {process, 0}, "\"process_name\"");
  file_.print(",\"args\":{{\"name\":\"{}\"}}}}", name);
}

void Timeline::name_thread(Track track, const std::string& name) {
  begin_event('M', track, "\"thread_name\"");
  file_.print(",\"args\":{{\"name\":{}}}}}", json_string(name));
}

void Timeline::begin_event(char phase, Track track, const std::string& quoted_name) {
  if (!first_) file_.text(",\n");
  first_ = false;
  file_.print("{{\"ph\":\"{}\",\"pid\":{},\"tid\":{},\"name\":{}", phase,
              static_cast<unsigned>(track.process) + 1, track.thread + 1, quoted_name);
}

void Timeline::time(const char* key, Time time) {
  file_.print(",\"{}\":{}.{:06}", key, time / kPicosecondsPerMicrosecond, time % kPicosecondsPerMicrosecond);
}

void Timeline::slice(Track track, const std::string& quoted_name, Time start, Time end) {
  begin_event('X', track, quoted_name);
  time("ts", start);
  time("dur", std::max(start, end) - start);
  file_.character('}');
}

std::string Timeline::job_name(JobId job) const {
  return json_string(fmt::format("{} {}", name_at(tasks_, job.task, "task"), job.job));
}

Timeline::Track Timeline::track_of(uint16_t task) const {
  bool stage = task < is_stage_.size() && is_stage_[task];
  return {stage ? Process::stages : Process::tasks, task};
}

void Timeline::job_edge(char phase, JobId job, Time at) {
  begin_event(phase, track_of(job.task), job_name(job));
  time("ts", at);
  file_.print(",\"cat\":\"job\",\"id\":\"{}.{}\"}}", job.task, job.job);
}

void Timeline::job_released(const JobReleased& event) {
  triggers_.job_released(event);
  const auto stream = streams_.find(event.job.task);
  auto of_task = [&](JobId job) { return job.task == event.job.task; };
  if (stream != streams_.end() && std::ranges::any_of(open_, of_task)) {
    stream->second.push_back(event.job);
  } else {
    open(event.job, event.release);
  }
}

void Timeline::open(JobId job, Time at) {
  job_edge('b', job, at);
  open_.push_back(job);
}

void Timeline::job_completed(JobId job, Time at) {
  if (std::erase(open_, job) == 0) return;
  job_edge('e', job, at);
  const auto stream = streams_.find(job.task);
  if (stream == streams_.end() || stream->second.empty()) return;
  open(stream->second.front(), at);
  stream->second.pop_front();
}

void Timeline::instruction_issued(const InstructionIssued& event) {
  if (auto trigger = triggers_.instruction_issued(event)) {
    slice({Process::scheduler, event.accelerator}, job_name(event.job), trigger->at, event.at);
  }
  if (event.accelerator >= running_.size() || is_ahead_[event.accelerator]) return;
  if (running_[event.accelerator]) {
    is_ahead_[event.accelerator] = true;
    running_[event.accelerator].reset();
    return;
  }
  running_[event.accelerator] = event;
}

void Timeline::region_ended(const RegionEnded& event) {
  triggers_.region_ended(event);
  if (event.accelerator < running_.size()) end_region(running_[event.accelerator], event.end);
}

void Timeline::end_region(std::optional<InstructionIssued>& region, Time end) {
  if (!region) return;
  std::string name = fmt::format("\"region {}{}\"", region->region, region->preempt ? " (preempts)" : "");
  slice(track_of(region->job.task), name, region->at, end);
  region.reset();
}

void Timeline::operation(const Operation& event) {
  size_t thread = event.accelerator * size_t{kEngines} + kEngineOf[static_cast<size_t>(event.kind)];
  std::string name = json_string(
      fmt::format("{} {} {}", name_of(event.kind), name_at(tasks_, event.job.task, "task"), event.job.job));
  slice({Process::accelerators, thread}, name, event.start, event.end);
}

void Timeline::activity(const Activity& event) {
  std::string name = json_string(
      fmt::format("{} {} {}", event.what, name_at(tasks_, event.job.task, "task"), event.job.job));
  slice({Process::engines, event.track}, name, event.start, event.end);
}

void Timeline::function_entered(const FunctionEntered& event) {
  end_function(event.at);
  function_ = Function{json_string(event.name), event.at};
}

void Timeline::end_function(Time at) {
  if (function_) slice({Process::firmware, 0}, function_->name, function_->since, at);
  function_.reset();
}

void Timeline::finish(Time end, std::span<const std::string> tracks) {
  for (size_t i = 0; i < tracks.size(); ++i) name_thread({Process::engines, i}, tracks[i]);
  for (auto& region : running_) end_region(region, end);
  for (JobId job : open_) job_edge('e', job, end);
  end_function(end);
  file_.text("\n]}\n");
  file_.close();
}

}  // namespace vesper::observe
