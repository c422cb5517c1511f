/// What the page's Gantt chart draws: the whole run in bins, and exact jobs, stretches and regions where they
/// fit.
///
/// Bins      2048 over the run: by task the fraction that its jobs ran (255: all of it), and the deadlines
///           missed by jobs that ended in the bin.
/// Exact     the whole run, if its jobs and stretches fit the budget. Else windows: around the start of the
///           run and around the jobs that were latest (slowest, where none was late), or the window asked
///           for. A window is cut short where it holds more than its part of the budget.
#pragma once

#include "platform/report/columns.h"
#include "platform/report/run_data.h"

namespace vesper::report {

struct Window {
  Time from = 0;
  Time to = 0;
};

/// How much of a run is kept exactly.
struct Budget {
  size_t stretches = 0;
  size_t jobs = 0;
  size_t regions = 0;
};

/// Windows of exact detail, by time, apart from each other.
std::vector<Window> exact_windows(const RunData& run, const Budget& budget,
                                  const std::optional<Window>& wanted);

/// The instructions that began regions within the windows.
class RegionMarks {
 public:
  RegionMarks(std::vector<Window> windows, size_t most) : windows_(std::move(windows)), most_(most) {}
  void instruction(Time at, uint16_t accelerator);
  [[nodiscard]] nlohmann::ordered_json json(Columns& columns) const;

 private:
  std::vector<Window> windows_;
  size_t most_;
  std::vector<double> times_;
  std::vector<uint16_t> accelerators_;
  bool complete_ = true;
};

nlohmann::ordered_json gantt_json(const RunData& run, const std::vector<Window>& windows,
                                  const Budget& budget, Columns& columns);

}  // namespace vesper::report
