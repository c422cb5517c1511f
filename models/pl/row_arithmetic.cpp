#include "models/pl/row_arithmetic.h"

#include <algorithm>
#include <cmath>

#include "models/pl/elementary.h"

namespace vesper::pl {
namespace {

int8_t saturated(int32_t value) { return static_cast<int8_t>(std::clamp(value, -128, 127)); }

/// To nearest, ties to even: what adding and taking away 1.5 * 2^23 does to any |x| < 2^22.
int8_t rounded(float x) {
  if (!(x > -129.0F)) return x <= -129.0F ? int8_t{-128} : int8_t{0};
  if (x > 128.0F) return 127;
  constexpr float kShift = 0x1.8p+23F;
  const float shifted = x + kShift;
  return saturated(static_cast<int32_t>(shifted - kShift));
}

float scale_of(uint32_t bits) { return static_cast<float>(uint32_t{1} << bits); }

}  // namespace

void to_fp32(std::span<const int8_t> in, uint32_t bits, std::span<float> out) {
  const float step = 1.0F / scale_of(bits);
  for (size_t i = 0; i < in.size(); ++i) out[i] = static_cast<float>(in[i]) * step;
}

void to_int8(std::span<const float> in, uint32_t bits, std::span<int8_t> out) {
  const float scale = scale_of(bits);
  for (size_t i = 0; i < in.size(); ++i) out[i] = rounded(in[i] * scale);
}

void add(std::span<const int8_t> in, std::span<const int8_t> addend, std::span<int8_t> out) {
  for (size_t i = 0; i < in.size(); ++i) out[i] = saturated(int32_t{in[i]} + addend[i]);
}

void add(std::span<const float> in, std::span<const float> addend, std::span<float> out) {
  for (size_t i = 0; i < in.size(); ++i) out[i] = in[i] + addend[i];
}

void softmax(std::span<const float> in, std::span<float> out) {
  float most = in[0];
  for (float x : in) most = std::max(most, x);
  float sum = 0;
  for (size_t i = 0; i < in.size(); ++i) {
    out[i] = exp_negative(in[i] - most);
    sum += out[i];
  }
  for (float& x : out) x /= sum;
}

void layer_norm(std::span<const float> in, std::span<const float> gamma, std::span<const float> beta,
                std::span<float> out) {
  const auto count = static_cast<float>(in.size());
  float sum = 0;
  for (float x : in) sum += x;
  const float mean = sum / count;
  float squares = 0;
  for (float x : in) squares += (x - mean) * (x - mean);
  const float scale = 1.0F / std::sqrt(squares / count + kLayerNormEpsilon);
  for (size_t i = 0; i < in.size(); ++i) out[i] = (in[i] - mean) * scale * gamma[i] + beta[i];
}

void gelu(std::span<const float> in, std::span<float> out) {
  constexpr float kRootHalf = 0x1.6a09e6p-1F;
  for (size_t i = 0; i < in.size(); ++i) {
    const float x = in[i];
    out[i] = 0.5F * x * (1.0F + error_function(x * kRootHalf));
  }
}

}  // namespace vesper::pl
