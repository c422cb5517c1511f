/// Lowering for output-stationary accelerators: layers become tile iterations
/// (models/accelerator/tile_geometry.h).
#pragma once

#include "models/accelerator/tile_geometry.h"
#include "platform/lowering/program.h"

namespace vesper::lowering {

/// Tensors are padded to whole tiles and laid out one after the other: A, B and C of each layer, then a
/// partial tile.
Program lower_output_stationary(const workload::Network& network,
                                const accelerator::TileProperties& properties, const Options& options);

}  // namespace vesper::lowering
