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

struct RunTask {
  std::string name;
  Time isolated = 0;           ///< time of a job alone on the platform; 0: unknown, left out of ANTT and STP
  bool single_stream = false;  ///< a job counts as released when the one before it ends
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

struct RunInfo {
  std::string scenario;
  uint64_t seed = 1;
  std::string placement;  ///< software, hardware, bi_level or ideal
  std::string policy;
  std::vector<PlacedPoints> preemption_points;  ///< empty unless the scenario has them placed
  std::vector<RunTask> tasks;
  std::vector<std::string> other_requesters;  ///< numbered after the tasks: traffic generators, the CPU
  std::vector<std::string> accelerators = {"accelerator"};
  InterruptLines interrupts;
  std::string effective_yaml;
};

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
