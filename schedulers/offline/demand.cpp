#include "schedulers/offline/demand.h"

#include <algorithm>
#include <numeric>

namespace vesper::offline {
namespace {

constexpr Wide kOne = Wide{1} << 62;  // utilisation 1 in fixed point

Wide ceil_div(Wide a, Wide b) { return (a + b - 1) / b; }

void check(const EdfTask& task) {
  if (task.period < 1 || task.deadline < 1)
    throw AnalysisError("a task has no time left in its period or deadline");
  if (task.deadline > task.period) {
    throw AnalysisError("a deadline lies beyond its period: the analysis covers deadlines up to the period");
  }
  if (task.wcet < 0) throw AnalysisError("a WCET below 0");
}

}  // namespace

Demand::Demand(std::span<const EdfTask> tasks) : tasks_(tasks.begin(), tasks.end()) {
  for (const EdfTask& task : tasks_) {
    check(task);
    early_ += ceil_div(Wide{task.wcet} * (task.period - task.deadline), task.period);
  }
  find_hyperperiod();
  find_load();
}

void Demand::find_hyperperiod() {
  Wide hyperperiod = 1;
  for (const EdfTask& task : tasks_) {
    hyperperiod *= task.period / std::gcd(static_cast<Cycles>(hyperperiod), task.period);
    if (hyperperiod > kMostCycles) return;
  }
  hyperperiod_ = static_cast<Cycles>(hyperperiod);
}

void Demand::find_load() {
  Wide most = 0;
  Wide least = 0;
  for (const EdfTask& task : tasks_) {
    Wide scaled = Wide{task.wcet} * kOne;
    most += ceil_div(scaled, task.period);
    least += scaled / task.period;
  }
  least_idle_ = kOne - most;
  if (most < kOne) return;
  if (least > kOne) {
    load_ = Load::above_one;
    return;
  }
  if (!hyperperiod_) {
    throw AnalysisError("the hyperperiod overflows 64 bits at a utilisation so close to 1 that it is needed");
  }
  Wide demand = 0;
  for (const EdfTask& task : tasks_) demand += Wide{task.wcet} * (*hyperperiod_ / task.period);
  load_ = demand > *hyperperiod_ ? Load::above_one : demand == *hyperperiod_ ? Load::one : Load::below_one;
}

Wide Demand::at(Cycles t) const {
  Wide demand = 0;
  for (const EdfTask& task : tasks_) {
    if (t >= task.deadline) demand += Wide{(t - task.deadline) / task.period + 1} * task.wcet;
  }
  return demand;
}

std::optional<Cycles> Demand::end_of_search(Wide best, std::optional<Cycles> end) const {
  if (least_idle_ <= 0) return end;
  // slack(t) >= (1 - U) t - early: from here on none is below `best`.
  Wide limit = ceil_div(narrow(best + early_, "slack") * kOne, least_idle_) + 1;
  if (!end) return narrow(limit, "the time that the demand has to be tested to");
  return limit < *end ? static_cast<Cycles>(std::max(limit, Wide{0})) : *end;
}

/// The demand points from the last one before a limit downwards, with the demand at each.
class Demand::Walk {
 public:
  Walk(const Demand& demand, Cycles limit) {
    for (const EdfTask& task : demand.tasks_)
      steps_.push_back({task.wcet, task.period, task.deadline - task.period});
    for (Step& step : steps_) {
      if (limit <= step.due + step.period) continue;
      Cycles jobs = (limit - 1 - step.due) / step.period;
      step.due += jobs * step.period;
      demand_ += Wide{jobs} * step.wcet;
    }
    find_point();
  }

  /// At most 0 when there are no more.
  [[nodiscard]] Cycles point() const { return point_; }
  [[nodiscard]] Wide demand() const { return demand_; }

  /// To the last point before `limit`, which is above 0 and at most the present point.
  void before(Cycles limit) {
    for (Step& step : steps_) {
      if (step.due < limit) continue;
      Cycles beyond = step.due - limit;
      // Most steps are one job back.
      Cycles jobs = beyond < step.period ? 1 : beyond / step.period + 1;
      step.due -= jobs * step.period;
      demand_ -= jobs == 1 ? Wide{step.wcet} : Wide{jobs} * step.wcet;
    }
    find_point();
  }

 private:
  struct Step {
    Cycles wcet, period;
    Cycles due;  ///< the last deadline up to the point, or the one a period before the first
  };
  void find_point() {
    point_ = 0;
    for (const Step& step : steps_) point_ = std::max(point_, step.due);
  }

  std::vector<Step> steps_;
  Wide demand_ = 0;
  Cycles point_ = 0;
};

std::optional<Cycles> Demand::least_slack(Cycles first, std::optional<Cycles> end) const {
  Wide best = slack(first);
  std::optional<Cycles> search_end = end_of_search(best, end);
  if (!search_end) return std::nullopt;
  Wide least_possible = load_ == Load::above_one ? -kOne * kOne : -early_;  // slack(t) >= (1 - U) t - early
  Walk walk(*this, *search_end);
  for (uint64_t step = 0; walk.point() > first && best > least_possible; ++step) {
    if (step == kMostSteps) throw AnalysisError("the analysis needs more than 4e9 demand points");
    best = std::min(best, walk.point() - walk.demand());
    Wide none_better = walk.demand() + best;
    if (none_better <= first) break;
    walk.before(static_cast<Cycles>(std::min(none_better, Wide{walk.point()})));
  }
  if (best < std::numeric_limits<Cycles>::min()) return std::nullopt;
  return narrow(best, "slack");
}

}  // namespace vesper::offline
