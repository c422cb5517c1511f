/// Requests as a run serves them, wherever they come from, and the two forms in which users bring them as
/// files. SystemC-free.
///
/// JSON    one object:
///           models{name: {average_latency_s[], average_latency_of_pattern_s[], average_sparsity[]}}, per
///           layer: what a
///             scheduler may know of a model (in one sparsity pattern); averages of one pattern default to
///             those of all
///           requests[]: {arrival_ps, model, priority, slo_ps, layer_ps[], layer_sparsity[]}, in order of
///           arrival;
///             slo_ps counts from the arrival, priority (1 if left out) weighs: the larger the more urgent
///         Other keys are ignored.
/// CSV     two files with a header each, columns in any order. Requests: `arrival`, `model` and, where
/// wanted,
///         `pattern`, `priority`, `slo`, `sample`. Samples: `model`, `layer` and `latency`, `sparsity` or
///         both, and, where wanted, `pattern`, `sample`. `arrival`, `slo` and `latency` hold quantities (`1.5
///         ms`), with a suffix _s or _ps seconds or picoseconds. Layers count from 0, the rows of a sample
///         follow each other. Empty lines and lines that begin with # are skipped.
/// Refused with file and place (InputError): a missing layer, times that are not positive or beyond
/// kMostLayerPs, sparsities outside 0 .. 1, arrivals out of order, unknown models, wrong types, empty lists,
/// more than kMostRequests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/property/node.h"

namespace vesper::workload {

constexpr uint32_t kMostRequests = 1U << 20;
constexpr uint32_t kMostLayers = 65'535;                  // as in a network
constexpr uint64_t kMostLayerPs = 1'000'000'000'000'000;  // 1000 s
constexpr uint64_t kMostPs = uint64_t{1} << 62;           // of an arrival or a deadline after it, 53 days
constexpr uint32_t kMostPriority = 1'000'000;

/// What is known of a layer beforehand.
struct LayerAverage {
  double latency_s = 0;          ///< over all sparsity patterns of the model
  double pattern_latency_s = 0;  ///< in this one
  double sparsity = 0;           ///< of its outputs, 0 .. 1
};

/// What requests to one model in one sparsity pattern have in common.
struct RequestKind {
  std::string model;
  std::string pattern;  ///< empty where there is but one
  std::vector<LayerAverage> layers;
  [[nodiscard]] std::string name() const { return pattern.empty() ? model : model + "." + pattern; }
};

struct Request {
  uint64_t arrival_ps = 0;
  uint64_t deadline_ps = 0;  ///< absolute
  uint16_t kind = 0;
  uint32_t priority = 1;
  std::vector<uint64_t> layer_ps;
  std::vector<double> sparsity;
  [[nodiscard]] uint64_t isolated_ps() const;
};

struct RequestTable {
  std::vector<RequestKind> kinds;
  std::vector<Request> requests;  ///< in order of arrival
};

/// A request of the CSV form; the columns it need not have are drawn.
struct RequestRow {
  uint64_t arrival_ps = 0;
  std::string model;
  std::string pattern;
  std::optional<uint32_t> priority;
  std::optional<uint64_t> slo_ps;
  std::string sample;  ///< empty: the samples of its model and pattern in turn
  int line = 0;
};

/// What one input makes of a model's layers.
struct Sample {
  std::string name;
  std::vector<uint64_t> layer_ps;  ///< empty where the file has no latencies
  std::vector<double> sparsity;    ///< 0 where the file has none
};

/// The samples of one model in one pattern; none empty, all of one number of layers.
struct SampleSet {
  std::string model;
  std::string pattern;
  std::vector<Sample> samples;
};

/// Reads the CSV form: requests; samples, sets in order of their first row.
std::vector<RequestRow> read_request_csv(const std::string& path, const Location& named_at);
std::vector<SampleSet> read_sample_csv(const std::string& path, const Location& named_at);

/// Reads the JSON form; `named_at` says who names the file.
RequestTable read_request_json(const std::string& path, const Location& named_at);

}  // namespace vesper::workload
