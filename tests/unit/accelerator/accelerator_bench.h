/// An output-stationary accelerator on a bench.
#pragma once

#include "models/accelerator/accelerator.h"
#include "tests/support/region_bench.h"

namespace vesper::accelerator {

class AcceleratorBench : public test::RegionBench<Accelerator> {
 protected:
  /// One element a tile: shapes count tiles. Cycles of every operation are different.
  static Accelerator::Properties small() {
    Accelerator::Properties properties;
    properties.tile = {1, 1, 1};
    properties.cycles = {10, 20, 31, 4, 30, 40};
    return properties;
  }
  static abi::MetadataEntry entry(uint32_t m, uint32_t k, uint32_t n, uint32_t first, uint32_t last,
                                  uint32_t flags = 0, uint32_t layer = 0) {
    abi::MetadataEntry made{};
    made.m = m;
    made.k = k;
    made.n = n;
    made.layer = layer;
    made.first_iteration = first;
    made.last_iteration = last;
    made.flags = flags;
    return made;
  }
};

}  // namespace vesper::accelerator
