/// Offline analysis of a task set on one accelerator: one design at a time, from layers to verdict.
///
///     TaskSet set{tasks, tile, operation_costs(properties), hardware_terms(2)};
///     Analysis result = analyse(set, *find_design("if-ppp"));
///     if (result.passes()) cut(cut_points(set, result, 0));
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "schedulers/offline/edf_analysis.h"
#include "schedulers/offline/placement.h"

namespace vesper::offline {

struct Task {
  std::vector<LayerShape> layers;
  Cycles period = 0;
  Cycles deadline = 0;  ///< relative, at most the period
};

struct TaskSet {
  std::vector<Task> tasks;
  accelerator::Tile tile;
  accelerator::OperationCosts costs;
  Terms terms;
};

struct TaskAnalysis {
  size_t rank = 0;  ///< in order of deadlines, ties in order of the set
  RegionSummary regions;
  std::optional<Cycles> beta;
  /// The longest region it may have; none for the first rank and where the analysis did not come to it.
  std::optional<Cycles> bound;
  /// Merged regions of a placed design; empty where placement did not come to this task.
  std::vector<Region> placed;
};

/// A preemption point of a task, before iteration `iteration` of layer `layer`; strategy none at a layer's
/// start, where nothing is on chip.
struct CutPoint {
  uint32_t layer = 0;
  uint32_t iteration = 0;
  Strategy strategy = Strategy::none;
};

struct Analysis {
  const Design* design = nullptr;
  Verdict verdict = Verdict::schedulable;
  size_t culprit = 0;               ///< the task, in order of the set, that the verdict is about
  std::vector<TaskAnalysis> tasks;  ///< in order of the set

  [[nodiscard]] bool passes() const { return verdict == Verdict::schedulable; }
};

/// Without placement: the regions as the design cuts them. With placement: the first task in order of
/// deadlines becomes one region; each other is merged up to its bound, with the tasks before it already
/// merged. Where a task cannot be (verdict unplaceable), or the set so placed does not pass, `beta` tells of
/// the regions placed so far and all tasks keep the regions of the design without placement.
///
/// Takes O(tasks x layers) time and the demand's steps (demand.h); placement O(regions) besides. Throws
/// AnalysisError on an empty set or layer, dimensions or costs out of range, and sums that overflow 64 bits.
Analysis analyse(const TaskSet& set, const Design& design);

/// A task's regions, in order: the placed ones, or as the design cuts them. `visit(const Region&)`.
void for_each_region(const TaskSet& set, const Analysis& analysis, size_t task,
                     const std::function<void(const Region&)>& visit);

/// The preemption points of a task, in order: what lowering cuts its program at.
std::vector<CutPoint> cut_points(const TaskSet& set, const Analysis& analysis, size_t task);

}  // namespace vesper::offline
