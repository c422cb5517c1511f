#include "schedulers/offline/task_regions.h"

#include <fmt/format.h>

#include <algorithm>

namespace vesper::offline {

TaskRegions::TaskRegions(std::span<const LayerShape> layers, const accelerator::Tile& tile,
                         const accelerator::OperationCosts& costs, const Design& design, const Terms& terms)
    : terms_(terms), cuts_(design.cuts) {
  if (layers.empty()) throw AnalysisError("a task without layers");
  layers_.reserve(layers.size());
  for (const LayerShape& layer : layers) {
    layers_.emplace_back(layer, tile, costs, design.preemption, terms.persist_always_loads);
  }
  sum_up();
}

void TaskRegions::sum_up() {
  bool by_iteration = cuts_ == Cuts::iterations;
  Wide count = cuts_ == Cuts::none ? 1 : 0;
  Wide execution = 0;
  Wide swap_in = 0;
  Wide longest = 0;
  for (const LayerRegions& layer : layers_) {
    execution += layer.cycles();
    if (cuts_ != Cuts::none) count += by_iteration ? static_cast<Wide>(layer.iterations()) : 1;
    if (by_iteration) swap_in += layer.swap_in_total();
    longest = std::max(longest, Wide{by_iteration ? layer.longest_region() : layer.cycles()});
  }
  uint64_t entries = cuts_ == Cuts::none ? layers_.size() : 1;
  Wide managed = Wide{terms_.scheduler} + terms_.kernel + Wide{terms_.kernel_entry} * (entries - 1);
  if (cuts_ == Cuts::none) longest = execution;
  summary_.count = static_cast<uint64_t>(count);
  summary_.execution = narrow(execution, "a task's execution time");
  summary_.management = narrow(managed * count, "a task's scheduling time");
  summary_.swap_in = narrow(swap_in, "a task's swap-in time");
  summary_.wcet = narrow(execution + managed * count + swap_in, "a task's WCET");
  summary_.longest = narrow(longest + managed, "a region's WCET");
  Wide first = by_iteration ? layers_.front().cycles(0)
                            : (cuts_ == Cuts::none ? execution : Wide{layers_.front().cycles()});
  first_execution_ = narrow(first + managed, "a region's WCET");
}

RegionSummary TaskRegions::summary(Cycles first_overhead) const {
  RegionSummary summary = summary_;
  summary.first_overhead = first_overhead;
  summary.wcet = narrow(Wide{summary.wcet} + first_overhead, "a task's WCET");
  Wide first = Wide{first_execution_} + first_overhead;
  summary.longest = narrow(std::max(Wide{summary.longest}, first), "a region's WCET");
  return summary;
}

Cycles TaskRegions::largest_swap_out() const {
  Cycles largest = 0;
  if (cuts_ != Cuts::iterations) return largest;
  for (const LayerRegions& layer : layers_) largest = std::max(largest, layer.largest_swap_out());
  return largest;
}

Position RegionStream::end_of_region() const {
  if (task_.cuts() == Cuts::iterations) return at_;
  uint32_t layer = at_.layer;
  if (task_.cuts() == Cuts::none) layer = static_cast<uint32_t>(task_.layers().size() - 1);
  return {layer, task_.layers()[layer].iterations() - 1};
}

bool RegionStream::next(Region& region) {
  const std::vector<LayerRegions>& layers = task_.layers();
  if (at_.layer == layers.size()) return false;
  const Terms& terms = task_.terms();
  Position last = end_of_region();
  region = {};
  region.first = at_;
  region.last = last;
  region.strategy_at_start = strategy_;
  region.overhead = overhead_;
  region.execution = terms.scheduler + terms.kernel + terms.kernel_entry * (last.layer - at_.layer);
  if (task_.cuts() == Cuts::iterations) {
    region.execution += layers[at_.layer].cycles(at_.iteration);
  } else {
    for (uint32_t layer = at_.layer; layer <= last.layer; ++layer) region.execution += layers[layer].cycles();
  }
  bool ends_layer = last.iteration + 1 == layers[last.layer].iterations();
  Point point = ends_layer ? Point{} : layers[last.layer].point(last.iteration + 1);
  region.strategy_at_end = strategy_ = point.strategy;
  region.swap_out = point.swap_out;
  overhead_ = point.swap_in;
  at_ = ends_layer ? Position{last.layer + 1, 0} : Position{last.layer, last.iteration + 1};
  return true;
}

}  // namespace vesper::offline
