#include "schedulers/offline/edf_analysis.h"

#include <algorithm>
#include <array>

namespace vesper::offline {
namespace {

constexpr std::array<const char*, 6> kVerdictNames{"schedulable", "overload", "too long",
                                                   "demand",      "blocking", "unplaceable"};

void find_bounds(EdfAnalysis& analysis) {
  std::optional<Cycles> bound = kMostCycles;
  for (const std::optional<Cycles>& beta : analysis.beta) {
    analysis.bound.push_back(analysis.bound.empty() ? std::nullopt : bound);
    bound = bound && beta ? std::optional(std::min(*bound, *beta)) : std::nullopt;
  }
}

/// The first task for which `is_wrong` holds decides.
template <class Wrong>
bool judge(EdfAnalysis& analysis, size_t tasks, Verdict verdict, Wrong is_wrong) {
  for (size_t i = 0; i < tasks; ++i) {
    if (!is_wrong(i)) continue;
    analysis.verdict = verdict;
    analysis.task = i;
    return true;
  }
  return false;
}

void judge(EdfAnalysis& analysis, bool overload, std::span<const EdfTask> tasks) {
  size_t n = tasks.size();
  if (judge(analysis, n, Verdict::too_long, [&](size_t i) { return tasks[i].wcet > tasks[i].deadline; }))
    return;
  if (overload) {
    analysis.verdict = Verdict::overload;
    return;
  }
  if (judge(analysis, n, Verdict::demand, [&](size_t i) { return *analysis.beta[i] < 0; })) return;
  judge(analysis, n, Verdict::blocking,
        [&](size_t i) { return i > 0 && tasks[i].longest_region > *analysis.bound[i]; });
}

}  // namespace

const char* name_of(Verdict verdict) { return kVerdictNames[static_cast<size_t>(verdict)]; }

std::optional<Cycles> blocking_tolerance(const Demand& demand, std::span<const EdfTask> tasks, size_t k) {
  bool last = k + 1 == tasks.size();
  return demand.least_slack(tasks[k].deadline, last ? demand.hyperperiod() : tasks[k + 1].deadline);
}

EdfAnalysis analyse_edf(std::span<const EdfTask> tasks, bool hyperperiod_tested) {
  Demand demand(tasks);
  EdfAnalysis analysis;
  for (size_t k = 0; k < tasks.size(); ++k) analysis.beta.push_back(blocking_tolerance(demand, tasks, k));
  find_bounds(analysis);
  bool unknown = std::ranges::any_of(analysis.beta, [](const auto& beta) { return !beta; });
  judge(analysis, demand.load() == Load::above_one && (hyperperiod_tested || unknown), tasks);
  return analysis;
}

}  // namespace vesper::offline
