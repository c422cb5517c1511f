/// Lowering for an NPU of weight-stationary arrays: what each layer costs in cycles and bytes, and in ticks
/// (models/npu/timing.h).
///
/// Cycles      A layer's weights are cut into tiles of rows x columns; each tile stays in an array while all
///             M rows of the input stream through it, a row a cycle: ceil(K / rows) ceil(N / columns) M.
///             Groups of a convolution lie along the diagonal of a tile, as many as fit. Tiles, and the rows
///             of M, are shared out to the arrays as evenly as the better of all ways to do both allows.
///             Loading a tile is hidden. Reproduces the published results of Layerweaver (HPCA 2021) within a
///             few points in place of MAESTRO.
/// Bytes       Weights alone, biases and activations apart.
/// Layers      A product of two computed tensors fetches nothing and is part of the layer before it (of the
///             first layer of a network if it begins with one): as in the paper, where a block of BERT has
///             six layers. A layer larger than the weight buffer is cut into equal parts of at most half of
///             it, so that one is fetched while another is computed.
/// Leaves out  activation buffers and their traffic; operators without products.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/npu/timing.h"
#include "platform/workload/network.h"
#include "schedulers/weaving/schedule.h"

namespace vesper::lowering {

struct LayerCost {
  std::string name;
  uint64_t cycles = 0;
  uint64_t bytes = 0;
  uint64_t activation_bytes = 0;  ///< of its output
};

/// The layers of a network on this NPU. Throws std::overflow_error if a layer's cycles exceed 2^40.
std::vector<LayerCost> weight_stationary_costs(const workload::Network& network,
                                               const npu::NpuProperties& npu);

/// The layers in ticks.
std::vector<weaving::Layer> in_ticks(const std::vector<LayerCost>& costs, const npu::NpuTicks& ticks);

}  // namespace vesper::lowering
