#include "platform/property/units.h"

#include <gmock/gmock.h>

#include <limits>
#include <random>

namespace vesper {
namespace {

using ::testing::HasSubstr;

template <class T>
T parsed(std::string_view text) {
  T value{};
  parse(text, value);
  return value;
}

template <class T>
std::string refusal(std::string_view text) {
  try {
    T value{};
    parse(text, value);
  } catch (const UnitError& error) {
    return error.what();
  }
  ADD_FAILURE() << "'" << text << "' was taken";
  return "";
}

TEST(Units, EveryUnitOfTime) {
  EXPECT_EQ(parsed<Duration>("3 s").ps, 3'000'000'000'000U);
  EXPECT_EQ(parsed<Duration>("3 ms").ps, 3'000'000'000U);
  EXPECT_EQ(parsed<Duration>("3 us").ps, 3'000'000U);
  EXPECT_EQ(parsed<Duration>("3 ns").ps, 3'000U);
  EXPECT_EQ(parsed<Duration>("3 ps").ps, 3U);
  EXPECT_EQ(parsed<Duration>("0 s").ps, 0U);
}

TEST(Units, EveryUnitOfFrequency) {
  EXPECT_EQ(parsed<Frequency>("3 Hz").hz, 3U);
  EXPECT_EQ(parsed<Frequency>("3 kHz").hz, 3'000U);
  EXPECT_EQ(parsed<Frequency>("3 MHz").hz, 3'000'000U);
  EXPECT_EQ(parsed<Frequency>("3 GHz").hz, 3'000'000'000U);
}

TEST(Units, EveryUnitOfBytesAndDataRates) {
  EXPECT_EQ(parsed<Bytes>("3 B").count, 3U);
  EXPECT_EQ(parsed<Bytes>("3 kB").count, 3'000U);
  EXPECT_EQ(parsed<Bytes>("3 MB").count, 3'000'000U);
  EXPECT_EQ(parsed<Bytes>("3 GB").count, 3'000'000'000U);
  EXPECT_EQ(parsed<Bytes>("3 KiB").count, 3U << 10);
  EXPECT_EQ(parsed<Bytes>("3 MiB").count, 3U << 20);
  EXPECT_EQ(parsed<Bytes>("3 GiB").count, 3ULL << 30);
  EXPECT_EQ(parsed<Bandwidth>("3 B/s").bytes_per_second, 3U);
  EXPECT_EQ(parsed<Bandwidth>("3 kB/s").bytes_per_second, 3'000U);
  EXPECT_EQ(parsed<Bandwidth>("3 MB/s").bytes_per_second, 3'000'000U);
  EXPECT_EQ(parsed<Bandwidth>("3 GB/s").bytes_per_second, 3'000'000'000U);
}

TEST(Units, FractionsAreExact) {
  EXPECT_EQ(parsed<Duration>("1.5 ms").ps, 1'500'000'000U);
  EXPECT_EQ(parsed<Duration>("0.000000000001 s").ps, 1U);
  EXPECT_EQ(parsed<Duration>("4347.826 ns").ps, 4'347'826U);
  EXPECT_EQ(parsed<Bandwidth>("25.6 GB/s").bytes_per_second, 25'600'000'000U);
  EXPECT_EQ(parsed<Bytes>("0.5 KiB").count, 512U);
  EXPECT_EQ(parsed<Bytes>("0.0009765625 KiB").count, 1U);
  EXPECT_EQ(parsed<Frequency>("33.333333 MHz").hz, 33'333'333U);
  EXPECT_EQ(parsed<Duration>("1.50000000000000000000 ms").ps, 1'500'000'000U) << "zeros name no smaller unit";
}

TEST(Units, WhatIsNoWholeNumberOfBaseUnitsIsRefusedNotRounded) {
  EXPECT_THAT(refusal<Duration>("0.1 ps"), HasSubstr("whole number of ps"));
  EXPECT_THAT(refusal<Duration>("1.0001 ns"), HasSubstr("whole number of ps"));
  EXPECT_THAT(refusal<Frequency>("0.5 Hz"), HasSubstr("whole number of Hz"));
  EXPECT_THAT(refusal<Bytes>("0.3 KiB"), HasSubstr("whole number of B"));
  EXPECT_THAT(refusal<Bandwidth>("0.0001 kB/s"), HasSubstr("whole number of B/s"));
}

TEST(Units, SixtyFourBitsAreTheLimitInEveryUnit) {
  EXPECT_EQ(parsed<Duration>("18446744073709551615 ps").ps, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(parsed<Duration>("18446744.073709551615 s").ps, std::numeric_limits<uint64_t>::max());
  for (const char* text : {"18446744073709551616 ps", "18446744073709551.616 ns", "18446744.073709551616 s",
                           "99999999999999999999999999999999999999999999 s",
                           // 10^12 times these is just above a multiple of 2^128
                           "340282366920938463463374608 s", "680564733841876926926749215 s"}) {
    EXPECT_THAT(refusal<Duration>(text), HasSubstr("64 bits")) << text;
  }
  EXPECT_EQ(parsed<Bytes>("17179869183 GiB").count, 17'179'869'183ULL << 30);
  EXPECT_THAT(refusal<Bytes>("17179869184 GiB"), HasSubstr("64 bits"));
}

TEST(Units, GarbageIsRefused) {
  for (const char* text :
       {"",       " ",     "ms",   "10",     "-1 ms",   "+1 ms", "1,5 ms", "1. ms", ".5 ms", "1e3 ms",
        "1 ms 2", "1 m s", "1 MS", "1 msec", "0x10 ms", "1 GHz", "nan ms", "inf s", "1\tms", "1.2.3 ms"}) {
    refusal<Duration>(text);
  }
  EXPECT_THAT(refusal<Duration>("10"), HasSubstr("has no unit"));
  EXPECT_THAT(refusal<Duration>("10 parsecs"), HasSubstr("units are s, ms, us, ns, ps"));
  for (const char* text : {"1 B", "1 Hz/s", "1 gb/s", "1 GB / s"}) refusal<Bandwidth>(text);
  for (const char* text :
       {"-1", "1.0", "0x", "0xg", "1 2", "", "18446744073709551616", "0x10000000000000000"})
    refusal<uint64_t>(text);
  for (const char* text : {"4294967296", "0x100000000"})
    EXPECT_THAT(refusal<uint32_t>(text), HasSubstr("at most 4294967295"));
  for (const char* text : {"", "yes", "True", "1"}) refusal<bool>(text);
  for (const char* text : {"", "nan", "inf", "-inf", "1e999", "0x1p3", "1 2", "abc"}) refusal<double>(text);
  for (const char* text : {"-0.5", "0.0000001", "1e3", "1/2", ""}) refusal<Ratio>(text);
}

TEST(Units, PlainNumbers) {
  EXPECT_EQ(parsed<uint64_t>("0xFFFFFFFFFFFFFFFF"), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(parsed<uint32_t>("4294967295"), std::numeric_limits<uint32_t>::max());
  EXPECT_EQ(parsed<Address>("0xF9000000").value, 0xF900'0000U);
  EXPECT_EQ(parsed<Address>("4096").value, 4096U);
  EXPECT_EQ(parsed<Ratio>("0.8").millionths, 800'000U);
  EXPECT_EQ(parsed<Ratio>("1460.125").millionths, 1'460'125'000U);
  EXPECT_EQ(parsed<double>("-2.5e-3"), -2.5e-3);
  EXPECT_TRUE(parsed<bool>("true"));
  EXPECT_FALSE(parsed<bool>("false"));
  EXPECT_EQ(parsed<std::string>(" as it stands "), " as it stands ");
}

TEST(Units, TextIsInTheLargestUnitThatKeepsItWhole) {
  EXPECT_EQ(to_text(ms(10)), "10 ms");
  EXPECT_EQ(to_text(ms(1000)), "1 s");
  EXPECT_EQ(to_text(ps(1'500)), "1500 ps");
  EXPECT_EQ(to_text(MHz(230)), "230 MHz");
  EXPECT_EQ(to_text(KiB(4)), "4 KiB");
  EXPECT_EQ(to_text(MiB(48)), "48 MiB");
  EXPECT_EQ(to_text(Bytes{1'000'000'000'000}), "1000 GB");
  EXPECT_EQ(to_text(Bytes{4'000'000}), "4 MB");
  EXPECT_EQ(to_text(Bandwidth{25'600'000'000}), "25600 MB/s");
  EXPECT_EQ(to_text(Address{0x8'0000'0000}), "0x800000000");
  EXPECT_EQ(to_text(Ratio{1'460'125'000}), "1460.125");
  EXPECT_EQ(to_text(Ratio{10'000'000}), "10");
  EXPECT_EQ(to_text(Ratio{1}), "0.000001");
}

/// Numbers of every magnitude, many of them round in base 2 or 10.
class Numbers {
 public:
  uint64_t next() {
    uint64_t value = random_() >> (random_() % 64);
    uint64_t kind = random_() % 4;
    if (kind == 0) return value;
    uint64_t scale = 1;
    uint64_t steps = random_() % (kind == 1 ? 63 : 19);
    for (uint64_t i = 0; i < steps; ++i) scale *= kind == 1 ? 2 : 10;
    return kind == 3 ? value / scale * scale : value % 1000 * scale;
  }
  double next_double() {
    for (;;) {
      uint64_t bits = random_();
      double value = 0;
      static_assert(sizeof bits == sizeof value);
      __builtin_memcpy(&value, &bits, sizeof value);
      if (__builtin_isfinite(value)) return value;
    }
  }

 private:
  std::mt19937_64 random_{1};
};

template <class T>
void expect_round_trip(T value) {
  std::string text = to_text(value);
  T again{};
  ASSERT_NO_THROW(parse(text, again)) << text;
  ASSERT_EQ(again, value) << text;
  ASSERT_EQ(to_text(again), text);
}

TEST(Units, EveryValueSurvivesItsText) {
  Numbers numbers;
  for (int i = 0; i < 20'000; ++i) {
    uint64_t value = numbers.next();
    expect_round_trip(Duration{value});
    expect_round_trip(Frequency{value});
    expect_round_trip(Bytes{value});
    expect_round_trip(Bandwidth{value});
    expect_round_trip(Address{value});
    expect_round_trip(Ratio{value});
    expect_round_trip(value);
    expect_round_trip(static_cast<uint32_t>(value));
    expect_round_trip(numbers.next_double());
  }
  for (uint64_t edge : {uint64_t{0}, std::numeric_limits<uint64_t>::max()}) {
    expect_round_trip(Duration{edge});
    expect_round_trip(Bytes{edge});
    expect_round_trip(Ratio{edge});
  }
}

/// Nanoseconds with six decimals.
std::string decimal_ns(uint64_t millionths) {
  std::string fraction = std::to_string(millionths % 1'000'000);
  return std::to_string(millionths / 1'000'000) + "." + std::string(6 - fraction.size(), '0') + fraction +
         " ns";
}

TEST(Units, ADecimalTextIsTakenIfAndOnlyIfItIsWhole) {
  std::mt19937_64 random{2};
  for (int i = 0; i < 20'000; ++i) {
    uint64_t millionths_of_ns = random() % 10'000'000'000;  // of a nanosecond: six decimals
    std::string text = decimal_ns(millionths_of_ns);
    Duration value{77};
    bool whole = millionths_of_ns % 1000 == 0;
    if (whole) {
      ASSERT_NO_THROW(parse(text, value)) << text;
      ASSERT_EQ(value.ps, millionths_of_ns / 1000) << text;
    } else {
      ASSERT_THROW(parse(text, value), UnitError) << text;
      ASSERT_EQ(value.ps, 77U) << "a refused text changed the value";
    }
  }
}

}  // namespace
}  // namespace vesper
