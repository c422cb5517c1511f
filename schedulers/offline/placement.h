/// Preemption-point placement: consecutive regions of a task merge while the merged WCET stays below a bound.
///
/// A window of regions grows while its WCET is below the bound; when it would not be, it is cut where the
/// right part's WCET is least (the first such cut on ties), both parts at most the bound; the left part
/// becomes a region and growth goes on from the right part. A merged region keeps the swap-in of its first
/// part and the swap-out of its last. Source: DERCA (RTSS 2025).
///
/// Takes O(regions) time, as the best cut of a sliding window is kept in a monotonic queue, and memory for
/// the cuts within one window and the merged regions.
#pragma once

#include <optional>
#include <vector>

#include "schedulers/offline/task_regions.h"

namespace vesper::offline {

/// The merged regions; none if one of them would exceed `bound`.
std::optional<std::vector<Region>> place_points(const TaskRegions& task, Cycles first_overhead, Cycles bound);

/// All of a task as one region.
Region whole_job(const TaskRegions& task, Cycles first_overhead);

RegionSummary summarise(const TaskRegions& task, const std::vector<Region>& regions);

}  // namespace vesper::offline
