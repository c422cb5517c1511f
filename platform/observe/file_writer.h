/// A file written through one large buffer, for tables and waves of many millions of lines.
#pragma once

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

#include "platform/observe/format.h"

namespace vesper::observe {

class FileWriter {
 public:
  /// Makes or empties the file; throws std::runtime_error if it cannot.
  explicit FileWriter(const std::filesystem::path& path);
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  ~FileWriter();

  void text(std::string_view text) {
    if (kCapacity - used_ < text.size()) {
      long_text(text);
      return;
    }
    std::memcpy(buffer_.get() + used_, text.data(), text.size());
    used_ += text.size();
  }
  void character(char c) {
    reserve(1);
    buffer_[used_++] = c;
  }
  void number(uint64_t value) {
    fmt::format_int digits(value);
    text({digits.data(), digits.size()});
  }
  void seconds(Time time) {
    reserve(kMaxSecondsText);
    used_ = static_cast<size_t>(format_seconds(buffer_.get() + used_, time) - buffer_.get());
  }
  template <class... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::memory_buffer out;
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
    text({out.data(), out.size()});
  }

  /// Writes what is left; throws std::runtime_error if any write failed (a full disk). A failure during the
  /// run is kept until here, so that no exception passes through a model.
  void close();

 private:
  static constexpr size_t kCapacity = size_t{256} * 1024;

  void reserve(size_t size) {
    if (kCapacity - used_ < size) flush();
  }
  void long_text(std::string_view text);
  void flush();
  void write_out(std::string_view bytes);

  std::filesystem::path path_;
  int file_ = -1;
  int error_ = 0;
  size_t used_ = 0;
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(kCapacity);
};

/// A table: a header line, then rows field by field.
class CsvWriter {
 public:
  CsvWriter(const std::filesystem::path& path, std::string_view header) : file_(path) {
    file_.text(header);
    file_.character('\n');
  }

  CsvWriter& number(uint64_t value) {
    separate();
    file_.number(value);
    return *this;
  }
  /// `field` is already quoted where it has to be (csv_field).
  CsvWriter& text(std::string_view field) {
    separate();
    file_.text(field);
    return *this;
  }
  CsvWriter& seconds(Time time) {
    separate();
    file_.seconds(time);
    return *this;
  }
  CsvWriter& flag(bool value) { return number(value ? 1 : 0); }
  CsvWriter& empty(unsigned fields = 1) {
    for (; fields > 0; --fields) separate();
    return *this;
  }
  void end_row() {
    file_.character('\n');
    first_ = true;
  }
  void close() { file_.close(); }

 private:
  void separate() {
    if (!first_) file_.character(',');
    first_ = false;
  }

  FileWriter file_;
  bool first_ = true;
};

}  // namespace vesper::observe
