#include "models/npu/timing.h"

#include <numeric>
#include <stdexcept>

namespace vesper::npu {

NpuTicks::NpuTicks(const NpuProperties& npu) {
  // clock and bandwidth in units of what they share: the least common multiple may exceed 64 bits, these do
  // not.
  uint64_t shared = std::gcd(npu.clock.hz, npu.bandwidth.bytes_per_second);
  cycle = npu.bandwidth.bytes_per_second / shared;
  byte = npu.clock.hz / shared;
  constexpr unsigned __int128 kMostTicksASecond = uint64_t{1} << 52;
  if (static_cast<unsigned __int128>(npu.clock.hz) * cycle > kMostTicksASecond) {
    throw std::overflow_error(
        "the NPU's clock and bandwidth have too small a unit in common; choose rounder values, "
        "as whole MHz and GB/s");
  }
  second = npu.clock.hz * cycle;
  buffer = npu.weight_buffer.count * byte;
}

}  // namespace vesper::npu
