/// What a run left, read back: jobs, stretches, and the smaller tables.
///
/// Expects   a folder with `summary.json`, which seals a complete run, and `jobs.csv`. Everything else may be
///           missing, as runs of other options leave it out; then the report says so.
/// Tasks     are numbered in order of the summary; other requesters (traffic, the CPU) after them, as they
///           appear.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "platform/observe/summary.h"
#include "platform/report/csv_reader.h"

namespace vesper::report {

/// Names in the order they came, with their numbers.
class Names {
 public:
  uint16_t number(std::string_view name);
  [[nodiscard]] const std::vector<std::string>& all() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, uint16_t, std::less<>> numbers_;
};

struct Job {
  uint16_t task = 0;
  uint32_t number = 0;
  uint32_t preemptions = 0;
  Time release = 0;
  std::optional<Time> start, finish, deadline, isolated;
  bool missed = false;
  bool failed = false;
  bool warm_up = false;

  /// Where it stops counting: its finish, else the end of the run.
  [[nodiscard]] Time end(Time run_end) const { return finish.value_or(std::max(run_end, release)); }
};

/// As in stretches.csv.
struct Stretch {
  Time start = 0;
  Time end = 0;
  uint32_t job = 0;
  uint32_t regions = 0;
  uint16_t task = 0;
  uint16_t accelerator = 0;
  Time scheduler = 0;
  Time swap = 0;
  Time compute = 0;

  [[nodiscard]] Time stall() const { return end - start - scheduler - swap - compute; }
};

/// Who waited for whom, by place; rows and columns are requesters.
struct Waiting {
  std::string where;
  uint16_t task = 0;
  uint16_t waited_for = 0;
  Time time = 0;
};

/// A task's memory requests, summed over ports and directions.
struct MemoryTime {
  uint64_t payloads = 0;
  uint64_t bytes = 0;
  Time latency = 0;
  observe::LatencyParts parts{};
};

/// Paths and values of properties.
using Configuration = std::vector<std::pair<std::string, std::string>>;

struct RunData {
  std::filesystem::path folder;
  observe::Summary summary;
  nlohmann::ordered_json summary_json;
  Names requesters;  ///< tasks first
  Names accelerators;
  std::vector<Job> jobs;                          ///< by release, task and number
  std::optional<std::vector<Stretch>> stretches;  ///< by start
  std::vector<Waiting> interference;
  std::map<uint16_t, MemoryTime> memory_time;
  Configuration configuration;  ///< of effective.yaml

  [[nodiscard]] size_t tasks() const { return summary.tasks.size(); }
  [[nodiscard]] Time end() const { return summary.simulated; }
  [[nodiscard]] bool has(const char* file) const { return std::filesystem::exists(folder / file); }
};

/// Throws InputError where the folder is no run's or a file is damaged.
RunData read_run(const std::filesystem::path& folder);

}  // namespace vesper::report
