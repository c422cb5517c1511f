// What engines do to a row against double precision, within bounds that are derived and not observed.
#include "models/pl/row_arithmetic.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "models/pl/elementary.h"

namespace vesper::pl {
namespace {

constexpr double u = 0x1p-24;
/// n roundings compounded (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).
double roundings(double n) { return n * u / (1 - n * u); }

/// Of all floats from `first` to `last`, of one sign and in order of magnitude, every `stride`-th and the
/// last.
template <class Check>
void sweep(float first, float last, uint32_t stride, const Check& check) {
  const auto end = std::bit_cast<uint32_t>(last);
  for (auto bits = std::bit_cast<uint32_t>(first); bits < end; bits += stride)
    check(std::bit_cast<float>(bits));
  check(last);
}

TEST(Elementary, ExponentialIsWithinThreeRoundings) {
  double worst = 0;
  sweep(-0.0F, -87.0F, 53, [&](float x) {
    const double exact = std::exp(double{x});
    worst = std::max(worst, std::abs(double{exp_negative(x)} - exact) / exact);
  });
  EXPECT_LE(worst, 3 * u);
  EXPECT_EQ(exp_negative(0.0F), 1.0F);
  EXPECT_EQ(exp_negative(-0.0F), 1.0F);
}

TEST(Elementary, ExponentialNextToItsReductionsSteps) {
  for (int k = 0; k <= 125; ++k) {
    auto middle = static_cast<float>(-(k + 0.5) * std::log(2.0));
    float x = middle - 64 * std::abs(middle) * static_cast<float>(u);
    for (int i = 0; i < 256 && x >= -87.0F; ++i, x = std::nextafter(x, 0.0F)) {
      const double exact = std::exp(double{x});
      ASSERT_LE(std::abs(double{exp_negative(x)} - exact), 3 * u * exact) << x;
    }
  }
}

TEST(Elementary, ExponentialOfLessIsZero) {
  const float below = std::nextafter(-87.0F, -100.0F);
  EXPECT_LT(std::exp(double{below}), 1.7e-38);
  for (float x : {below, -100.0F, -1e30F, -std::numeric_limits<float>::infinity()})
    EXPECT_EQ(exp_negative(x), 0);
}

TEST(Elementary, ErrorFunctionIsWithinOneAndAHalfRoundings) {
  double worst = 0;
  sweep(0.0F, std::numeric_limits<float>::max(), 397,
        [&](float x) { worst = std::max(worst, std::abs(double{error_function(x)} - std::erf(double{x}))); });
  EXPECT_LE(worst, 1.5 * u);
}

TEST(Elementary, ErrorFunctionIsOdd) {
  EXPECT_EQ(error_function(0.0F), 0.0F);
  sweep(0.0F, 10.0F, 100'003, [](float x) { ASSERT_EQ(error_function(-x), -error_function(x)); });
}

// ------------------------------------------------------------------------------------------------------------

std::vector<float> drawn(std::mt19937& random, size_t count, float middle, float width) {
  std::vector<float> row(count);
  for (float& x : row) x = middle + width * (static_cast<float>(random() >> 8) * 0x1p-23F - 1.0F);
  return row;
}
std::vector<double> widened(const std::vector<float>& row) { return {row.begin(), row.end()}; }

TEST(RowArithmetic, EveryInt8IsItselfAfterFp32) {
  std::vector<int8_t> all(256);
  for (int i = 0; i < 256; ++i) all[static_cast<size_t>(i)] = static_cast<int8_t>(i - 128);
  for (uint32_t bits : {0U, kActivationBits, 7U, 10U}) {
    std::vector<float> values(256);
    std::vector<int8_t> back(256);
    to_fp32(all, bits, values);
    for (size_t i = 0; i < 256; ++i) EXPECT_EQ(values[i], std::ldexp(all[i], -static_cast<int>(bits)));
    to_int8(values, bits, back);
    EXPECT_EQ(back, all);
  }
}

TEST(RowArithmetic, ProbabilitiesHaveMoreBitsTheMoreThereAre) {
  EXPECT_EQ(probability_bits(1), 7U);
  EXPECT_EQ(probability_bits(2), 7U);
  EXPECT_EQ(probability_bits(4), 8U);
  EXPECT_EQ(probability_bits(197), 10U);
  EXPECT_EQ(probability_bits(256), 11U);
}

TEST(RowArithmetic, Fp32IsRoundedToNearestEvenAndSaturates) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> in{0.5F,    1.5F,    -0.5F, -1.5F, 2.5F, 126.5F, 127.49F, 127.5F,       1e30F,
                              -128.5F, -128.6F, -1e9F, inf,   -inf, 0.499F, -0.51F,  std::nanf("")};
  const std::vector<int8_t> expected{0,    2,    0,    -2,  2,    126, 127, 127, 127,
                                     -128, -128, -128, 127, -128, 0,   -1,  0};
  std::vector<int8_t> out(in.size());
  to_int8(in, 0, out);
  EXPECT_EQ(out, expected);
  std::mt19937 random{3};
  std::vector<float> row = drawn(random, 10'000, 0, 5);
  out.resize(row.size());
  to_int8(row, kActivationBits, out);
  for (size_t i = 0; i < row.size(); ++i)
    ASSERT_EQ(out[i], std::clamp(std::nearbyint(double{row[i]} * 32), -128.0, 127.0));
}

TEST(RowArithmetic, Int8SumsSaturate) {
  std::vector<int8_t> a, b, sum;
  std::vector<int> expected;
  for (int x = -128; x < 128; ++x) {
    for (int y = -128; y < 128; ++y) {
      a.push_back(static_cast<int8_t>(x));
      b.push_back(static_cast<int8_t>(y));
      expected.push_back(std::clamp(x + y, -128, 127));
    }
  }
  sum.resize(a.size());
  add(a, b, sum);
  for (size_t i = 0; i < sum.size(); ++i) ASSERT_EQ(sum[i], expected[i]);
}

void expect_softmax_within_its_bound(const std::vector<float>& row) {
  std::vector<float> out(row.size());
  softmax(row, out);
  const double most = *std::max_element(row.begin(), row.end());
  double sum = 0;
  for (double x : widened(row)) sum += std::exp(x - most);
  double spread = 0;
  for (double x : widened(row)) spread += std::exp(x - most) / sum * (most - x);
  const auto n = static_cast<double>(row.size());
  for (size_t i = 0; i < row.size(); ++i) {
    const double exact = std::exp(row[i] - most) / sum;
    const double distance = most - row[i];
    // Numerator: difference and exponential. Denominator: the same of every term, n - 1 sums. A division.
    const double relative = roundings(distance + 3) + roundings(spread + 3 + n - 1) + roundings(1);
    ASSERT_LE(std::abs(out[i] - exact), relative * 1.0001 * exact + 0x1p-125) << "column " << i;
  }
}

TEST(RowArithmetic, SoftmaxIsWithinItsBound) {
  std::mt19937 random{4};
  for (size_t n : {1, 2, 3, 16, 192, 197, 1000}) {
    for (float width : {0.0F, 0.01F, 1.0F, 4.0F, 60.0F, 1000.0F}) {
      for (float middle : {0.0F, -300.0F, 1e6F})
        expect_softmax_within_its_bound(drawn(random, n, middle, width));
    }
  }
}

TEST(RowArithmetic, SoftmaxOfEqualsIsTheirShare) {
  std::vector<float> row(64, 3.25F), out(64);
  softmax(row, out);
  EXPECT_THAT(out, ::testing::Each(1.0F / 64));
}

/// Bounds of the steps of a layer norm, each from those before.
struct LayerNormBound {
  explicit LayerNormBound(const std::vector<float>& row) {
    const auto n = static_cast<double>(row.size());
    double magnitude = 0;
    for (double x : widened(row)) {
      mean += x / n;
      magnitude += std::abs(x) / n;
    }
    mean_error = roundings(n) * magnitude;
    double moved = 0;
    for (double x : widened(row)) {
      const double e = difference_error(x);
      variance += (x - mean) * (x - mean) / n;
      moved += (2 * std::abs(x - mean) * e + e * e) / n;
    }
    const double variance_error = roundings(n + 1) * (variance + moved) + moved;
    const double epsilon = 1e-6;
    const double under_root = variance + epsilon;
    const double error = variance_error + u * (under_root + variance_error) + u * epsilon;
    scale = 1 / std::sqrt(under_root);
    // Error of the argument, then a root and a division.
    scale_error =
        error < under_root ? 1 / std::sqrt(1 - error / under_root) * (1 + roundings(2)) - 1 : INFINITY;
  }
  [[nodiscard]] double difference_error(double x) const {
    return mean_error + u * (std::abs(x - mean) + mean_error);
  }
  [[nodiscard]] double value(double x, double gamma, double beta) const {
    return (x - mean) * scale * gamma + beta;
  }
  [[nodiscard]] double error(double x, double gamma, double beta) const {
    const double difference = std::abs(x - mean);
    const double product =
        std::abs(gamma) * scale *
        ((difference + difference_error(x)) * (1 + scale_error) * (1 + roundings(2)) - difference);
    return product + u * (std::abs(value(x, gamma, beta)) + product);
  }

  double mean = 0, mean_error = 0, variance = 0, scale = 0, scale_error = 0;
};

TEST(RowArithmetic, LayerNormIsWithinItsBound) {
  std::mt19937 random{5};
  for (size_t n : {1, 2, 16, 192, 256, 1000}) {
    for (float width : {0.0F, 1e-4F, 0.1F, 4.0F, 1e4F}) {
      for (float middle : {0.0F, 1.0F, -50.0F}) {
        const std::vector<float> row = drawn(random, n, middle, width);
        const std::vector<float> gamma = drawn(random, n, 1, 0.5F), beta = drawn(random, n, 0, 0.5F);
        const LayerNormBound bound(row);
        std::vector<float> out(n);
        layer_norm(row, gamma, beta, out);
        for (size_t i = 0; i < n; ++i) {
          ASSERT_LE(std::abs(out[i] - bound.value(row[i], gamma[i], beta[i])),
                    bound.error(row[i], gamma[i], beta[i]))
              << n << " values of " << middle << " +- " << width << ", column " << i;
        }
      }
    }
  }
}

TEST(RowArithmetic, TheLayerNormsBoundIsOfUseWhereValuesAreSpread) {
  std::mt19937 random{6};
  const std::vector<float> row = drawn(random, 192, 0, 4);
  EXPECT_LT(LayerNormBound(row).error(row[0], 1, 0), 1e-4);  // INT8 steps are 1/32
}

TEST(RowArithmetic, GeluIsWithinItsBound) {
  for (float sign : {1.0F, -1.0F}) {
    sweep(0x1p-60F, 1e30F, 977, [&](float magnitude) {
      const float x = sign * magnitude;
      float out = 0;
      gelu({&x, 1}, {&out, 1});
      const double exact = double{x} * 0.5 * std::erfc(-double{x} * std::sqrt(0.5));
      ASSERT_LE(std::abs(out - exact), 3 * u * magnitude) << x;
    });
  }
}

TEST(RowArithmetic, ResultsMayTakeTheInputsPlace) {
  std::mt19937 random{7};
  const std::vector<float> row = drawn(random, 50, 0, 4), gamma = drawn(random, 50, 1, 1);
  std::vector<float> apart(50);
  auto in_place = [&](const auto& compute) {
    std::vector<float> same = row;
    compute(row, apart);
    compute(same, same);
    EXPECT_EQ(same, apart);
  };
  in_place([](const std::vector<float>& in, std::vector<float>& out) { softmax(in, out); });
  in_place([](const std::vector<float>& in, std::vector<float>& out) { gelu(in, out); });
  in_place([&](const std::vector<float>& in, std::vector<float>& out) { layer_norm(in, gamma, gamma, out); });
}

/// The same bits on every machine: a checksum of what the functions make of many inputs.
TEST(RowArithmetic, BitsAreThose) {
  uint32_t sum = 0;
  sweep(0.0F, 90.0F, 10'007, [&](float x) {
    sum = sum * 31 + std::bit_cast<uint32_t>(exp_negative(-x));
    sum = sum * 31 + std::bit_cast<uint32_t>(error_function(x));
  });
  EXPECT_EQ(sum, 1461275953U);
}

}  // namespace
}  // namespace vesper::pl
