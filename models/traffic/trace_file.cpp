#include "models/traffic/trace_file.h"

#include <fmt/format.h>

#include <fstream>

#include "models/core/payload_pool.h"
#include "platform/property/node.h"
#include "platform/property/units.h"

namespace vesper::traffic {
namespace {

/// Where the fields of a line stand; `bytes` may be missing.
struct Columns {
  char separator = ',';
  size_t time = 0, address = 1, operation = 2;
  size_t count = 3;
  bool seconds = false;
  [[nodiscard]] bool has_bytes() const { return count == 4; }
};

constexpr Columns kText{.separator = ' ', .time = 2, .address = 0, .operation = 1};
constexpr const char* kHeaders = "cycle,address,operation[,bytes] or time_s,address,operation[,bytes]";

class TraceFile {
 public:
  TraceFile(const std::string& path, const TraceOptions& options) : path_(path), options_(options) {}

  std::vector<Access> read(std::istream& in) {
    bool first = true;
    for (std::string line; std::getline(in, line);) {
      ++line_;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (line.empty() || line.front() == '#') continue;
      bool is_header = first && !line.starts_with("0x") && !line.starts_with("0X");
      if (first) columns_ = is_header ? read_header(line) : kText;
      if (!is_header) add(read_request(line));
      first = false;
    }
    if (accesses_.empty()) fail("the trace holds no request");
    return std::move(accesses_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError(fmt::format("{}:{}: {}", path_, line_, message));
  }

  [[nodiscard]] Columns read_header(const std::string& line) const {
    for (bool seconds : {false, true}) {
      std::string header = seconds ? "time_s,address,operation" : "cycle,address,operation";
      if (line == header) return {.seconds = seconds};
      if (line == header + ",bytes") return {.count = 4, .seconds = seconds};
    }
    fail(fmt::format("'{}' is neither a header ({}) nor a request (0xADDRESS READ|WRITE CYCLE)", line,
                     kHeaders));
  }

  [[nodiscard]] std::vector<std::string> fields_of(const std::string& line) const {
    std::vector<std::string> fields;
    bool blanks = columns_.separator == ' ';
    size_t from = 0;
    while (from <= line.size()) {
      size_t to = blanks ? line.find_first_of(" \t", from) : line.find(columns_.separator, from);
      if (to == std::string::npos) to = line.size();
      if (!blanks || to > from) fields.push_back(line.substr(from, to - from));
      from = to + 1;
    }
    if (fields.size() != columns_.count) {
      fail(fmt::format("'{}' has {} fields where {} are expected", line, fields.size(), columns_.count));
    }
    return fields;
  }

  template <class Quantity>
  [[nodiscard]] Quantity read_as(const std::string& text, const char* what) const {
    Quantity value{};
    try {
      parse(text, value);
    } catch (const UnitError& error) {
      fail(fmt::format("{}: {}", what, error.what()));
    }
    return value;
  }

  [[nodiscard]] bool is_write(const std::string& operation) const {
    if (operation != "READ" && operation != "WRITE") {
      fail(fmt::format("'{}' is no operation; it is READ or WRITE", operation));
    }
    return operation == "WRITE";
  }

  [[nodiscard]] Access read_request(const std::string& line) const {
    std::vector<std::string> fields = fields_of(line);
    const std::string& time = fields[columns_.time];
    Access access;
    access.address = read_as<Address>(fields[columns_.address], "the address").value + options_.first_address;
    access.write = is_write(fields[columns_.operation]);
    access.earliest = columns_.seconds ? read_as<Duration>(time + " s", "the time").ps
                                       : options_.clock.edge(read_as<uint64_t>(time, "the cycle"));
    access.bytes = columns_.has_bytes() ? read_as<uint32_t>(fields.back(), "the bytes") : options_.bytes;
    return access;
  }

  void add(const Access& access) {
    uint64_t offset = access.address % core::kMaxPayloadBytes;
    bool fits = access.bytes > 0 && offset + access.bytes <= core::kMaxPayloadBytes;
    if (!fits) {
      fail(fmt::format("{} bytes at {:#x} are none, or cross a boundary of 4 KiB", access.bytes,
                       access.address));
    }
    if (!accesses_.empty() && access.earliest < accesses_.back().earliest) {
      fail("the request lies before the one above it; requests are in order of time");
    }
    accesses_.push_back(access);
  }

  const std::string& path_;
  const TraceOptions& options_;
  Columns columns_;
  std::vector<Access> accesses_;
  int line_ = 0;
};

}  // namespace

std::vector<Access> read_trace(const std::string& path, const TraceOptions& options) {
  std::ifstream in(path);
  if (!in) throw InputError(fmt::format("the trace '{}' cannot be read", path));
  return TraceFile(path, options).read(in);
}

}  // namespace vesper::traffic
