#include "platform/observe/format.h"

#include <fmt/format.h>

#include <algorithm>

namespace vesper::observe {
namespace {

struct Unit {
  Time picoseconds;
  const char* name;
};
constexpr Unit kUnits[] = {
    {1'000, "ns"}, {1'000'000, "us"}, {1'000'000'000, "ms"}, {kPicosecondsPerSecond, "s"}};

constexpr int kFractionDigits = 12;

}  // namespace

char* format_seconds(char* out, Time time) {
  fmt::format_int whole(time / kPicosecondsPerSecond);
  out = std::copy_n(whole.data(), whole.size(), out);
  Time fraction = time % kPicosecondsPerSecond;
  if (fraction == 0) return out;
  int digits = kFractionDigits;
  while (fraction % 1000 == 0) {
    fraction /= 1000;
    digits -= 3;
  }
  while (fraction % 10 == 0) {
    fraction /= 10;
    --digits;
  }
  *out++ = '.';
  for (char* digit = out + digits; digit != out; fraction /= 10) {
    *--digit = static_cast<char>('0' + fraction % 10);
  }
  return out + digits;
}

std::string seconds_text(Time time) {
  char text[kMaxSecondsText];
  return {text, format_seconds(text, time)};
}

std::string readable_time(Time time) {
  for (const Unit& unit : kUnits) {
    Time whole = time / unit.picoseconds;
    Time rest = time % unit.picoseconds;
    Time tenths = whole * 10 + (rest * 10 + unit.picoseconds / 2) / unit.picoseconds;
    if (tenths < 1000) return fmt::format("{}.{} {}", tenths / 10, tenths % 10, unit.name);
    Time rounded = whole + (rest * 2 >= unit.picoseconds ? 1 : 0);
    if (rounded < 1000 || &unit == std::end(kUnits) - 1) return fmt::format("{} {}", rounded, unit.name);
  }
  return {};
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + '"';
}

std::string csv_line(std::span<const std::string> fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != fields.data()) line += ',';
    line += csv_field(field);
  }
  return line + '\n';
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace vesper::observe
