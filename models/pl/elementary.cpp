#include "models/pl/elementary.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace vesper::pl {
namespace {

/// Fifteen bits of ln 2, so that a product with up to eight bits is exact, and the rest.
constexpr float kLn2High = 0x1.62e4p-1F;
constexpr float kLn2Low = static_cast<float>(0x1.62e42fefa39efp-1 - double{kLn2High});
constexpr float kLog2E = 0x1.715476p+0F;
constexpr float kLeastExponent = -87.0F;  // e^-87 > 2^-126

/// 2^k for a k that gives a normal number.
float power_of_two(int k) { return std::bit_cast<float>(static_cast<uint32_t>(k + 127) << 23); }

/// e^-x for x >= 0 in double precision: a series without cancellation.
constexpr double exp_of_minus(double x) {
  double term = 1;
  double sum = 1;
  for (int n = 1; n < 120; ++n) {
    term *= x / n;
    sum += term;
  }
  return 1 / sum;
}

constexpr double kTwoOverRootPi = 0x1.20dd750429b6dp+0;

/// erf about a point: value, and the polynomial in the distance from it.
struct Expansion {
  float value, c1, c2, c3, c4;
};

/// erf(x) = 2 / sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (1 3 5 ... (2n+1)) (Abramowitz, Stegun, 7.1.6): all
/// terms positive. Its derivatives are those of e^(-x^2).
constexpr Expansion expand(double x) {
  const double slope = kTwoOverRootPi * exp_of_minus(x * x);
  double term = x;
  double sum = x;
  for (int n = 1; n < 120; ++n) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return {static_cast<float>(slope * sum), static_cast<float>(slope), static_cast<float>(-x * slope),
          static_cast<float>((2 * x * x - 1) / 3 * slope),
          static_cast<float>(x * (3 - 2 * x * x) / 6 * slope)};
}

constexpr int kPerUnit = 16;
constexpr float kSaturated = 4.0F;  // 1 - erf(4) = 1.6e-8, less than u / 2

constexpr auto make_expansions() {
  std::array<Expansion, 4 * kPerUnit + 1> all{};
  for (size_t i = 0; i < all.size(); ++i) all[i] = expand(static_cast<double>(i) / kPerUnit);
  return all;
}
constexpr auto kExpansions = make_expansions();

}  // namespace

float exp_negative(float x) {
  if (!(x >= kLeastExponent)) return 0.0F;
  const int k = static_cast<int>(x * kLog2E - 0.5F);
  const auto multiple = static_cast<float>(k);
  const float r = (x - multiple * kLn2High) - multiple * kLn2Low;
  float q = 1.0F / 5040;
  q = q * r + 1.0F / 720;
  q = q * r + 1.0F / 120;
  q = q * r + 1.0F / 24;
  q = q * r + 1.0F / 6;
  q = q * r + 0.5F;
  const float power = (r + (r * r) * q) + 1.0F;
  return power * power_of_two(k);
}

float error_function(float x) {
  const float magnitude = x < 0 ? -x : x;
  if (magnitude >= kSaturated) return x < 0 ? -1.0F : 1.0F;
  const auto nearest = static_cast<int>(magnitude * kPerUnit + 0.5F);
  const Expansion& e = kExpansions[static_cast<size_t>(nearest)];
  const float h = magnitude - static_cast<float>(nearest) * (1.0F / kPerUnit);
  const float rest = h * (e.c1 + h * (e.c2 + h * (e.c3 + h * e.c4)));
  const float value = e.value + rest;
  return x < 0 ? -value : value;
}

}  // namespace vesper::pl
