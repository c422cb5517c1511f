/// What the PE array computes where a run is functional: elements, accumulators and the product of two tiles.
/// SystemC-free.
///
/// Models      FP32 (4 bytes an element, FP32 accumulators) and INT8 (1 byte, INT32 accumulators that wrap).
///             A product adds to its accumulators in the order of its calls; within a call Eigen's. INT8 is
///             exact.
/// Draining    FP32 accumulators are elements. INT32 becomes INT8 by a shift that rounds half up and
///             saturates: 6 + floor(log2(K) / 2) bits for a product over K elements, so that a layer's
///             outputs spread as widely as its inputs (a random walk of K products of full-scale values).
/// Leaves out  the array's own order of summation and its roundings, subnormals, other element types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace vesper::aie {

/// C[m x n] += A[m x k] B[k x n] on row-major tiles; strides count elements from row to row.
struct TileProduct {
  uint32_t m = 0, k = 0, n = 0;
  uint32_t a_stride = 0, b_stride = 0, c_stride = 0;
};

class Arithmetic {
 public:
  Arithmetic() = default;
  Arithmetic(const Arithmetic&) = delete;
  Arithmetic& operator=(const Arithmetic&) = delete;
  virtual ~Arithmetic() = default;

  [[nodiscard]] virtual uint32_t element_bytes() const = 0;
  /// A and B hold elements, C accumulators (4 bytes each).
  virtual void accumulate(const std::byte* a, const std::byte* b, std::byte* c,
                          const TileProduct& product) const = 0;
  /// The elements that `count` accumulators of products over `k` elements become.
  virtual void drain(const std::byte* accumulators, std::byte* elements, size_t count, uint32_t k) const = 0;

  /// `count` elements that depend on nothing but the seed: inputs over their whole range, FP32 in [-1, 1).
  virtual void draw_inputs(uint64_t seed, std::byte* elements, size_t count) const = 0;
  /// Weights of a product over `k` elements, FP32 scaled by sqrt(3 / k) so that values keep their size.
  virtual void draw_weights(uint64_t seed, std::byte* elements, size_t count, uint32_t k) const = 0;

  /// Whether an element is right by plain loops over a row of A and a column of B (elements `b_stride`
  /// apart): INT8 equal in 64-bit arithmetic; FP32 within k u / (1 - k u) times the sum of magnitudes of the
  /// sum in double precision, u = 2^-24, which bounds every order of summation (Higham, Accuracy and
  /// Stability of Numerical Algorithms, 2nd edition, section 3.1).
  [[nodiscard]] virtual bool holds(const std::byte* element, const std::byte* a_row,
                                   const std::byte* b_column, size_t b_stride, uint32_t k) const = 0;
  [[nodiscard]] virtual std::string text(const std::byte* element) const = 0;
};

constexpr uint32_t kAccumulatorBytes = 4;

/// Bits that an INT32 sum of `k` products is shifted by on its way to INT8.
uint32_t drain_shift(uint32_t k);

/// The arithmetic on elements of so many bytes, or null.
const Arithmetic* find_arithmetic(uint32_t element_bytes);

}  // namespace vesper::aie
