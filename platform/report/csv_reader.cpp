#include "platform/report/csv_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "platform/observe/format.h"
#include "platform/property/node.h"

namespace vesper::report {
namespace {

constexpr const char* kRemedy = "; run the scenario again to have the file written anew";
constexpr unsigned kDecimals = 12;
constexpr uint64_t kMostSeconds = 9'000'000;  // more do not fit 64 bits of picoseconds

std::optional<uint64_t> whole(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Time> seconds(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  const std::optional<uint64_t> before = whole(text.substr(0, point));
  if (!before || *before > kMostSeconds) return std::nullopt;
  Time time = *before * observe::kPicosecondsPerSecond;
  if (point == text.size()) return time;
  const std::string_view decimals = text.substr(point + 1);
  std::optional<uint64_t> after = whole(decimals);
  if (!after || decimals.size() > kDecimals) return std::nullopt;
  for (size_t i = decimals.size(); i < kDecimals; ++i) *after *= 10;
  return time + *after;
}

}  // namespace

CsvReader::CsvReader(std::filesystem::path path) : path_(std::move(path)), file_(path_, std::ios::binary) {
  if (!file_) throw InputError(fmt::format("cannot read '{}'{}", path_.string(), kRemedy));
  if (!std::getline(file_, line_)) fail(fmt::format("the file is empty{}", kRemedy));
  number_ = 1;
  split();
  columns_.assign(fields_.begin(), fields_.end());
}

size_t CsvReader::column(std::string_view name) const {
  auto found = std::ranges::find(columns_, name);
  if (found == columns_.end())
    throw InputError(fmt::format("{}:1: there is no column '{}'{}", path_.string(), name, kRemedy));
  return static_cast<size_t>(found - columns_.begin());
}

bool CsvReader::next() {
  if (!std::getline(file_, line_)) return false;
  ++number_;
  if (file_.eof()) fail(fmt::format("the line has no end, the file was cut off{}", kRemedy));
  split();
  if (fields_.size() != columns_.size()) {
    fail(fmt::format("the line has {} fields, the header {}{}", fields_.size(), columns_.size(), kRemedy));
  }
  return true;
}

void CsvReader::split() {
  fields_.clear();
  if (line_.find('"') != std::string::npos) {
    split_quoted();
    return;
  }
  const std::string_view line = line_;
  size_t from = 0;
  for (size_t comma = line.find(','); comma != std::string_view::npos; comma = line.find(',', from)) {
    fields_.push_back(line.substr(from, comma - from));
    from = comma + 1;
  }
  fields_.push_back(line.substr(from));
}

void CsvReader::split_quoted() {
  unquoted_.assign(1, "");
  bool quoted = false;
  for (size_t i = 0; i < line_.size(); ++i) {
    const char c = line_[i];
    if (c == '"') {
      const bool doubled = quoted && i + 1 < line_.size() && line_[i + 1] == '"';
      if (doubled)
        unquoted_.back() += line_[i++];
      else
        quoted = !quoted;
    } else if (c == ',' && !quoted) {
      unquoted_.emplace_back();
    } else {
      unquoted_.back() += c;
    }
  }
  if (quoted) fail(fmt::format("a quote is not closed{}", kRemedy));
  fields_.assign(unquoted_.begin(), unquoted_.end());
}

uint64_t CsvReader::number(size_t column) const {
  if (auto value = whole(fields_[column])) return *value;
  fail(column, "a whole number is expected");
}

bool CsvReader::flag(size_t column) const {
  if (fields_[column] == "0" || fields_[column] == "1") return fields_[column] == "1";
  fail(column, "0 or 1 is expected");
}

Time CsvReader::time(size_t column) const {
  if (auto value = seconds(fields_[column])) return *value;
  fail(column, "a time in seconds is expected");
}

std::optional<Time> CsvReader::time_or_none(size_t column) const {
  if (empty(column)) return std::nullopt;
  return time(column);
}

void CsvReader::fail(size_t column, const std::string& what) const {
  fail(fmt::format("'{}' in column '{}': {}{}", fields_[column], columns_[column], what, kRemedy));
}

void CsvReader::fail(const std::string& what) const {
  throw InputError(fmt::format("{}:{}: {}", path_.string(), number_, what));
}

}  // namespace vesper::report
