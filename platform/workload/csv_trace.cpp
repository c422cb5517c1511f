#include "platform/workload/csv_trace.h"

#include <fmt/format.h>

#include <fstream>

namespace vesper::workload {
namespace {

struct Columns {
  std::string unit;  // appended to every value: " s", or empty where values carry their own
  bool deadline = false;
};

class TraceFile {
 public:
  TraceFile(const std::string& path, std::optional<Duration> deadline)
      : path_(std::make_shared<const std::string>(path)), deadline_(deadline) {}

  std::vector<Arrival> read(std::istream& in) {
    std::string line;
    while (std::getline(in, line)) {
      ++line_;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (line.empty() || line.front() == '#') continue;
      if (!columns_) {
        read_header(line);
      } else {
        add(read_row(line));
      }
    }
    if (!columns_) fail("a trace begins with a header, 'release_s' or 'release,deadline'");
    return std::move(arrivals_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError(fmt::format("{}:{}: {}", *path_, line_, message));
  }

  void read_header(const std::string& line) {
    for (const char* unit : {" s", ""}) {
      const char* suffix = *unit != 0 ? "_s" : "";
      bool deadline = line == fmt::format("release{0},deadline{0}", suffix);
      if (deadline || line == fmt::format("release{}", suffix)) columns_ = {unit, deadline};
    }
    if (!columns_) {
      fail(fmt::format(
          "the header is '{}'; it is one of release_s | release_s,deadline_s | release | release,deadline",
          line));
    }
    if (!columns_->deadline && !deadline_)
      fail("the trace has no deadlines and the task gives no 'deadline'");
  }

  [[nodiscard]] uint64_t time(const std::string& text, const char* what) const {
    Duration value;
    try {
      parse(text + columns_->unit, value);
    } catch (const UnitError& error) {
      fail(fmt::format("the {} '{}' is no time: {}", what, text, error.what()));
    }
    return value.ps;
  }

  [[nodiscard]] Arrival read_row(const std::string& line) const {
    size_t comma = line.find(',');
    if ((comma != std::string::npos) != columns_->deadline) {
      fail(fmt::format("'{}' does not have the columns of the header", line));
    }
    uint64_t release = time(line.substr(0, comma), "release");
    if (!columns_->deadline) return {release, release + deadline_->ps};
    return {release, time(line.substr(comma + 1), "deadline")};
  }

  void add(Arrival arrival) {
    if (!arrivals_.empty() && arrival.release_ps < arrivals_.back().release_ps) {
      fail(fmt::format("release {} lies before the one above it; releases are in order of time",
                       to_text(Duration{arrival.release_ps})));
    }
    if (arrival.deadline_ps < arrival.release_ps) {
      fail(fmt::format("deadline {} lies before its release {}", to_text(Duration{arrival.deadline_ps}),
                       to_text(Duration{arrival.release_ps})));
    }
    arrivals_.push_back(arrival);
  }

  std::shared_ptr<const std::string> path_;
  std::optional<Duration> deadline_;
  std::optional<Columns> columns_;
  std::vector<Arrival> arrivals_;
  int line_ = 0;
};

}  // namespace

std::vector<Arrival> read_trace(const std::string& path, std::optional<Duration> deadline,
                                const Location& named_at) {
  std::ifstream in(path);
  if (!in) throw InputError(named_at, fmt::format("the trace '{}' cannot be read", path));
  return TraceFile(path, deadline).read(in);
}

}  // namespace vesper::workload
