#include "schedulers/offline/placement.h"

#include <algorithm>
#include <deque>

namespace vesper::offline {
namespace {

class Placement {
 public:
  Placement(const TaskRegions& task, Cycles bound)
      : terms_(task.terms()), management_(terms_.scheduler + terms_.kernel), bound_(bound) {}

  bool run(RegionStream regions) {
    Region region;
    if (!regions.next(region)) return true;
    window_ = region;
    executed_ = own_execution(region);
    while (regions.next(region)) {
      if (!grow(region)) return false;
    }
    return emit(window_);
  }

  std::vector<Region> take() { return std::move(placed_); }

 private:
  /// A cut before a region of the window: what the part on its right would start with.
  struct Cut {
    Region right;       // the region behind it: position, strategy and swap-in at its start
    Cycles executed;    // by all regions before it, without management
    Strategy strategy;  // of the region before it, at its end
    Position last;      // of the region before it
    Cycles swap_out;
    Wide weight;  // WCET of the part on its right, less what all cuts have in common
  };

  /// Without management.
  [[nodiscard]] Cycles own_execution(const Region& region) const {
    return region.execution - management_ - terms_.kernel_entry * (region.last.layer - region.first.layer);
  }

  bool grow(const Region& region) {
    add_cut(region);
    Region grown = window_;
    grown.last = region.last;
    grown.strategy_at_end = region.strategy_at_end;
    grown.swap_out = region.swap_out;
    grown.execution += own_execution(region) + terms_.kernel_entry * (region.last.layer - window_.last.layer);
    executed_ += own_execution(region);
    window_ = grown;
    return window_.wcet() < bound_ || cut();
  }

  void add_cut(const Region& region) {
    Wide weight = Wide{region.overhead} - executed_ - Wide{terms_.kernel_entry} * region.first.layer;
    while (!cuts_.empty() && weight < cuts_.back().weight) cuts_.pop_back();
    cuts_.push_back({region, executed_, window_.strategy_at_end, window_.last, window_.swap_out, weight});
  }

  bool cut() {
    Cut cut = cuts_.front();
    cuts_.pop_front();
    Region left = window_;
    left.last = cut.last;
    left.strategy_at_end = cut.strategy;
    left.swap_out = cut.swap_out;
    left.execution = execution(cut.executed - executed_before_window_, left);
    window_.first = cut.right.first;
    window_.strategy_at_start = cut.right.strategy_at_start;
    window_.overhead = cut.right.overhead;
    window_.execution = execution(executed_ - cut.executed, window_);
    executed_before_window_ = cut.executed;
    return window_.wcet() <= bound_ && emit(left);
  }

  [[nodiscard]] Cycles execution(Cycles own, const Region& range) const {
    return own + management_ + terms_.kernel_entry * (range.last.layer - range.first.layer);
  }

  bool emit(const Region& region) {
    if (region.wcet() > bound_) return false;
    placed_.push_back(region);
    return true;
  }

  Terms terms_;
  Cycles management_;
  Cycles bound_;
  Region window_;
  Cycles executed_ = 0;  // by all regions up to the window's end, without management
  Cycles executed_before_window_ = 0;
  std::deque<Cut> cuts_;  // of the window, weights rising from the first least one
  std::vector<Region> placed_;
};

}  // namespace

std::optional<std::vector<Region>> place_points(const TaskRegions& task, Cycles first_overhead,
                                                Cycles bound) {
  if (bound <= 0) return std::nullopt;
  Placement placement(task, bound);
  if (!placement.run(RegionStream(task, first_overhead))) return std::nullopt;
  return placement.take();
}

Region whole_job(const TaskRegions& task, Cycles first_overhead) {
  const Terms& terms = task.terms();
  auto last = static_cast<uint32_t>(task.layers().size() - 1);
  Region region;
  region.last = {last, task.layers()[last].iterations() - 1};
  region.overhead = first_overhead;
  Wide execution = Wide{terms.scheduler} + terms.kernel + Wide{terms.kernel_entry} * last;
  for (const LayerRegions& layer : task.layers()) execution += layer.cycles();
  region.execution = narrow(execution, "a region's WCET");
  narrow(execution + first_overhead, "a region's WCET");
  return region;
}

RegionSummary summarise(const TaskRegions& task, const std::vector<Region>& regions) {
  RegionSummary summary;
  Wide execution = 0;
  for (const LayerRegions& layer : task.layers()) execution += layer.cycles();
  Wide wcet = 0;
  Wide swap_in = 0;
  for (const Region& region : regions) {
    wcet += region.wcet();
    swap_in += region.overhead;
    summary.longest = std::max(summary.longest, region.wcet());
  }
  summary.count = regions.size();
  summary.execution = narrow(execution, "a task's execution time");
  summary.first_overhead = regions.empty() ? 0 : regions.front().overhead;
  summary.wcet = narrow(wcet, "a task's WCET");
  summary.management = narrow(wcet - swap_in - execution, "a task's scheduling time");
  summary.swap_in = narrow(swap_in - summary.first_overhead, "a task's swap-in time");
  return summary;
}

}  // namespace vesper::offline
