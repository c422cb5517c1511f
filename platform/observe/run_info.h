/// What observers are told of a run before it starts.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "platform/observe/observer.h"

namespace vesper::observe {

/// The deadline of a job that has none: it is never missed.
constexpr Time kNoDeadline = std::numeric_limits<Time>::max();

/// What a task is that stands for a stage of another one on a spatial design: its jobs are visits of the
/// stage.
struct RunStage {
  uint16_t task = 0;  ///< of which it is a stage
  std::string name;
  uint16_t accelerator = 0;  ///< where it runs
  uint32_t visits = 1;       ///< of one job of `task`: visit v belongs to job v / visits
};

struct RunTask {
  std::string name;
  Time isolated = 0;           ///< time of a job alone on the platform; 0: unknown, left out of ANTT and STP
  bool single_stream = false;  ///< a job counts as released when the one before it ends
  std::optional<RunStage> stage = {};
  bool runs_in_stages = false;  ///< it has no instructions of its own: its stages have
};

/// What became of a wish for placed preemption points on one accelerator.
struct PlacedPoints {
  std::string accelerator;
  bool placed = false;  ///< else all points were kept
  std::string verdict;  ///< of the schedulability analysis
};

/// Numbers of the interrupts that bring a software scheduler its work, as in Mark::interrupt_asserted.
struct InterruptLines {
  std::optional<uint32_t> release;
  std::optional<uint32_t> feedback;
};

/// The way of an operator's result on a spatial design.
struct RunForwarding {
  std::string task;
  std::string stage;  ///< of the operator; `input` for the task's input
  std::string from;   ///< accelerator; `input` for the task's input
  std::string to;     ///< accelerator; `output` for the task's result
  uint64_t bytes = 0;
  bool on_chip = true;  ///< else through DDR
  Time exposed = 0;     ///< time on chip that nothing hides
  std::string reason;   ///< why through DDR or exposed
};

/// What a device has of something, and what the design takes of it.
struct RunResource {
  std::string name;
  uint64_t used = 0;
  uint64_t available = 0;
};

struct RunDesign {
  std::vector<RunForwarding> forwarding;
  std::vector<RunResource> resources;
};

struct RunInfo {
  std::string scenario;
  uint64_t seed = 1;
  std::string placement;  ///< software, hardware, bi_level or ideal
  std::string policy;
  std::vector<PlacedPoints> preemption_points;  ///< empty unless the scenario has them placed
  std::vector<RunTask> tasks;                   ///< the user's, then their stages
  std::vector<std::string> other_requesters;    ///< numbered after the tasks: traffic generators, the CPU
  std::vector<std::string> accelerators = {"accelerator"};
  std::vector<InterruptLines> interrupts;  ///< by accelerator
  std::optional<RunDesign> design;         ///< of spatial accelerators
  std::string effective_yaml;
};

/// The job that a user has asked for: of a visit of a stage, the one that it belongs to.
JobId job_of_user(const std::vector<RunTask>& tasks, JobId job);

/// Names of tasks, then of the other requesters.
std::vector<std::string> requester_names(const RunInfo& run);
/// The name at `index`, or `<kind><index>` if there is none.
std::string name_at(const std::vector<std::string>& names, size_t index, const char* kind);

/// Names by index as fields of a CSV file, quoted once.
class CsvNames {
 public:
  CsvNames(const std::vector<std::string>& names, const char* kind);
  const std::string& operator[](size_t index);

 private:
  const char* kind_;
  std::vector<std::string> fields_;
};

}  // namespace vesper::observe
