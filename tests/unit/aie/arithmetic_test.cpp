// The arithmetic of functional runs against plain loops.
#include "models/aie/arithmetic.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace vesper::aie {
namespace {

template <class T>
std::vector<T> drawn(const Arithmetic& arithmetic, uint64_t seed, size_t count) {
  std::vector<T> elements(count);
  arithmetic.draw_inputs(seed, reinterpret_cast<std::byte*>(elements.data()), count);
  return elements;
}

/// The sum of products that element (row, column) adds up, in a wider type.
template <class Wide, class T>
Wide sum_of(const std::vector<T>& a, const std::vector<T>& b, const TileProduct& p, uint32_t row,
            uint32_t column) {
  Wide sum = 0;
  for (uint32_t i = 0; i < p.k; ++i) sum += Wide(a[row * p.a_stride + i]) * Wide(b[i * p.b_stride + column]);
  return sum;
}

TileProduct random_product(std::mt19937& random, uint32_t most_k) {
  auto side = [&](uint32_t most) { return 1 + static_cast<uint32_t>(random() % most); };
  TileProduct p{side(20), side(most_k), side(20)};
  p.a_stride = p.k + side(4) - 1;
  p.b_stride = p.n + side(4) - 1;
  p.c_stride = p.n + side(4) - 1;
  return p;
}

template <class T>
const std::byte* bytes_of(const std::vector<T>& elements) {
  return reinterpret_cast<const std::byte*>(elements.data());
}
template <class T>
std::byte* bytes_of(std::vector<T>& elements) {
  return reinterpret_cast<std::byte*>(elements.data());
}

TEST(Arithmetic, ElementsOfFourBytesAndOfOne) {
  EXPECT_EQ(find_arithmetic(4)->element_bytes(), 4U);
  EXPECT_EQ(find_arithmetic(1)->element_bytes(), 1U);
  for (uint32_t bytes : {0U, 2U, 3U, 8U}) EXPECT_EQ(find_arithmetic(bytes), nullptr);
}

TEST(Arithmetic, Int8ProductsAddUpExactly) {
  const Arithmetic& int8 = *find_arithmetic(1);
  std::mt19937 random{1};
  for (int round = 0; round < 200; ++round) {
    TileProduct p = random_product(random, 3000);
    auto a = drawn<int8_t>(int8, random(), size_t{p.m} * p.a_stride);
    auto b = drawn<int8_t>(int8, random(), size_t{p.k} * p.b_stride);
    if (round % 4 == 0) std::fill(a.begin(), a.end(), int8_t{-128});
    if (round % 4 == 0) std::fill(b.begin(), b.end(), int8_t{-128});
    std::vector<int32_t> c(size_t{p.m} * p.c_stride, 7);
    int8.accumulate(bytes_of(a), bytes_of(b), bytes_of(c), p);
    int8.accumulate(bytes_of(a), bytes_of(b), bytes_of(c), p);
    for (uint32_t row = 0; row < p.m; ++row) {
      for (uint32_t column = 0; column < p.c_stride; ++column) {
        int64_t sum = column < p.n ? sum_of<int64_t>(a, b, p, row, column) : 0;
        ASSERT_EQ(c[row * p.c_stride + column], 7 + 2 * sum);
      }
    }
  }
}

TEST(Arithmetic, Fp32ProductsAreWithinTheBoundOfTheDoublePrecisionSum) {
  const Arithmetic& fp32 = *find_arithmetic(4);
  std::mt19937 random{2};
  for (int round = 0; round < 200; ++round) {
    TileProduct p = random_product(random, 600);
    auto a = drawn<float>(fp32, random(), size_t{p.m} * p.a_stride);
    auto b = drawn<float>(fp32, random(), size_t{p.k} * p.b_stride);
    std::vector<float> c(size_t{p.m} * p.c_stride, 0);
    fp32.accumulate(bytes_of(a), bytes_of(b), bytes_of(c), p);
    double unit = std::ldexp(1.0, -24);
    for (uint32_t row = 0; row < p.m; ++row) {
      for (uint32_t column = 0; column < p.n; ++column) {
        float found = c[row * p.c_stride + column];
        double sum = sum_of<double>(a, b, p, row, column);
        ASSERT_LE(std::abs(found - sum), p.k * unit / (1 - p.k * unit) * p.k);
        auto holds = [&](float value) {
          return fp32.holds(reinterpret_cast<const std::byte*>(&value), bytes_of(a) + 4 * row * p.a_stride,
                            bytes_of(b) + 4 * column, p.b_stride, p.k);
        };
        ASSERT_TRUE(holds(found));
        ASSERT_FALSE(holds(found + 0.5F)) << "half a full-scale product is missing";
      }
    }
  }
}

TEST(Arithmetic, Int32DrainsToInt8ByARoundingSaturatingShift) {
  EXPECT_EQ(drain_shift(1), 6U);
  EXPECT_EQ(drain_shift(3), 6U);
  EXPECT_EQ(drain_shift(4), 7U);
  EXPECT_EQ(drain_shift(8192), 12U);
  const std::vector<int32_t> sums{0,    63,   64,    191,   192,     -64,      -65,
                                  -192, -193, 16319, 16320, 1 << 30, INT32_MIN};
  std::vector<int8_t> elements(sums.size());
  find_arithmetic(1)->drain(bytes_of(sums), bytes_of(elements), sums.size(), 4);  // by 7 bits
  EXPECT_THAT(elements, ::testing::ElementsAre(0, 0, 1, 1, 2, 0, -1, -1, -2, 127, 127, 127, -128));
}

TEST(Arithmetic, Int8KeepsItsSpreadThroughLayers) {
  const Arithmetic& int8 = *find_arithmetic(1);
  constexpr uint32_t kSide = 96;
  auto x = drawn<int8_t>(int8, 1, kSide * kSide);
  for (uint64_t layer = 0; layer < 30; ++layer) {
    std::vector<int8_t> weights(kSide * kSide);
    int8.draw_weights(100 + layer, bytes_of(weights), weights.size(), kSide);
    std::vector<int32_t> sums(kSide * kSide, 0);
    int8.accumulate(bytes_of(x), bytes_of(weights), bytes_of(sums),
                    {kSide, kSide, kSide, kSide, kSide, kSide});
    int8.drain(bytes_of(sums), bytes_of(x), sums.size(), kSide);
    double squares = 0;
    for (int8_t value : x) squares += value * value;
    double deviation = std::sqrt(squares / static_cast<double>(x.size()));
    ASSERT_GT(deviation, 40);
    ASSERT_LT(deviation, 115);
  }
}

TEST(Arithmetic, DrawsDependOnTheSeedAlone) {
  const Arithmetic& fp32 = *find_arithmetic(4);
  EXPECT_EQ(drawn<float>(fp32, 5, 100), drawn<float>(fp32, 5, 100));
  EXPECT_NE(drawn<float>(fp32, 5, 100), drawn<float>(fp32, 6, 100));
  for (float value : drawn<float>(fp32, 5, 1000)) {
    EXPECT_GE(value, -1);
    EXPECT_LT(value, 1);
  }
}

}  // namespace
}  // namespace vesper::aie
