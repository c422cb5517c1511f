/// An NPU's size and speed, and the unit of time in which its cycles and bytes are whole numbers.
/// SystemC-free: the model, lowering and weaving count in it.
///
/// Ticks       1 / lcm(clock, bandwidth) seconds.
#pragma once

#include <cstdint>

#include "platform/property/schema.h"

namespace vesper::npu {

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

/// Converts an NPU's cycles and bytes to ticks. Throws std::overflow_error where clock and bandwidth share so
/// small a unit that an hour has no room in 64 bits.
struct NpuTicks {
  explicit NpuTicks(const NpuProperties& npu);
  uint64_t cycle;   ///< ticks a cycle
  uint64_t byte;    ///< ticks to fetch a byte
  uint64_t second;  ///< ticks a second
  uint64_t buffer;  ///< ticks to fill the weight buffer
};

}  // namespace vesper::npu
