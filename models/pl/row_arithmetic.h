/// What engines in programmable logic do to the values of a row. SystemC-free.
///
/// Contract    IEEE 754 binary32 and integers, each operation rounded by itself, elements in order of their
///             columns from left to right, sums too: a result depends on nothing but the row. u = 2^-24.
/// Numbers     an INT8 q stands for q / 2^bits: `kActivationBits` of everything but probabilities, which
///             come from softmax and have `probability_bits`. FP32 becomes INT8 to nearest, ties to even, and
///             saturates (a NaN becomes 0).
/// Errors      against exact arithmetic on the same inputs, to first order in u; n the length of the row:
///             softmax     relative (n + 7 + d) u, d = |x - max| + sum of p |x - max|, and 2^-125 absolute
///             layer norm  tests/unit/pl/row_arithmetic_test.cpp derives it in its steps
///             gelu        3 u |x|
/// Leaves out  trained scales; the division of attention's scores by the root of their width, as the drain of
///             the product keeps them spread (models/aie/arithmetic.h).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vesper::pl {

/// Assumed: activations between -4 and 4, as a layer norm leaves them.
constexpr uint32_t kActivationBits = 5;
/// Assumed: n probabilities of a row go up to about 1 / sqrt(n), as sums of products do on their way to INT8
/// (aie::drain_shift).
constexpr uint32_t probability_bits(uint32_t n) {
  return 7 + (static_cast<uint32_t>(std::bit_width(n)) - 1) / 2;
}
/// Under the root of a layer norm (DeiT's, as in its published code).
constexpr float kLayerNormEpsilon = 1e-6F;

// Spans of one call are equally long; results may be the inputs.

void to_fp32(std::span<const int8_t> in, uint32_t bits, std::span<float> out);
void to_int8(std::span<const float> in, uint32_t bits, std::span<int8_t> out);
/// Saturates.
void add(std::span<const int8_t> in, std::span<const int8_t> addend, std::span<int8_t> out);
void add(std::span<const float> in, std::span<const float> addend, std::span<float> out);
/// e^(x - max) over their sum.
void softmax(std::span<const float> in, std::span<float> out);
/// (x - mean) / sqrt(variance + kLayerNormEpsilon) * gamma + beta, the variance about the mean.
void layer_norm(std::span<const float> in, std::span<const float> gamma, std::span<const float> beta,
                std::span<float> out);
/// x / 2 * (1 + erf(x / sqrt(2))).
void gelu(std::span<const float> in, std::span<float> out);

}  // namespace vesper::pl
