#include "platform/property/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

namespace vesper {
namespace {

struct Unit {
  std::string_view name;
  uint64_t scale;
};

constexpr std::array<Unit, 5> kTime{
    {{"s", 1'000'000'000'000}, {"ms", 1'000'000'000}, {"us", 1'000'000}, {"ns", 1'000}, {"ps", 1}}};
constexpr std::array<Unit, 4> kFrequency{
    {{"GHz", 1'000'000'000}, {"MHz", 1'000'000}, {"kHz", 1'000}, {"Hz", 1}}};
constexpr std::array<Unit, 7> kBytes{{{"GiB", 1ULL << 30},
                                      {"GB", 1'000'000'000},
                                      {"MiB", 1ULL << 20},
                                      {"MB", 1'000'000},
                                      {"KiB", 1ULL << 10},
                                      {"kB", 1'000},
                                      {"B", 1}}};
constexpr std::array<Unit, 4> kRate{
    {{"GB/s", 1'000'000'000}, {"MB/s", 1'000'000}, {"kB/s", 1'000}, {"B/s", 1}}};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string names_of(std::span<const Unit> units) {
  std::string all;
  for (const Unit& unit : units) all += (all.empty() ? "" : ", ") + std::string(unit.name);
  return all;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Times the largest scale, 10^12, this is still within 128 bits.
constexpr unsigned __int128 kMostDigits = static_cast<unsigned __int128>(1) << 88;

/// `digits` as an integer times `scale` over 10^fraction_digits; false if not whole or above 64 bits.
bool scale_decimal(std::string_view whole, std::string_view fraction, uint64_t scale, uint64_t& out) {
  unsigned __int128 value = 0;
  for (std::string_view part : {whole, fraction}) {
    for (char c : part) {
      value = value * 10 + static_cast<unsigned>(c - '0');
      if (value > kMostDigits) return false;
    }
  }
  value *= scale;
  for (size_t i = 0; i < fraction.size(); ++i) {
    if (value % 10 != 0) return false;
    value /= 10;
  }
  if (value > std::numeric_limits<uint64_t>::max()) return false;
  out = static_cast<uint64_t>(value);
  return true;
}

struct Decimal {
  std::string_view whole, fraction, rest;
};

bool split_decimal(std::string_view text, Decimal& out) {
  size_t i = 0;
  while (i < text.size() && is_digit(text[i])) ++i;
  if (i == 0) return false;
  out.whole = text.substr(0, i);
  if (i < text.size() && text[i] == '.') {
    size_t start = ++i;
    while (i < text.size() && is_digit(text[i])) ++i;
    if (i == start) return false;
    out.fraction = text.substr(start, i - start);
    while (out.fraction.ends_with('0')) out.fraction.remove_suffix(1);
  }
  out.rest = trim(text.substr(i));
  return out.fraction.size() <= 12;
}

uint64_t parse_with_units(std::string_view text, std::span<const Unit> units, const char* kind,
                          const char* example) {
  Decimal number;
  text = trim(text);
  if (!split_decimal(text, number)) {
    throw UnitError(
        fmt::format("'{}' is not a {}; write a number with a unit, like '{}'", text, kind, example));
  }
  for (const Unit& unit : units) {
    if (number.rest != unit.name) continue;
    uint64_t value = 0;
    if (!scale_decimal(number.whole, number.fraction, unit.scale, value)) {
      throw UnitError(
          fmt::format("'{}' is not a whole number of {} within 64 bits", text, units.back().name));
    }
    return value;
  }
  if (number.rest.empty()) {
    throw UnitError(fmt::format("'{}' has no unit; a {} is written like '{}' (units: {})", text, kind,
                                example, names_of(units)));
  }
  throw UnitError(fmt::format("'{}' is no unit of {}; units are {}, as in '{}'", number.rest, kind,
                              names_of(units), example));
}

std::string with_unit(uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.scale == 0) return fmt::format("{} {}", value / unit.scale, unit.name);
  }
  return fmt::format("{} {}", value, units.back().name);
}

uint64_t parse_integer(std::string_view text, uint64_t most) {
  text = trim(text);
  int base = 10;
  std::string_view digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16;
    digits.remove_prefix(2);
  }
  uint64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error == std::errc::result_out_of_range || (error == std::errc{} && value > most)) {
    throw UnitError(fmt::format("{} is too large; at most {} fits", text, most));
  }
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    throw UnitError(fmt::format("'{}' is not a non-negative integer", text));
  }
  return value;
}

}  // namespace

void parse(std::string_view text, Duration& out) { out.ps = parse_with_units(text, kTime, "time", "10 ms"); }
void parse(std::string_view text, Frequency& out) {
  out.hz = parse_with_units(text, kFrequency, "frequency", "230 MHz");
}
void parse(std::string_view text, Bytes& out) {
  out.count = parse_with_units(text, kBytes, "number of bytes", "4 KiB");
}
void parse(std::string_view text, Bandwidth& out) {
  out.bytes_per_second = parse_with_units(text, kRate, "data rate", "25.6 GB/s");
}
void parse(std::string_view text, Address& out) {
  out.value = parse_integer(text, std::numeric_limits<uint64_t>::max());
}
void parse(std::string_view text, Ratio& out) {
  Decimal number;
  uint64_t value = 0;
  if (!split_decimal(trim(text), number) || !number.rest.empty() ||
      !scale_decimal(number.whole, number.fraction, 1'000'000, value)) {
    throw UnitError(fmt::format("'{}' is not a non-negative number with at most six decimals", text));
  }
  out.millionths = value;
}
void parse(std::string_view text, uint64_t& out) {
  out = parse_integer(text, std::numeric_limits<uint64_t>::max());
}
void parse(std::string_view text, uint32_t& out) {
  out = static_cast<uint32_t>(parse_integer(text, std::numeric_limits<uint32_t>::max()));
}
void parse(std::string_view text, bool& out) {
  text = trim(text);
  if (text != "true" && text != "false") throw UnitError(fmt::format("'{}' is neither true nor false", text));
  out = text == "true";
}
void parse(std::string_view text, double& out) {
  text = trim(text);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !std::isfinite(out)) {
    throw UnitError(fmt::format("'{}' is not a finite number", text));
  }
}
void parse(std::string_view text, std::string& out) { out = text; }

std::string to_text(Duration value) { return with_unit(value.ps, kTime); }
std::string to_text(Frequency value) { return with_unit(value.hz, kFrequency); }
std::string to_text(Bytes value) { return with_unit(value.count, kBytes); }
std::string to_text(Bandwidth value) { return with_unit(value.bytes_per_second, kRate); }
std::string to_text(Address value) { return fmt::format("{:#x}", value.value); }
std::string to_text(Ratio value) {
  std::string text = fmt::format("{}.{:06}", value.millionths / 1'000'000, value.millionths % 1'000'000);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}
std::string to_text(uint64_t value) { return fmt::format("{}", value); }
std::string to_text(uint32_t value) { return fmt::format("{}", value); }
std::string to_text(bool value) { return value ? "true" : "false"; }
std::string to_text(double value) { return fmt::format("{}", value); }
std::string to_text(const std::string& value) { return value; }

}  // namespace vesper
