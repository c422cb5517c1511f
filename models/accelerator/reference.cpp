#include "models/accelerator/reference.h"

#include <algorithm>
#include <cstring>

#include "models/accelerator/on_chip.h"
#include "platform/property/random.h"

namespace vesper::accelerator {
namespace {

/// Rows `row`... and columns `column`... of a matrix as the upper left corner of a tile.
void cut(const Elements& from, uint32_t row, uint32_t column, uint32_t rows, uint32_t columns,
         uint32_t stride, TileBuffer& to) {
  for (uint32_t r = 0; r < rows; ++r) {
    std::memcpy(to.data() + uint64_t{r} * stride * from.element_bytes, from.at(row + r, column),
                uint64_t{columns} * from.element_bytes);
  }
}

class Product {
 public:
  Product(const Elements& a, const Elements& b, const Tile& tile, const aie::Arithmetic& arithmetic)
      : a_(a),
        b_(b),
        tile_(tile),
        arithmetic_(arithmetic),
        a_tile_(uint64_t{tile.m} * tile.k * a.element_bytes),
        b_tile_(uint64_t{tile.k} * tile.n * a.element_bytes),
        sums_(uint64_t{tile.m} * tile.n * aie::kAccumulatorBytes),
        c_(a.rows, b.columns, a.element_bytes) {}

  Elements run() && {
    for (uint32_t m = 0; m < a_.rows; m += tile_.m) {
      for (uint32_t n = 0; n < b_.columns; n += tile_.n) add_output(m, n);
    }
    return std::move(c_);
  }

 private:
  void add_output(uint32_t m, uint32_t n) {
    aie::TileProduct size{
        std::min(tile_.m, a_.rows - m), 0, std::min(tile_.n, b_.columns - n), tile_.k, tile_.n, tile_.n};
    sums_.clear();
    for (uint32_t k = 0; k < a_.columns; k += tile_.k) {
      size.k = std::min(tile_.k, a_.columns - k);
      cut(a_, m, k, size.m, size.k, tile_.k, a_tile_);
      cut(b_, k, n, size.k, size.n, tile_.n, b_tile_);
      arithmetic_.accumulate(a_tile_.data(), b_tile_.data(), sums_.data(), size);
    }
    for (uint32_t r = 0; r < size.m; ++r) {
      std::byte* to = c_.row(m + r) + uint64_t{n} * c_.element_bytes;
      arithmetic_.drain(sums_.data() + uint64_t{r} * tile_.n * aie::kAccumulatorBytes, to, size.n,
                        a_.columns);
    }
  }

  const Elements& a_;
  const Elements& b_;
  Tile tile_;
  const aie::Arithmetic& arithmetic_;
  TileBuffer a_tile_, b_tile_, sums_;
  Elements c_;
};

}  // namespace

Elements reference_product(const Elements& a, const Elements& b, const Tile& tile,
                           const aie::Arithmetic& arithmetic) {
  return Product(a, b, tile, arithmetic).run();
}

std::optional<std::pair<uint32_t, uint32_t>> refuted_element(const Elements& a, const Elements& b,
                                                             const Elements& c, uint64_t seed,
                                                             const aie::Arithmetic& arithmetic) {
  constexpr int kSamples = 64;
  SplitMix64 random(seed);
  for (int i = 0; i < kSamples; ++i) {
    auto row = static_cast<uint32_t>(random.up_to(c.rows - 1));
    auto column = static_cast<uint32_t>(random.up_to(c.columns - 1));
    if (!arithmetic.holds(c.at(row, column), a.at(row, 0), b.at(0, column), b.columns, a.columns))
      return std::pair{row, column};
  }
  return std::nullopt;
}

}  // namespace vesper::accelerator
