#include "models/aie/arithmetic.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "platform/property/random.h"

namespace vesper::aie {
namespace {

template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using View = Eigen::Map<T, Eigen::Unaligned, Eigen::OuterStride<>>;

template <class T>
View<const RowMajor<T>> view(const std::byte* data, uint32_t rows, uint32_t columns, uint32_t stride) {
  return {reinterpret_cast<const T*>(data), rows, columns, Eigen::OuterStride<>(stride)};
}
template <class T>
View<RowMajor<T>> view(std::byte* data, uint32_t rows, uint32_t columns, uint32_t stride) {
  return {reinterpret_cast<T*>(data), rows, columns, Eigen::OuterStride<>(stride)};
}

template <class T>
T value_at(const std::byte* elements, size_t index) {
  T value;
  std::memcpy(&value, elements + index * sizeof value, sizeof value);
  return value;
}
template <class T>
void put(std::byte* elements, size_t index, T value) {
  std::memcpy(elements + index * sizeof value, &value, sizeof value);
}

class Fp32 final : public Arithmetic {
 public:
  [[nodiscard]] uint32_t element_bytes() const override { return sizeof(float); }

  void accumulate(const std::byte* a, const std::byte* b, std::byte* c, const TileProduct& p) const override {
    view<float>(c, p.m, p.n, p.c_stride).noalias() +=
        view<float>(a, p.m, p.k, p.a_stride) * view<float>(b, p.k, p.n, p.b_stride);
  }

  void drain(const std::byte* accumulators, std::byte* elements, size_t count,
             uint32_t /*k*/) const override {
    std::memcpy(elements, accumulators, count * sizeof(float));
  }

  void draw_inputs(uint64_t seed, std::byte* elements, size_t count) const override {
    draw(seed, elements, count, 1.0F);
  }
  void draw_weights(uint64_t seed, std::byte* elements, size_t count, uint32_t k) const override {
    draw(seed, elements, count, static_cast<float>(std::sqrt(3.0 / k)));
  }

  [[nodiscard]] bool holds(const std::byte* element, const std::byte* a_row, const std::byte* b_column,
                           size_t b_stride, uint32_t k) const override {
    double sum = 0;
    double magnitudes = 0;
    for (uint32_t i = 0; i < k; ++i) {
      double product = double{value_at<float>(a_row, i)} * double{value_at<float>(b_column, i * b_stride)};
      sum += product;
      magnitudes += std::abs(product);
    }
    constexpr double kUnitRoundoff = 0x1p-24;
    double roundings = k * kUnitRoundoff;
    double bound = roundings < 1 ? roundings / (1 - roundings) * magnitudes : magnitudes;
    return std::abs(double{value_at<float>(element, 0)} - sum) <= bound;
  }

  [[nodiscard]] std::string text(const std::byte* element) const override {
    return fmt::format("{}", value_at<float>(element, 0));
  }

 private:
  static void draw(uint64_t seed, std::byte* elements, size_t count, float scale) {
    SplitMix64 random(seed);
    for (size_t i = 0; i < count; ++i) {
      auto fraction = static_cast<int32_t>(random.next() >> 40) - (1 << 23);
      put(elements, i, static_cast<float>(fraction) * 0x1p-23F * scale);
    }
  }
};

class Int8 final : public Arithmetic {
 public:
  [[nodiscard]] uint32_t element_bytes() const override { return sizeof(int8_t); }

  void accumulate(const std::byte* a, const std::byte* b, std::byte* c, const TileProduct& p) const override {
    // A sum of 1024 products of two 8-bit values is at most 2^24: exact in single precision.
    constexpr uint32_t kExact = 1024;
    for (uint32_t first = 0; first < p.k; first += kExact) {
      uint32_t depth = std::min(kExact, p.k - first);
      RowMajor<float> left = view<int8_t>(a + first, p.m, depth, p.a_stride).cast<float>();
      RowMajor<float> right =
          view<int8_t>(b + size_t{first} * p.b_stride, depth, p.n, p.b_stride).cast<float>();
      RowMajor<float> sum = left * right;
      view<uint32_t>(c, p.m, p.n, p.c_stride) += sum.cast<int32_t>().cast<uint32_t>();
    }
  }

  void drain(const std::byte* accumulators, std::byte* elements, size_t count, uint32_t k) const override {
    uint32_t shift = drain_shift(k);
    for (size_t i = 0; i < count; ++i) put(elements, i, narrowed(value_at<int32_t>(accumulators, i), shift));
  }

  void draw_inputs(uint64_t seed, std::byte* elements, size_t count) const override {
    SplitMix64 random(seed);
    for (size_t i = 0; i < count; ++i) put(elements, i, static_cast<uint8_t>(random.next() >> 56));
  }
  void draw_weights(uint64_t seed, std::byte* elements, size_t count, uint32_t /*k*/) const override {
    draw_inputs(seed, elements, count);
  }

  [[nodiscard]] bool holds(const std::byte* element, const std::byte* a_row, const std::byte* b_column,
                           size_t b_stride, uint32_t k) const override {
    int64_t sum = 0;
    for (uint32_t i = 0; i < k; ++i) {
      sum += int64_t{value_at<int8_t>(a_row, i)} * int64_t{value_at<int8_t>(b_column, i * b_stride)};
    }
    return value_at<int8_t>(element, 0) == narrowed(static_cast<int32_t>(sum), drain_shift(k));
  }

  [[nodiscard]] std::string text(const std::byte* element) const override {
    return fmt::format("{}", static_cast<int>(value_at<int8_t>(element, 0)));
  }

 private:
  static int8_t narrowed(int32_t sum, uint32_t shift) {
    int64_t rounded = (int64_t{sum} + (int64_t{1} << (shift - 1))) >> shift;
    return static_cast<int8_t>(std::clamp<int64_t>(rounded, -128, 127));
  }
};

}  // namespace

uint32_t drain_shift(uint32_t k) { return 6 + (static_cast<uint32_t>(std::bit_width(k)) - 1) / 2; }

const Arithmetic* find_arithmetic(uint32_t element_bytes) {
  static const Fp32 fp32;
  static const Int8 int8;
  for (const Arithmetic* arithmetic :
       {static_cast<const Arithmetic*>(&fp32), static_cast<const Arithmetic*>(&int8)}) {
    if (arithmetic->element_bytes() == element_bytes) return arithmetic;
  }
  return nullptr;
}

}  // namespace vesper::aie
