/// Lowering for an NPU of weight-stationary arrays: what each layer costs in cycles and bytes, and in the
/// ticks that schedulers/weaving counts in.
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
/// Ticks       1 / lcm(clock, bandwidth) seconds, so that a cycle and a byte both are whole numbers of ticks.
/// Leaves out  activation buffers and their traffic; operators without products.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/property/schema.h"
#include "platform/workload/network.h"
#include "schedulers/weaving/schedule.h"

namespace vesper::lowering {

/// An NPU as Layerweaver's Table I describes one.
struct NpuProperties {
  uint32_t arrays = 1;
  uint32_t rows = 128;
  uint32_t columns = 128;
  Frequency clock = MHz(700);
  Bandwidth bandwidth{225'000'000'000};
  Bytes weight_buffer = MiB(48);
  uint32_t element_bytes = 2;
  static void describe(Schema<NpuProperties>& p) { describe_in(p); }
  /// Declares these properties in the schema of a class derived from this one.
  template <class P>
  static void describe_in(Schema<P>& p) {
    p("arrays", &NpuProperties::arrays, "weight-stationary arrays").between(1, 1024);
    p("rows", &NpuProperties::rows, "rows of an array, along the reduced dimension").between(1, 4096);
    p("columns", &NpuProperties::columns, "columns of an array, along the outputs").between(1, 4096);
    p("clock", &NpuProperties::clock, "clock of the arrays").between(MHz(1), MHz(10'000));
    p("bandwidth", &NpuProperties::bandwidth, "of the memory that weights are fetched from")
        .between(Bandwidth{1'000'000}, Bandwidth{100'000'000'000'000});
    p("weight_buffer", &NpuProperties::weight_buffer, "on-chip memory for weights")
        .between(KiB(1), Bytes{uint64_t{16} << 30});
    p("element_bytes", &NpuProperties::element_bytes, "bytes of a weight").between(1, 8);
  }
};

struct LayerCost {
  std::string name;
  uint64_t cycles = 0;
  uint64_t bytes = 0;
  uint64_t activation_bytes = 0;  ///< of its output
};

/// The layers of a network on this NPU. Throws std::overflow_error if a layer's cycles exceed 2^40.
std::vector<LayerCost> weight_stationary_costs(const workload::Network& network, const NpuProperties& npu);

/// Converts an NPU's cycles and bytes to ticks. Throws std::overflow_error where clock and bandwidth share so
/// small a unit that an hour has no room in 64 bits.
struct NpuTicks {
  explicit NpuTicks(const NpuProperties& npu);
  uint64_t cycle;   ///< ticks a cycle
  uint64_t byte;    ///< ticks to fetch a byte
  uint64_t second;  ///< ticks a second
  uint64_t buffer;  ///< ticks to fill the weight buffer
  [[nodiscard]] std::vector<weaving::Layer> layers(const std::vector<LayerCost>& costs) const;
};

}  // namespace vesper::lowering
