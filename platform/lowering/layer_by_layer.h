/// Lowering for accelerators that go layer by layer (models/sparse/sparse_accelerator.h).
#pragma once

#include "models/sparse/layer_time.h"
#include "platform/lowering/program.h"

namespace vesper::lowering {

/// An entry a layer; granularity layer makes a region of each, model one of all. Where the output of a layer
/// and the input of the next fit the activation buffer they stay on chip; the first input and the last output
/// never do. Tensors lie one after the other; a layer's input lies where the output of the layer before does
/// if it is as large. Region cycles are those of average sparsity, 0 for layers of unknown shape. Throws
/// InputError for other granularities, for a tensor of 4 GiB or more and for a network of 2^63 cycles or
/// more.
Program lower_layer_by_layer(const workload::Network& network, const sparse::SparseProperties& properties,
                             const Options& options);

}  // namespace vesper::lowering
