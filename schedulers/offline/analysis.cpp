#include "schedulers/offline/analysis.h"

#include <algorithm>
#include <numeric>

namespace vesper::offline {
namespace {

std::vector<size_t> deadline_order(const TaskSet& set) {
  std::vector<size_t> order(set.tasks.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return set.tasks[i].deadline; });
  return order;
}

TaskRegions regions_of(const TaskSet& set, const Design& design, size_t task) {
  return {set.tasks[task].layers, set.tile, set.costs, design, set.terms};
}

/// One analysis under way, its tasks by rank.
class Analyser {
 public:
  Analyser(const TaskSet& set, const Design& design) : set_(set), order_(deadline_order(set)) {
    result_.design = &design;
    result_.tasks.resize(order_.size());
    for (size_t task : order_) regions_.push_back(regions_of(set, design, task));
    find_first_overheads();
    for (size_t rank = 0; rank < order_.size(); ++rank) begin(rank);
  }

  Analysis run() {
    bool placed = !result_.design->placed || place();
    judge(placed);
    return std::move(result_);
  }

 private:
  TaskAnalysis& at(size_t rank) { return result_.tasks[order_[rank]]; }

  /// Of any task later in the order.
  void find_first_overheads() {
    first_overheads_.resize(order_.size());
    Cycles largest = 0;
    for (size_t rank = order_.size(); rank-- > 0;) {
      first_overheads_[rank] = set_.terms.first_region_overhead ? largest : 0;
      largest = std::max(largest, regions_[rank].largest_swap_out());
    }
  }

  void begin(size_t rank) {
    const Task& task = set_.tasks[order_[rank]];
    at(rank).rank = rank;
    at(rank).regions = regions_[rank].summary(first_overheads_[rank]);
    edf_.push_back({at(rank).regions.wcet, task.period - set_.terms.release_delay,
                    task.deadline - set_.terms.release_delay, at(rank).regions.longest});
  }

  bool place() {
    std::optional<Cycles> bound = kMostCycles;
    for (size_t rank = 0; rank < order_.size(); ++rank) {
      if (rank > 0) {
        bound = bound_after(rank - 1, bound);
        at(rank).bound = bound;
      }
      if (!bound || !place(rank, *bound)) {
        culprit_ = rank;
        return false;
      }
    }
    return true;
  }

  bool place(size_t rank, Cycles bound) {
    std::vector<Region>& placed = at(rank).placed;
    if (rank == 0) {
      placed = {whole_job(regions_[rank], first_overheads_[rank])};
    } else if (auto merged = place_points(regions_[rank], first_overheads_[rank], bound)) {
      placed = std::move(*merged);
    } else {
      return false;
    }
    take(rank, summarise(regions_[rank], placed));
    return true;
  }

  void take(size_t rank, const RegionSummary& regions) {
    at(rank).regions = regions;
    edf_[rank].wcet = regions.wcet;
    edf_[rank].longest_region = regions.longest;
  }

  /// The bound with beta of `rank` counted in; tasks behind it have no demand before their deadlines.
  std::optional<Cycles> bound_after(size_t rank, std::optional<Cycles> bound) {
    std::span<const EdfTask> placed = std::span(edf_).first(rank + 1);
    std::optional<Cycles> end = edf_[rank + 1].deadline;
    std::optional<Cycles> beta = Demand(placed).least_slack(edf_[rank].deadline, end);
    if (!beta) return std::nullopt;
    return std::min(*bound, *beta);
  }

  void judge(bool placed) {
    EdfAnalysis edf = analyse_edf(edf_, set_.terms.hyperperiod_tested);
    for (size_t rank = 0; rank < order_.size(); ++rank) {
      at(rank).beta = edf.beta[rank];
      if (!result_.design->placed) at(rank).bound = edf.bound[rank];
    }
    // What a task already placed lacks, no placement of the others mends.
    bool hopeless = edf.verdict == Verdict::too_long && edf.task < culprit_;
    result_.verdict = placed || hopeless ? edf.verdict : Verdict::unplaceable;
    result_.culprit = order_[placed || hopeless ? edf.task : culprit_];
    if (!result_.design->placed) return;
    // Placed regions are within their bounds. That of analyse_edf is less where deadlines are equal: it
    // counts the task itself as demand of the task before.
    if (result_.verdict == Verdict::blocking) result_.verdict = Verdict::schedulable;
    if (!result_.passes()) give_up_placement();
  }

  void give_up_placement() {
    for (size_t rank = 0; rank < order_.size(); ++rank) {
      at(rank).placed.clear();
      at(rank).regions = regions_[rank].summary(first_overheads_[rank]);
    }
  }

  const TaskSet& set_;
  std::vector<size_t> order_;
  std::vector<TaskRegions> regions_;
  std::vector<Cycles> first_overheads_;
  std::vector<EdfTask> edf_;
  Analysis result_;
  size_t culprit_ = 0;
};

}  // namespace

Analysis analyse(const TaskSet& set, const Design& design) {
  if (set.tasks.empty()) throw AnalysisError("a task set without tasks");
  return Analyser(set, design).run();
}

void for_each_region(const TaskSet& set, const Analysis& analysis, size_t task,
                     const std::function<void(const Region&)>& visit) {
  if (!analysis.tasks[task].placed.empty()) {
    for (const Region& region : analysis.tasks[task].placed) visit(region);
    return;
  }
  TaskRegions regions = regions_of(set, *analysis.design, task);
  RegionStream stream(regions, analysis.tasks[task].regions.first_overhead);
  Region region;
  while (stream.next(region)) visit(region);
}

std::vector<CutPoint> cut_points(const TaskSet& set, const Analysis& analysis, size_t task) {
  std::vector<CutPoint> points;
  bool first = true;
  for_each_region(set, analysis, task, [&](const Region& region) {
    if (!first) {
      points.push_back(
          {region.first.layer, static_cast<uint32_t>(region.first.iteration), region.strategy_at_start});
    }
    first = false;
  });
  return points;
}

}  // namespace vesper::offline
