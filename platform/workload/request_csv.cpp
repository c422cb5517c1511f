// The CSV form of request_table.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <unordered_set>

#include "platform/property/units.h"
#include "platform/workload/request_table.h"

namespace vesper::workload {
namespace {

/// A file of comma-separated fields under a header, row by row.
class CsvRows {
 public:
  CsvRows(const std::string& path, const Location& named_at) : path_(path), in_(path) {
    if (!in_) throw InputError(named_at, fmt::format("cannot read '{}'", path));
    if (!next()) fail("the file is empty; it begins with a header that names the columns");
    header_ = fields_;
  }

  /// Goes to the next row; false at the end.
  bool next() {
    std::string text;
    while (std::getline(in_, text)) {
      ++line_;
      if (!text.empty() && text.back() == '\r') text.pop_back();
      if (text.empty() || text.front() == '#') continue;
      split(text);
      if (!header_.empty() && fields_.size() != header_.size()) {
        fail(fmt::format("'{}' has {} fields; the header names {}", text, fields_.size(), header_.size()));
      }
      return true;
    }
    return false;
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw InputError(fmt::format("{}:{}: {}", path_, line_, message));
  }
  [[nodiscard]] int line() const { return line_; }
  [[nodiscard]] const std::vector<std::string>& header() const { return header_; }
  [[nodiscard]] const std::string& operator[](size_t column) const { return fields_[column]; }

  [[nodiscard]] std::optional<size_t> find(const std::string& name) const {
    auto it = std::ranges::find(header_, name);
    if (it == header_.end()) return std::nullopt;
    return static_cast<size_t>(it - header_.begin());
  }
  [[nodiscard]] size_t need(const std::string& name) const {
    if (auto column = find(name)) return *column;
    fail(fmt::format("there is no column '{}'; the header names {}", name, fmt::join(header_, ", ")));
  }
  /// Fails on a column that is none of `known`.
  void know(const std::vector<std::string>& known) const {
    for (const std::string& name : header_) {
      if (std::ranges::find(known, name) != known.end()) continue;
      fail(fmt::format("unknown column '{}'{}; there are: {}", name, did_you_mean(name, known),
                       fmt::join(known, ", ")));
    }
  }

 private:
  void split(const std::string& text) {
    fields_.clear();
    size_t begin = 0;
    for (size_t comma = text.find(','); comma != std::string::npos; comma = text.find(',', begin)) {
      fields_.push_back(text.substr(begin, comma - begin));
      begin = comma + 1;
    }
    fields_.push_back(text.substr(begin));
  }

  const std::string& path_;
  std::ifstream in_;
  int line_ = 0;
  std::vector<std::string> header_;
  std::vector<std::string> fields_;
};

template <class T>
T parsed(const CsvRows& rows, size_t column, const std::string& unit, const char* what) {
  T value{};
  try {
    parse(rows[column] + unit, value);
  } catch (const UnitError& error) {
    rows.fail(fmt::format("{} '{}': {}", what, rows[column], error.what()));
  }
  return value;
}

/// A column of times: `name` with quantities, `name_s` or `name_ps` with numbers.
class TimeColumn {
 public:
  TimeColumn(const CsvRows& rows, const char* name) : name_(name) {
    for (const char* unit : {"", "_s", "_ps"}) {
      std::optional<size_t> column = rows.find(std::string(name) + unit);
      if (column && column_) rows.fail(fmt::format("'{}' stands in two columns", name));
      if (!column) continue;
      column_ = column;
      unit_ = *unit != 0 ? " " + std::string(unit + 1) : "";
    }
  }
  explicit operator bool() const { return column_.has_value(); }
  [[nodiscard]] uint64_t read(const CsvRows& rows, uint64_t least, uint64_t most) const {
    uint64_t ps = parsed<Duration>(rows, *column_, unit_, name_).ps;
    if (ps < least || ps > most) {
      rows.fail(fmt::format("{} is {}; it must be between {} and {}", name_, to_text(Duration{ps}),
                            to_text(Duration{least}), to_text(Duration{most})));
    }
    return ps;
  }

 private:
  const char* name_;
  std::optional<size_t> column_;
  std::string unit_;
};

std::string text_at(const CsvRows& rows, std::optional<size_t> column) {
  return column ? rows[*column] : std::string();
}

/// Rows of samples, gathered into sets.
class SampleReader {
 public:
  SampleReader(const std::string& path, const Location& named_at)
      : rows_(path, named_at),
        model_(rows_.need("model")),
        layer_(rows_.need("layer")),
        pattern_(rows_.find("pattern")),
        sample_(rows_.find("sample")),
        sparsity_(rows_.find("sparsity")),
        latency_(rows_, "latency") {
    rows_.know({"model", "pattern", "sample", "layer", "latency", "latency_s", "latency_ps", "sparsity"});
    if (!latency_ && !sparsity_)
      rows_.fail("there is neither a column 'latency' nor 'sparsity'; a sample is made of them");
  }

  std::vector<SampleSet> read() {
    while (rows_.next()) read_row();
    if (sets_.empty()) rows_.fail("the file has no samples");
    end_sample();
    return std::move(sets_);
  }

 private:
  void read_row() {
    std::string key = rows_[model_] + '\0' + text_at(rows_, pattern_) + '\0' + text_at(rows_, sample_);
    auto layer = parsed<uint32_t>(rows_, layer_, "", "layer");
    // Without a column that numbers them, samples begin with layer 0.
    bool fresh = open_ == nullptr || key != key_ || (!sample_ && layer == 0);
    if (fresh) begin_sample(key);
    if (layer != layers_) {
      rows_.fail(fmt::format(
          "layer {} stands where layer {} is expected; the layers of a sample follow each other from 0",
          layer, layers_));
    }
    if (++layers_ > kMostLayers) rows_.fail(fmt::format("a sample of more than {} layers", kMostLayers));
    if (latency_) open_->layer_ps.push_back(latency_.read(rows_, 1, kMostLayerPs));
    open_->sparsity.push_back(sparsity_ ? sparsity() : 0);
  }

  [[nodiscard]] double sparsity() const {
    auto value = parsed<double>(rows_, *sparsity_, "", "sparsity");
    if (!(value >= 0 && value <= 1))
      rows_.fail(fmt::format("sparsity is {}; it must be between 0 and 1", rows_[*sparsity_]));
    return value;
  }

  void begin_sample(const std::string& key) {
    end_sample();
    std::string model = rows_[model_], pattern = text_at(rows_, pattern_), name = text_at(rows_, sample_);
    if (model.empty()) rows_.fail("the model's name is empty");
    auto set = std::ranges::find_if(
        sets_, [&](const SampleSet& s) { return s.model == model && s.pattern == pattern; });
    if (set == sets_.end()) set = sets_.insert(set, {model, pattern, {}});
    if (!name.empty() && !seen_.insert(key).second) {
      rows_.fail(fmt::format(
          "sample '{}' of model '{}' stands here a second time; the rows of a sample follow each other", name,
          model));
    }
    if (++count_ > kMostRequests) rows_.fail(fmt::format("more than {} samples", kMostRequests));
    open_ = &set->samples.emplace_back();
    open_->name = std::move(name);
    key_ = key;
    layers_ = 0;
    begun_at_ = rows_.line();
  }

  void end_sample() {
    if (open_ == nullptr) return;
    const std::string model = key_.substr(0, key_.find('\0'));
    const SampleSet& first = *std::ranges::find(sets_, model, &SampleSet::model);
    size_t wanted = first.samples.front().sparsity.size();
    if (open_->sparsity.size() != wanted) {
      rows_.fail(
          fmt::format("the sample of model '{}' that begins in line {} has {} layers, its first one {}",
                      model, begun_at_, open_->sparsity.size(), wanted));
    }
  }

  CsvRows rows_;
  size_t model_, layer_;
  std::optional<size_t> pattern_, sample_, sparsity_;
  TimeColumn latency_;
  std::vector<SampleSet> sets_;
  std::unordered_set<std::string> seen_;
  Sample* open_ = nullptr;
  std::string key_;
  uint32_t layers_ = 0;
  uint32_t count_ = 0;
  int begun_at_ = 0;
};

}  // namespace

std::vector<RequestRow> read_request_csv(const std::string& path, const Location& named_at) {
  CsvRows rows(path, named_at);
  rows.know({"arrival", "arrival_s", "arrival_ps", "model", "pattern", "priority", "slo", "slo_s", "slo_ps",
             "sample"});
  TimeColumn arrival(rows, "arrival"), slo(rows, "slo");
  if (!arrival) static_cast<void>(rows.need("arrival"));
  size_t model = rows.need("model");
  std::optional<size_t> pattern = rows.find("pattern"), priority = rows.find("priority"),
                        sample = rows.find("sample");
  std::vector<RequestRow> requests;
  while (rows.next()) {
    RequestRow row;
    row.line = rows.line();
    row.arrival_ps = arrival.read(rows, 0, kMostPs);
    if (!requests.empty() && row.arrival_ps < requests.back().arrival_ps) {
      rows.fail("the arrival lies before the one above it; requests are in order of arrival");
    }
    row.model = rows[model];
    row.pattern = text_at(rows, pattern);
    row.sample = text_at(rows, sample);
    if (slo) row.slo_ps = slo.read(rows, 1, kMostPs);
    if (priority) {
      row.priority = parsed<uint32_t>(rows, *priority, "", "priority");
      if (*row.priority < 1 || *row.priority > kMostPriority)
        rows.fail(fmt::format("priority is {}; it must be between 1 and {}", *row.priority, kMostPriority));
    }
    requests.push_back(std::move(row));
    if (requests.size() > kMostRequests) rows.fail(fmt::format("more than {} requests", kMostRequests));
  }
  if (requests.empty()) rows.fail("the file has no requests");
  return requests;
}

std::vector<SampleSet> read_sample_csv(const std::string& path, const Location& named_at) {
  return SampleReader(path, named_at).read();
}

}  // namespace vesper::workload
