/// FP16 against a reference that rounds an exact value by integers.
#include "schedulers/policy/half.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <limits>

#include "platform/property/random.h"

namespace vesper::policy {
namespace {

constexpr uint32_t kPatterns = 1U << 16;
constexpr uint16_t kInfinity = 0x7C00;

/// The value of a pattern by the definition of binary16.
double value_of(uint16_t bits) {
  int exponent = bits >> 10 & 0x1F;
  int fraction = bits & 0x3FF;
  double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 0x1F) return fraction == 0 ? sign * HUGE_VAL : std::nan("");
  return exponent == 0 ? sign * std::ldexp(fraction, -24) : sign * std::ldexp(fraction + 1024, exponent - 25);
}

/// A number with the sign and size of what was lost when it was computed in double: for sticky rounding.
struct Exact {
  double value = 0;
  double beyond = 0;  ///< the true value lies on this side of `value`
};

/// The pattern nearest to the exact value, ties to even; neighbours are found in the ordered list of
/// patterns.
uint16_t nearest(Exact exact) {
  if (std::isnan(exact.value)) return 0x7E00;
  bool negative = std::signbit(exact.value);
  double magnitude = std::abs(exact.value);
  double beyond = negative ? -exact.beyond : exact.beyond;
  uint16_t low = 0, high = kInfinity;  // value(low) <= magnitude < value(high), infinity as 65536
  auto value = [](uint16_t bits) { return bits == kInfinity ? 65536.0 : value_of(bits); };
  if (magnitude >= 65536) return static_cast<uint16_t>(kInfinity | (negative ? 0x8000 : 0));
  while (high - low > 1) {
    auto middle = static_cast<uint16_t>((low + high) / 2);
    (value(middle) <= magnitude ? low : high) = middle;
  }
  double half = (value(low) + value(high)) / 2;
  bool up = magnitude > half || (magnitude == half && (beyond > 0 || (beyond == 0 && (low & 1) != 0)));
  return static_cast<uint16_t>((up ? high : low) | (negative ? 0x8000 : 0));
}

Exact exact(double value) { return {value, 0}; }
/// Sums and products of two binary16 numbers are exact in binary64; a quotient is exact up to its remainder.
Exact quotient(double a, double b) {
  double q = a / b;
  if (!std::isfinite(q) || q == 0) return exact(q);
  double remainder = std::fma(-q, b, a);
  return {q, std::signbit(b) ? -remainder : remainder};
}

bool same(Half actual, uint16_t expected) {
  if ((expected & 0x7FFF) > kInfinity) return actual.is_nan();
  return actual.bits() == expected;
}

testing::AssertionResult all_operations_agree(uint16_t a_bits, uint16_t b_bits) {
  Half a = Half::from_bits(a_bits), b = Half::from_bits(b_bits);
  double x = value_of(a_bits), y = value_of(b_bits);
  bool agree = same(a + b, nearest(exact(x + y))) && same(a - b, nearest(exact(x - y))) &&
               same(a * b, nearest(exact(x * y))) && same(a / b, nearest(quotient(x, y))) &&
               (a < b) == (x < y) && (a == b) == (x == y);
  if (agree) return testing::AssertionSuccess();
  return testing::AssertionFailure() << std::hex << a_bits << " and " << b_bits;
}

TEST(Half, EveryPatternHasItsValueAndComesBack) {
  for (uint32_t bits = 0; bits < kPatterns; ++bits) {
    Half half = Half::from_bits(static_cast<uint16_t>(bits));
    double value = value_of(half.bits());
    if (std::isnan(value)) {
      ASSERT_TRUE(half.is_nan() && std::isnan(static_cast<float>(half))) << bits;
      continue;
    }
    ASSERT_EQ(std::bit_cast<uint64_t>(static_cast<double>(half)), std::bit_cast<uint64_t>(value)) << bits;
    ASSERT_EQ(Half(static_cast<float>(half)).bits(), bits);
    ASSERT_EQ(Half(static_cast<double>(half)).bits(), bits);
  }
}

TEST(Half, EveryFloatRoundsToTheNearest) {
  // All exponents, all of the upper 15 bits of the fraction, and lower bits that decide a tie: none, one,
  // all.
  for (uint64_t upper = 0; upper < (1U << 24); ++upper) {
    for (uint32_t lower : {0x00U, 0x01U, 0xFFU}) {
      auto bits = static_cast<uint32_t>(upper << 8 | lower);
      auto value = std::bit_cast<float>(bits);
      ASSERT_TRUE(same(Half(value), nearest(exact(value)))) << std::hex << bits;
    }
  }
}

TEST(Half, DoublesAreRoundedOnce) {
  // Halfway between two halves, and off it by less than a float can tell.
  for (uint32_t bits = 0; bits < kInfinity; ++bits) {
    double low = value_of(static_cast<uint16_t>(bits));
    double high = bits + 1 == kInfinity ? 65536.0 : value_of(static_cast<uint16_t>(bits + 1));
    double middle = (low + high) / 2;
    for (double value : {low, middle, std::nextafter(middle, 0), std::nextafter(middle, high)}) {
      ASSERT_TRUE(same(Half(value), nearest(exact(value)))) << std::hexfloat << value;
      ASSERT_TRUE(same(Half(-value), nearest(exact(-value)))) << std::hexfloat << value;
    }
  }
  SplitMix64 random(3);
  for (int i = 0; i < 4'000'000; ++i) {
    auto value = std::bit_cast<double>(random.next());
    ASSERT_TRUE(same(Half(value), nearest(exact(value)))) << std::hexfloat << value;
    double near = std::ldexp(std::bit_cast<double>(0x3FF0'0000'0000'0000 | random.next() >> 12),
                             static_cast<int>(random.up_to(44)) - 27);
    ASSERT_TRUE(same(Half(near), nearest(exact(near)))) << std::hexfloat << near;
  }
}

TEST(Half, OperationsRoundCorrectlyOnRandomPairs) {
  SplitMix64 random(1);
  for (int i = 0; i < 4'000'000; ++i) {
    uint64_t word = random.next();
    ASSERT_TRUE(all_operations_agree(static_cast<uint16_t>(word), static_cast<uint16_t>(word >> 16)));
  }
}

TEST(Half, OperationsRoundCorrectlyBetweenAllEdges) {
  std::vector<uint16_t> edges;
  for (int magnitude :
       {0x0000, 0x0001, 0x0002, 0x0003, 0x01FF, 0x0200, 0x03FE, 0x03FF, 0x0400, 0x0401, 0x07FF, 0x0800,
        0x3BFF, 0x3C00, 0x3C01, 0x4000, 0x4001, 0x77FF, 0x7800, 0x7BFE, 0x7BFF, 0x7C00, 0x7C01, 0x7E00}) {
    edges.push_back(static_cast<uint16_t>(magnitude));
    edges.push_back(static_cast<uint16_t>(magnitude | 0x8000));
  }
  for (uint16_t a : edges) {
    for (uint32_t b = 0; b < kPatterns; ++b) {
      ASSERT_TRUE(all_operations_agree(a, static_cast<uint16_t>(b)));
      ASSERT_TRUE(all_operations_agree(static_cast<uint16_t>(b), a));
    }
  }
}

TEST(Half, WithoutAValueIsTheQuietNan) {
  Half infinity = Half::from_bits(kInfinity), zero;
  EXPECT_EQ((infinity - infinity).bits(), 0x7E00);
  EXPECT_EQ((infinity * zero).bits(), 0x7E00);
  EXPECT_EQ((zero / zero).bits(), 0x7E00);
  EXPECT_EQ((Half(1.0F) / zero).bits(), kInfinity);
  EXPECT_EQ(Half(65519.9F).bits(), 0x7BFF);
  EXPECT_EQ(Half(65520.0F).bits(), kInfinity);
  EXPECT_EQ(Half(0x1p-25F).bits(), 0);  // a tie to even
  EXPECT_EQ(Half(0x1.8p-25F).bits(), 1);
}

}  // namespace
}  // namespace vesper::policy
