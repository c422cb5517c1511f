/// Reads a table that a run left, a row at a time, in one pass and little memory.
///
/// Fields are quoted where they have to be (RFC 4180, without line breaks in fields). What is not as it
/// should be is an InputError with file:line and the remedy.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/observe/observer.h"

namespace vesper::report {

using observe::Time;

class CsvReader {
 public:
  /// Reads the header line.
  explicit CsvReader(std::filesystem::path path);

  /// The place of a column that has to be there.
  [[nodiscard]] size_t column(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }

  /// Goes to the next row; false at the end.
  bool next();
  [[nodiscard]] std::string_view text(size_t column) const { return fields_[column]; }
  [[nodiscard]] bool empty(size_t column) const { return fields_[column].empty(); }
  [[nodiscard]] uint64_t number(size_t column) const;
  [[nodiscard]] bool flag(size_t column) const;
  /// Seconds with at most twelve decimals, exactly.
  [[nodiscard]] Time time(size_t column) const;
  [[nodiscard]] std::optional<Time> time_or_none(size_t column) const;

  /// The error of this row; `column` says where.
  [[noreturn]] void fail(size_t column, const std::string& what) const;

 private:
  [[noreturn]] void fail(const std::string& what) const;
  void split();
  void split_quoted();

  std::filesystem::path path_;
  std::ifstream file_;
  std::string line_;
  uint64_t number_ = 0;
  std::vector<std::string> columns_;
  std::vector<std::string_view> fields_;
  std::vector<std::string> unquoted_;  // what fields_ of a line with quotes point to
};

}  // namespace vesper::report
