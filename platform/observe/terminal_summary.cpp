#include "platform/observe/terminal_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "platform/observe/format.h"

namespace vesper::observe {
namespace {

constexpr size_t kTitleWidth = 48;
constexpr size_t kShortestName = 8;

using Cells = std::array<std::string, 3>;

Cells cells_of(const std::optional<Distribution>& d) {
  if (!d) return {"-", "-", "-"};
  return {readable_time(d->mean), readable_time(d->p99), readable_time(d->max)};
}

std::string task_table(const std::vector<TaskSummary>& tasks) {
  size_t name_width = kShortestName;
  std::array<size_t, 3> widths{};
  std::vector<Cells> rows;
  for (const TaskSummary& task : tasks) {
    name_width = std::max(name_width, task.name.size());
    rows.push_back(cells_of(task.response));
    for (size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], rows.back()[i].size());
  }
  std::string out = fmt::format("{:<{}}  jobs  missed   response mean / p99 / max\n", "task", name_width);
  for (size_t i = 0; i < tasks.size(); ++i) {
    const auto& [mean, p99, max] = rows[i];
    out += fmt::format("{:<{}}{:>6}{:>8}   {:>{}} / {:>{}} / {:>{}}\n", tasks[i].name, name_width,
                       tasks[i].released, tasks[i].missed, mean, widths[0], p99, widths[1], max, widths[2]);
  }
  return out;
}

std::string scheduler_line(const SchedulerSummary& s) {
  std::string where = s.placement == "ideal"      ? "ideally"
                      : s.placement == "bi_level" ? "in firmware and hardware"
                                                  : "in " + s.placement;
  std::string out = fmt::format("scheduler {} {}: {} decisions", s.policy, where, s.decisions);
  if (s.decision_latency) {
    out += fmt::format(", {} each (max {})", readable_time(s.decision_latency->mean),
                       readable_time(s.decision_latency->max));
  }
  out += fmt::format(", {} preemptions", s.preemptions);
  if (s.preemption_latency)
    out += fmt::format(", {} to take effect", readable_time(s.preemption_latency->mean));
  return out + "\n";
}

std::string labelled(const char* label, const std::string& text) {
  return text.empty() ? "" : fmt::format("{:<9} {}\n", label, text);
}

/// A row with a cell a run.
template <class Cell>
std::string row(const char* label, const char* figure, std::span<const Summary> runs, const Cell& cell) {
  std::string out = fmt::format("{:<20}{:<6}", label, figure);
  for (const Summary& run : runs) out += fmt::format("{:>14}", cell(run));
  return out + "\n";
}

using Latency = std::optional<Distribution> SchedulerSummary::*;

std::string rows(const char* label, std::span<const Summary> runs, Latency latency) {
  auto cell = [=](size_t figure) {
    return [=](const Summary& run) { return cells_of(run.scheduler.*latency)[figure]; };
  };
  return row(label, "mean", runs, cell(0)) + row("", "max", runs, cell(2));
}

}  // namespace

std::string terminal_summary(const Summary& s, const TerminalExtras& extras) {
  auto wall = static_cast<Time>(extras.wall_s * static_cast<double>(kPicosecondsPerSecond));
  std::string out =
      fmt::format("{:<{}}  {} simulated in {}{}\n", s.scenario, kTitleWidth, readable_time(s.simulated),
                  readable_time(wall), s.complete ? "" : ", stopped before its end");
  out += task_table(s.tasks);
  out += scheduler_line(s.scheduler);
  if (s.functional)
    out += labelled("results", fmt::format("{} jobs checked, {} wrong", s.functional->jobs_checked,
                                           s.functional->mismatches));
  out += labelled("memory", extras.memory);
  out += labelled("written", extras.written);
  return out;
}

std::string written_text(std::string_view folder, const std::set<std::string>& files) {
  std::string slash = folder.ends_with('/') ? "" : "/";
  std::string in = std::string(folder) + slash;
  bool wave = files.contains("trace.vcd");
  return fmt::format("{} ({})  wave: {}", in, fmt::join(files, ", "),
                     wave ? fmt::format("gtkwave {0}trace.vcd {0}trace.gtkw", in) : "--vcd");
}

std::string compare(std::span<const Summary> runs) {
  return row("", "", runs, [](const Summary& s) { return s.scheduler.placement; }) +
         rows("decision latency", runs, &SchedulerSummary::decision_latency) +
         rows("preemption latency", runs, &SchedulerSummary::preemption_latency) +
         rows("blocking", runs, &SchedulerSummary::blocking) +
         row("preemptions", "", runs, [](const Summary& s) { return s.scheduler.preemptions; }) +
         row("deadlines missed", "", runs,
             [](const Summary& s) { return fmt::format("{} of {}", s.missed(), s.released()); }) +
         row("ANTT", "", runs,
             [](const Summary& s) { return s.metrics.antt ? fmt::format("{:.3f}", *s.metrics.antt) : "-"; });
}

}  // namespace vesper::observe
