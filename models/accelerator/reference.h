/// What a layer's output must be, without buffers, addresses, phases or preemption. SystemC-free.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "models/accelerator/tile_geometry.h"
#include "models/aie/arithmetic.h"

namespace vesper::accelerator {

/// A whole matrix, row-major, without padding.
struct Elements {
  uint32_t rows = 0, columns = 0, element_bytes = 0;
  std::vector<std::byte> bytes;

  Elements(uint32_t r, uint32_t c, uint32_t element)
      : rows(r), columns(c), element_bytes(element), bytes(uint64_t{r} * c * element) {}
  [[nodiscard]] std::byte* row(uint32_t r) { return bytes.data() + uint64_t{r} * columns * element_bytes; }
  [[nodiscard]] const std::byte* at(uint32_t r, uint32_t c) const {
    return bytes.data() + (uint64_t{r} * columns + c) * element_bytes;
  }
};

/// A B in tiles, the reduced dimension in order: the sums of an undisturbed run of the accelerator, to the
/// bit.
Elements reference_product(const Elements& a, const Elements& b, const Tile& tile,
                           const aie::Arithmetic& arithmetic);

/// The first of up to 64 elements, drawn by `seed`, that plain loops do not confirm (Arithmetic::holds): row
/// and column.
std::optional<std::pair<uint32_t, uint32_t>> refuted_element(const Elements& a, const Elements& b,
                                                             const Elements& c, uint64_t seed,
                                                             const aie::Arithmetic& arithmetic);

}  // namespace vesper::accelerator
