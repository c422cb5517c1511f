/// Deterministic texts of times: integer picoseconds in, decimal digits out; no floating point in between.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "platform/observe/observer.h"

namespace vesper::observe {

constexpr Time kPicosecondsPerSecond = 1'000'000'000'000;

/// Characters format_seconds writes at most.
constexpr size_t kMaxSecondsText = 24;

/// Writes `time` in seconds, exact to the picosecond and without trailing zeros (`0.0000031`); returns the
/// end.
char* format_seconds(char* out, Time time);
std::string seconds_text(Time time);

/// The time in a unit that leaves one to three digits before the point: `3.1 us`, `200 ms`. Rounded half up.
std::string readable_time(Time time);

/// `text` as a field of a CSV file: quoted when it has to be (RFC 4180).
std::string csv_field(std::string_view text);
/// The fields as a line of a CSV file, with its newline.
std::string csv_line(std::span<const std::string> fields);

/// `text` as a JSON string with its quotes (RFC 8259).
std::string json_string(std::string_view text);

}  // namespace vesper::observe
