#include "platform/observe/event_log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace vesper::observe {

EventLog::EventLog(const RunInfo& run, LogLevels levels, std::shared_ptr<spdlog::logger> logger,
                   const std::vector<std::string>& ports)
    : levels_(std::move(levels)),
      logger_(std::move(logger)),
      names_(requester_names(run)),
      accelerators_(run.accelerators),
      ports_(ports) {}

uint32_t EventLog::topics() const {
  constexpr uint32_t kInfo = bit(Topic::log) | bit(Topic::job);
  constexpr uint32_t kDebug = bit(Topic::instruction) | bit(Topic::region) | bit(Topic::mark);
  constexpr uint32_t kTrace =
      bit(Topic::operation) | bit(Topic::transfer) | bit(Topic::function) | bit(Topic::signal);
  const LogLevel lowest = levels_.lowest();
  return kInfo | (lowest <= LogLevel::debug ? kDebug : 0) | (lowest <= LogLevel::trace ? kTrace : 0);
}

template <class Text>
void EventLog::line(LogLevel level, std::string_view place, Time at, Text&& text) {
  if (level >= levels_.of(place)) write(level, place, at, text());
}

void EventLog::write(LogLevel level, std::string_view place, Time at, std::string_view text) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::trace, spdlog::level::debug,
                                                   spdlog::level::info, spdlog::level::warn,
                                                   spdlog::level::err};
  logger_->log(kLevels[static_cast<size_t>(level)], "{}.{:06} us {}: {}", at / 1'000'000, at % 1'000'000,
               place, text);
}

std::string EventLog::name_of(JobId job) const {
  return fmt::format("{} {}", name_at(names_, job.task, "task"), job.job);
}

std::string EventLog::place_of(JobId job) const { return "jobs." + name_at(names_, job.task, "task"); }

std::string EventLog::accelerator(uint16_t index) const {
  return name_at(accelerators_, index, "accelerator");
}

/// Deadlines before `now` have been missed by jobs that are still unfinished.
void EventLog::pass(Time now) {
  while (!due_.empty() && due_.begin()->first < now) {
    const auto [deadline, job] = *due_.begin();
    due_.erase(due_.begin());
    line(LogLevel::warn, place_of(job), now, [&, deadline = deadline, job = job] {
      return fmt::format("{} missed its deadline at {}.{:06} us", name_of(job), deadline / 1'000'000,
                         deadline % 1'000'000);
    });
  }
}

void EventLog::job_released(const JobReleased& event) {
  pass(event.release);
  if (event.deadline != kNoDeadline) due_.insert({event.deadline, event.job});
  line(LogLevel::debug, place_of(event.job), event.release,
       [&] { return name_of(event.job) + " is released" + (event.late ? ", its queue is full" : ""); });
}

void EventLog::job_completed(JobId job, Time at) {
  pass(at);
  std::erase_if(due_, [&](const auto& due) { return due.second == job; });
  line(LogLevel::debug, place_of(job), at, [&] { return name_of(job) + " is complete"; });
}

void EventLog::job_failed(JobId job, Time at) {
  pass(at);
  line(LogLevel::error, place_of(job), at, [&] { return name_of(job) + " is abandoned after an error"; });
}

void EventLog::instruction_issued(const InstructionIssued& event) {
  pass(event.at);
  line(LogLevel::debug, "scheduler", event.at, [&] {
    std::string text =
        fmt::format("{} region {} on {}", name_of(event.job), event.region, accelerator(event.accelerator));
    if (event.preempt) text += ", preempting " + name_of(event.previous);
    if (event.resume) text += ", resuming";
    return text;
  });
}

void EventLog::region_ended(const RegionEnded& event) {
  pass(event.end);
  line(LogLevel::debug, accelerator(event.accelerator), event.end, [&] {
    return fmt::format("{} region {} ends{}", name_of(event.job), event.region,
                       event.last ? ", its last" : "");
  });
}

void EventLog::operation(const Operation& event) {
  const std::string place =
      fmt::format("{}.{}", accelerator(event.accelerator), observe::name_of(event.kind));
  line(LogLevel::trace, place, event.start, [&] {
    return fmt::format("{} layer {} step {}: {} cycles, {} bytes", name_of(event.job), event.layer,
                       event.step, event.cycles, event.bytes);
  });
}

void EventLog::transfer(const Transfer& event) {
  line(LogLevel::trace, name_at(ports_, event.port, "port"), event.start, [&] {
    return fmt::format("{} {} {} bytes in {} ps", name_of(event.job), event.write ? "writes" : "reads",
                       event.bytes, event.end - event.start);
  });
}

void EventLog::mark(Mark mark, uint32_t value, Time at) {
  constexpr const char* kTexts[] = {"line {} is asserted", "the vector is entered", "line {} is acknowledged",
                                    "the policy is entered", "the policy is left"};
  line(LogLevel::debug, "interrupts", at,
       [&] { return fmt::format(fmt::runtime(kTexts[static_cast<size_t>(mark)]), value); });
}

void EventLog::function_entered(const FunctionEntered& event) {
  line(LogLevel::trace, "firmware", event.at, [&] { return std::string(event.name); });
}

void EventLog::log(std::string_view source, std::string_view text, Time at) {
  line(LogLevel::info, source, at, [&] { return text; });
}

bool EventLog::signal_declared(uint32_t id, const SignalInfo& info) {
  if (levels_.of(info.path, info.group) > LogLevel::trace) return false;
  if (id >= signals_.size()) signals_.resize(id + size_t{1});
  signals_[id] = info;
  return true;
}

void EventLog::signal_changed(uint32_t id, uint64_t value, Time at) {
  const SignalInfo& signal = signals_[id];
  const bool named = value < signal.value_names.size();
  write(LogLevel::trace, signal.path, at, named ? signal.value_names[value] : std::to_string(value));
}

void EventLog::signal_changed(uint32_t id, std::string_view text, Time at) {
  write(LogLevel::trace, signals_[id].path, at, fmt::format("\"{}\"", text));
}

std::shared_ptr<spdlog::logger> terminal_logger() {
  auto logger =
      std::make_shared<spdlog::logger>("vesper", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(spdlog::level::trace);
  logger->set_pattern("%^%-7l%$ %v");
  return logger;
}

}  // namespace vesper::observe
