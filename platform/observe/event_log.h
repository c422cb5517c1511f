/// What happens in a run as lines of a log, in levels by place in the hierarchy (LogLevels).
///
/// Places    `jobs.<task>`; `scheduler` (decisions); each accelerator and its engines
///           (`accelerator.compute`); memory ports; `interrupts`; `firmware`; whoever speaks by topic log;
///           every traced signal by its path and group.
/// Levels    error  a job failed
///           warn   a deadline was missed (told at the first event after it)
///           info   what firmware and models say
///           debug  releases, completions, instructions, ends of regions, interrupts
///           trace  operations, transfers, firmware functions, changes of signals
/// A line    `debug   12.345678 us scheduler: ...`, by spdlog, in the order in which things are told: a line
///           for the future stands where it was told.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "platform/observe/log_levels.h"
#include "platform/observe/run_info.h"

namespace spdlog {
class logger;
}

namespace vesper::observe {

class EventLog final : public Observer {
 public:
  /// Lines go to `logger`. `ports`: ObserverHub::ports().
  EventLog(const RunInfo& run, LogLevels levels, std::shared_ptr<spdlog::logger> logger,
           const std::vector<std::string>& ports);

  [[nodiscard]] uint32_t topics() const override;
  void job_released(const JobReleased& event) override;
  void job_completed(JobId job, Time at) override;
  void job_failed(JobId job, Time at) override;
  void instruction_issued(const InstructionIssued& event) override;
  void region_ended(const RegionEnded& event) override;
  void operation(const Operation& event) override;
  void transfer(const Transfer& event) override;
  void mark(Mark mark, uint32_t value, Time at) override;
  void function_entered(const FunctionEntered& event) override;
  void log(std::string_view source, std::string_view line, Time at) override;
  bool signal_declared(uint32_t id, const SignalInfo& info) override;
  void signal_changed(uint32_t id, uint64_t value, Time at) override;
  void signal_changed(uint32_t id, std::string_view text, Time at) override;

 private:
  /// Writes the line that `text()` makes, if it is wanted.
  template <class Text>
  void line(LogLevel level, std::string_view place, Time at, Text&& text);
  void write(LogLevel level, std::string_view place, Time at, std::string_view text);
  void pass(Time now);
  [[nodiscard]] std::string name_of(JobId job) const;
  [[nodiscard]] std::string place_of(JobId job) const;
  [[nodiscard]] std::string accelerator(uint16_t index) const;

  LogLevels levels_;
  std::shared_ptr<spdlog::logger> logger_;
  std::vector<std::string> names_;
  std::vector<std::string> accelerators_;
  const std::vector<std::string>& ports_;
  std::set<std::pair<Time, JobId>> due_;  ///< deadlines of unfinished jobs
  std::vector<SignalInfo> signals_;       ///< by id
};

/// A logger on standard error, in colour on a terminal.
std::shared_ptr<spdlog::logger> terminal_logger();

}  // namespace vesper::observe
