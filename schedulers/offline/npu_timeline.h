/// What an NPU with decoupled fetch and compute does with a schedule, event by event: the reference for the
/// estimates of schedulers/weaving, written without them.
///
/// Models      one fetch engine and one compute engine, each in the order of the schedule. The fetch engine
///             moves weights while the buffer has room, a part of a layer if there is no more; a computation
///             starts when its weights are all there; its weights are freed when it ends. At most `depth`
///             layers lie between the start of their fetch and the end of their computation.
/// Time        exact, in the ticks of the layers; room is measured in the time it takes to fill.
/// Leaves out  activations, set-up of a transfer or a computation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "schedulers/weaving/schedule.h"

namespace vesper::offline {

struct LayerTimes {
  uint64_t fetch_start = 0, fetch_end = 0;  ///< the engine turns to it, though there may be no room yet
  uint64_t compute_start = 0, compute_end = 0;
};

/// A layer each, in the order of the schedule. Throws std::invalid_argument if a layer exceeds the buffer.
std::vector<LayerTimes> npu_timeline(uint64_t buffer, std::span<const weaving::Layer> schedule,
                                     uint32_t depth = weaving::Schedule::kDepth);

}  // namespace vesper::offline
