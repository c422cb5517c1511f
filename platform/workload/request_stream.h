/// The `requests:` section of a scenario: a stream of requests to several models that share an accelerator.
/// SystemC-free.
///
///     requests:
///       arrival: poisson                       # any arrival process; its properties stand beside these keys
///       rate: 30
///       count: 1000
///       slo: 10                                # deadline: that many times the request's own isolated time
///       priorities: [1, 3, 9]                  # drawn uniformly, as are models and patterns
///       patterns: [{name: random, factor: 1.08}, {name: channel}]
///       models:
///         - {name: bert, layers: 24, time: 60.8 ms, variation: 0.2, sparsity: [0.4, 0.6]}
///         - {name: resnet50, network: resnet50.yaml, sparsity: [0.1, 0.45], sparsity_range: 0.151}
///
///     requests: {trace: table.json}            # all of it from a file (request_table.h)
///
/// Models      with `layers` and `time` are samples of imposed times (sparse_requests.h); those with a
///             `network` take what the accelerator's cost model makes of each layer's shape, pattern and
///             sparsity.
/// Traces      a CSV `trace` brings arrivals and models; a CSV `samples` brings what a sample's layers take,
///             in turn for the requests of a trace that name none, drawn uniformly for arrivals that are
///             drawn. What neither file brings is drawn.
/// Knows       of each model's layers a scheduler is told averages: those of a JSON trace; over all samples
///             of the file; of drawn samples the means they are drawn around.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/property/schema.h"
#include "platform/workload/arrival.h"
#include "platform/workload/network.h"
#include "platform/workload/request_table.h"
#include "platform/workload/sparse_requests.h"

namespace vesper::workload {

struct RequestPattern {
  std::string name;
  double factor = 1;
  double weight_sparsity = 0;
  static void describe(Schema<RequestPattern>& p);
};

struct RequestModel {
  std::string name;
  std::string network;
  std::optional<uint32_t> batch;
  std::optional<uint32_t> tokens;
  uint32_t layers = 0;
  Duration time;
  double variation = 0;
  std::vector<double> sparsity;
  double sparsity_range = 0;
  static void describe(Schema<RequestModel>& p);
};

struct RequestProperties {
  std::string accelerator = "accelerator";
  std::string trace;
  std::string samples;
  std::optional<std::string> arrival;
  std::optional<uint32_t> count;
  uint32_t warm_up = 0;
  std::optional<double> slo;
  std::optional<double> layer_noise;
  std::vector<uint32_t> priorities;
  std::vector<RequestPattern> patterns;
  std::vector<RequestModel> models;
  static void describe(Schema<RequestProperties>& p);
};

/// Picoseconds that a layer of a task (number in RequestStream::tasks) takes at that sparsity of its outputs,
/// by the accelerator's cost model.
using LayerCost = std::function<uint64_t(size_t task, size_t layer, double sparsity)>;

/// What is known of a kind of requests before any is drawn.
struct StreamTask {
  std::string name;  ///< of the model, with the pattern behind a dot where there are several
  RequestPattern pattern;
  std::shared_ptr<const Network> network;  ///< null where times are imposed
  uint32_t layers = 0;
  Location where = {};  ///< of the section
};

/// How the section's texts become files.
struct FileAccess {
  std::function<std::string(const std::string& path, const Location& where)> resolve;
  std::function<Network(const std::string& path, const Shape& shape, const Location& where)> network;
};

/// Where requests come from: a table, models that are drawn, samples of a file.
class RequestSource {
 public:
  RequestSource() = default;
  RequestSource(const RequestSource&) = delete;
  RequestSource& operator=(const RequestSource&) = delete;
  virtual ~RequestSource() = default;
  /// One a kind of the table that draw() makes, in its order.
  [[nodiscard]] virtual std::vector<StreamTask> tasks() const = 0;
  [[nodiscard]] virtual RequestTable draw(const RequestStreams& streams, const LayerCost& cost) const = 0;
};

class RequestStream {
 public:
  /// Checks the section `node` and reads the files it names. Throws InputError.
  RequestStream(const Node& node, const FileAccess& files);
  RequestStream(const RequestStream&) = delete;
  RequestStream& operator=(const RequestStream&) = delete;
  ~RequestStream();

  [[nodiscard]] const RequestProperties& properties() const { return properties_; }
  [[nodiscard]] const Location& where() const { return where_; }
  [[nodiscard]] const std::vector<StreamTask>& tasks() const { return tasks_; }
  /// The section with every value that counts; `relative` shortens the paths in it.
  [[nodiscard]] Node effective(const std::function<std::string(const std::string&)>& relative) const;
  /// All requests of a run; `cost` may be empty where no task has a network. Throws InputError when all are
  /// warm-up, or one takes longer than 53 days.
  [[nodiscard]] RequestTable draw(const RequestStreams& streams, const LayerCost& cost) const;

 private:
  RequestProperties properties_;
  Location where_;
  Node effective_arrival_;
  std::unique_ptr<RequestSource> source_;
  std::vector<StreamTask> tasks_;
};

}  // namespace vesper::workload
