/// Lowering for output-stationary accelerators: layers become tile iterations
/// (models/accelerator/tile_geometry.h).
#pragma once

#include "models/accelerator/tile_geometry.h"
#include "platform/lowering/program.h"

namespace vesper::lowering {

/// Tensors are padded to whole tiles and laid out one after the other: a partial tile of accumulators, then
/// A, B and C of each layer. This is the memory of the task's weights and of one job.
Program lower_output_stationary(const workload::Network& network,
                                const accelerator::TileProperties& properties, const Options& options);

}  // namespace vesper::lowering
