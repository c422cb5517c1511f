/// IEEE 754 binary16 (FP16) as hardware computes it, bit for bit. Freestanding.
///
/// Models      add, subtract, multiply and divide, each rounded once, to nearest, ties to even, with
///             subnormal numbers and infinities; comparison; conversions from and to float and double.
/// Method      each operation is done in binary32 and rounded to binary16. A sum or a product of two binary16
///             numbers rounds twice only in form and a quotient as well: 24 bits are at least 2 * 11 + 2
///             (Figueroa, When is double rounding innocuous?, SIGNUM 1995).
/// NaN         what has no value (infinity less infinity, zero times infinity, 0/0) is the quiet NaN 0x7E00.
/// Leaves out  exception flags, other rounding modes.
#pragma once

#include <stdint.h>

namespace vesper::policy {

class Half {
 public:
  constexpr Half() = default;
  constexpr explicit Half(float value) : bits_(round(value)) {}
  /// Rounded once.
  constexpr explicit Half(double value) : bits_(round(to_odd(value))) {}
  static constexpr Half from_bits(uint16_t bits) {
    Half half;
    half.bits_ = bits;
    return half;
  }

  [[nodiscard]] constexpr uint16_t bits() const { return bits_; }
  constexpr explicit operator float() const { return widen(bits_); }
  constexpr explicit operator double() const { return static_cast<double>(widen(bits_)); }
  [[nodiscard]] constexpr bool is_nan() const { return (bits_ & 0x7FFF) > 0x7C00; }

  friend constexpr Half operator+(Half a, Half b) { return Half(widen(a.bits_) + widen(b.bits_)); }
  friend constexpr Half operator-(Half a, Half b) { return Half(widen(a.bits_) - widen(b.bits_)); }
  friend constexpr Half operator*(Half a, Half b) { return Half(widen(a.bits_) * widen(b.bits_)); }
  friend constexpr Half operator/(Half a, Half b) { return Half(widen(a.bits_) / widen(b.bits_)); }
  friend constexpr bool operator<(Half a, Half b) { return widen(a.bits_) < widen(b.bits_); }
  friend constexpr bool operator==(Half a, Half b) { return widen(a.bits_) == widen(b.bits_); }

 private:
  static constexpr uint32_t kFloatInfinity = 0x7F80'0000;

  static constexpr float widen(uint16_t bits) {
    uint32_t sign = uint32_t{bits & 0x8000U} << 16;
    uint32_t exponent = bits >> 10 & 0x1FU;
    uint32_t fraction = bits & 0x3FFU;
    if (exponent == 0x1F) return __builtin_bit_cast(float, sign | kFloatInfinity | fraction << 13);
    if (exponent == 0) {  // zero and subnormals: multiples of 2^-24
      float magnitude = static_cast<float>(fraction) * 0x1p-24F;
      return __builtin_bit_cast(float, sign | __builtin_bit_cast(uint32_t, magnitude));
    }
    return __builtin_bit_cast(float, sign | (exponent + 112) << 23 | fraction << 13);
  }

  static constexpr uint16_t round(float value) {
    auto word = __builtin_bit_cast(uint32_t, value);
    auto sign = static_cast<uint16_t>(word >> 16 & 0x8000U);
    uint32_t magnitude = word & 0x7FFF'FFFFU;
    if (magnitude > kFloatInfinity) return 0x7E00;
    uint32_t exponent = magnitude >> 23;
    if (exponent >= 113 + 30) return sign | 0x7C00;  // 2^16 and more
    if (exponent >= 113) {  // normal; a carry moves into the exponent, up to infinity
      return static_cast<uint16_t>(sign | shift_to_even(magnitude - (112U << 23), 13));
    }
    if (exponent < 102) return sign;  // below 2^-25
    uint32_t significand = (magnitude & 0x7F'FFFFU) | 0x80'0000U;
    return static_cast<uint16_t>(sign | shift_to_even(significand, 126 - exponent));
  }

  /// Right shift by 1..31 that rounds to nearest, ties to even.
  static constexpr uint32_t shift_to_even(uint32_t value, uint32_t by) {
    uint32_t half = 1U << (by - 1);
    uint32_t lost = value & ((half << 1) - 1);
    uint32_t kept = value >> by;
    bool up = lost > half || (lost == half && (kept & 1U) != 0);
    return kept + (up ? 1 : 0);
  }

  /// Rounded to odd, so that rounding the result again is as rounding once.
  static constexpr float to_odd(double value) {
    auto narrow = static_cast<float>(value);
    if (value != value || static_cast<double>(narrow) == value) return narrow;
    auto word = __builtin_bit_cast(uint32_t, narrow);
    if ((word & 0x7FFF'FFFFU) == kFloatInfinity) return narrow;
    bool away = (narrow < 0 ? -static_cast<double>(narrow) : static_cast<double>(narrow)) >
                (value < 0 ? -value : value);
    if (away) --word;
    return __builtin_bit_cast(float, word | 1U);
  }

  uint16_t bits_ = 0;
};

}  // namespace vesper::policy
