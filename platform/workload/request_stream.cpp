#include "platform/workload/request_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "platform/workload/request_sources.h"

namespace vesper::workload {

void RequestPattern::describe(Schema<RequestPattern>& p) {
  p("name", &RequestPattern::name, "of the way in which weights were pruned").required();
  p("factor", &RequestPattern::factor, "on the time of models without a network").between(0.01, 100);
  p("weight_sparsity", &RequestPattern::weight_sparsity,
    "fraction of zeros among the weights, for models with a network")
      .between(0, 0.999);
}

void RequestModel::describe(Schema<RequestModel>& p) {
  p("name", &RequestModel::name, "of the model; names its task").required();
  p("network", &RequestModel::network,
    "workload file or model: layers take what the accelerator makes of their shapes");
  p("batch", &RequestModel::batch, "how many of the network's inputs a request has").between(1, 4096);
  p("tokens", &RequestModel::tokens, "tokens of an input, for a network that is a transformer")
      .between(1, 1U << 20);
  p("layers", &RequestModel::layers, "instead of a network: equal layers of an imposed time")
      .between(0, kMostLayers);
  p("time", &RequestModel::time, "mean time of a request to it, alone, over all patterns")
      .between(ps(0), ms(1'000'000));
  p("variation", &RequestModel::variation, "of that time from sample to sample: standard deviation over mean")
      .between(0, 1);
  p("sparsity", &RequestModel::sparsity,
    "average of the layers' outputs: one for all, two spread evenly, or one a layer")
      .must(
          [](const std::vector<double>& all) {
            return std::ranges::all_of(all, [](double s) { return s >= 0 && s < 1; });
          },
          "at least 0 and below 1");
  p("sparsity_range", &RequestModel::sparsity_range,
    "(greatest - least) / mean sparsity of the network over samples; 0: it follows the time")
      .between(0, 1);
}

void RequestProperties::describe(Schema<RequestProperties>& p) {
  p("accelerator", &RequestProperties::accelerator, "instance that serves them");
  p("trace", &RequestProperties::trace, "file of requests: .json with all about them, or .csv");
  p("samples", &RequestProperties::samples, "CSV file of what samples of the models take, layer by layer");
  p("arrival", &RequestProperties::arrival,
    "arrival process, poisson by default; its properties stand beside these keys");
  p("count", &RequestProperties::count, "requests of a run; 1000 by default").between(1, kMostRequests);
  p("warm_up", &RequestProperties::warm_up, "so many requests are served first that count in no figure");
  p("slo", &RequestProperties::slo, "deadline as a multiple of the request's isolated time; 10 by default")
      .between(0.001, 1e6);
  p("layer_noise", &RequestProperties::layer_noise,
    "standard deviation of a layer's own factor on time and density; 0.02 by default, assumed")
      .between(0, 0.1);
  p("priorities", &RequestProperties::priorities,
    "drawn uniformly for each request, the larger the more urgent; [1] by default")
      .must(
          [](const std::vector<uint32_t>& all) {
            return !all.empty() &&
                   std::ranges::all_of(all, [](uint32_t w) { return w >= 1 && w <= kMostPriority; });
          },
          "between 1 and 1000000, and at least one");
  p("patterns", &RequestProperties::patterns,
    "sparsity patterns of the weights, drawn uniformly; one by default");
  p("models", &RequestProperties::models, "networks that share the accelerator, drawn uniformly");
}

namespace {

bool ends_with(const std::string& path, const char* extension) { return path.ends_with(extension); }

/// Reads the section and what it names.
class Section {
 public:
  Section(const Node& node, const FileAccess& files) : node_(node), files_(files) {
    if (!node.is_map())
      throw InputError(node.where(), fmt::format("requests takes a map, not {}", node.kind_name()));
    const Node* trace = node.find("trace");
    const Node* arrival = node.find("arrival");
    if (trace != nullptr && arrival != nullptr) refuse("arrival");
    if (trace == nullptr) factory_ = &process(arrival);
    std::vector<std::string> foreign =
        factory_ != nullptr ? names_of(factory_->properties()) : std::vector<std::string>();
    schema_of<RequestProperties>().read(node, properties_, "requests", foreign);
    resolve("trace", properties_.trace);
    resolve("samples", properties_.samples);
    if (trace != nullptr) {
      read_trace(*trace);
    } else {
      read_arrivals();
    }
    if (source_ == nullptr) make_source();
  }

  RequestProperties properties_;
  Node effective_arrival_;
  std::unique_ptr<RequestSource> source_;

 private:
  [[noreturn]] void refuse(const char* key) const {
    throw InputError(
        node_.find(key)->where(),
        fmt::format("requests.{} cannot stand beside 'trace', which brings its own; leave one out", key));
  }
  void resolve(const char* key, std::string& path) const {
    const Node* written = node_.find(key);
    if (written == nullptr) return;
    if (path.empty()) throw InputError(written->where(), fmt::format("requests.{} names no file", key));
    path = files_.resolve(path, written->where());
  }

  static const ArrivalFactory& process(const Node* written) {
    std::string name = "poisson";
    if (written != nullptr) Codec<std::string>::read(*written, name, "requests.arrival");
    if (const ArrivalFactory* factory = find_arrival_process(name)) return *factory;
    std::vector<std::string> known;
    for (const ArrivalFactory& factory : arrival_processes()) known.push_back(factory.name);
    throw InputError(written->where(),
                     fmt::format("there is no arrival process '{}'{}", name, did_you_mean(name, known)));
  }

  void read_trace(const Node& trace) {
    if (node_.find("count") != nullptr) refuse("count");
    if (ends_with(properties_.trace, ".json")) {
      for (const char* key : {"samples", "slo", "layer_noise", "priorities", "patterns", "models"}) {
        if (node_.find(key) != nullptr) refuse(key);
      }
      source_ = make_table_source(read_request_json(properties_.trace, trace.where()));
      return;
    }
    if (!ends_with(properties_.trace, ".csv")) {
      throw InputError(trace.where(),
                       fmt::format("'{}' is neither a .json nor a .csv file", properties_.trace));
    }
    heads_.rows = read_request_csv(properties_.trace, trace.where());
    heads_.file = properties_.trace;
  }

  void read_arrivals() {
    Node own = node_;
    for (const std::string& key : names_of(schema_of<RequestProperties>().list())) own.erase(key);
    effective_arrival_ = factory_->check(own, "requests", {});
    properties_.arrival = factory_->name;
    properties_.count = properties_.count.value_or(1000);
    heads_.arrivals = [factory = factory_, own, where = node_.where()](uint64_t seed) {
      return factory->create(own, "requests", {}, {seed, Duration{}, where});
    };
    static_cast<void>(heads_.arrivals(1));  // finds what does not fit together
  }

  void make_source() {
    fill_in();
    Networks networks = read_models();
    if (!properties_.samples.empty()) {
      source_ = make_sampled_source(properties_, networks,
                                    read_sample_csv(properties_.samples, node_.find("samples")->where()),
                                    std::move(heads_), node_.where());
      return;
    }
    if (properties_.models.empty()) {
      throw InputError(node_.where(), "requests need 'models', a file of 'samples' or a 'trace' in JSON");
    }
    source_ = make_drawn_source(properties_, networks, std::move(heads_), node_.where());
  }

  void fill_in() {
    properties_.slo = properties_.slo.value_or(10);
    if (properties_.priorities.empty()) properties_.priorities = {1};
    if (!properties_.samples.empty()) return;
    properties_.layer_noise = properties_.layer_noise.value_or(0.02);
    if (properties_.patterns.empty()) properties_.patterns = {{"", 1, 0}};
    std::set<std::string> names;
    for (const RequestPattern& pattern : properties_.patterns) {
      if (node_.find("patterns") != nullptr && pattern.name.empty())
        throw InputError(node_.find("patterns")->where(), "a pattern's name must not be empty");
      if (!names.insert(pattern.name).second)
        throw InputError(node_.find("patterns")->where(),
                         fmt::format("two patterns are named '{}'", pattern.name));
    }
  }

  Networks read_models() {
    Networks networks;
    for (size_t i = 0; i < properties_.models.size(); ++i) {
      RequestModel& model = properties_.models[i];
      const Node& written = node_.find("models")->items()[i];
      check(model, written, i);
      if (model.network.empty()) continue;
      const Location& where = written.find("network")->where();
      model.network = files_.resolve(model.network, where);
      const Node* shaped = written.find(model.tokens ? "tokens" : "batch");
      Shape shape{model.batch, model.tokens, shaped != nullptr ? shaped->where() : where};
      networks.emplace_back(model.name,
                            std::make_shared<const Network>(files_.network(model.network, shape, where)));
    }
    return networks;
  }

  void check(const RequestModel& model, const Node& written, size_t index) const {
    auto fail = [&](const char* message) {
      throw InputError(written.where(),
                       fmt::format("requests.models[{}] '{}' {}", index, model.name, message));
    };
    bool timed = model.layers > 0 || model.time.ps > 0;
    if (model.name.empty()) fail("has an empty name");
    if (timed && !model.network.empty()) fail("has both a network and a time; give one");
    if (model.network.empty() && (model.batch || model.tokens)) {
      fail("has 'batch' or 'tokens', which a 'network' takes");
    }
    if (properties_.samples.empty() && model.network.empty() &&
        (model.layers == 0 || model.time.ps < model.layers)) {
      fail("needs a 'network', or 'layers' and their 'time', a picosecond each at least");
    }
    if (!model.network.empty() && model.variation > 0 && model.sparsity_range == 0 &&
        model.sparsity.empty()) {
      fail("varies, but has no 'sparsity' that could");
    }
    for (size_t i = 0; i < index; ++i) {
      if (properties_.models[i].name == model.name) fail("has the name of one above");
    }
  }

  const Node& node_;
  const FileAccess& files_;
  const ArrivalFactory* factory_ = nullptr;
  RequestHeads heads_;
};

}  // namespace

RequestStream::RequestStream(const Node& node, const FileAccess& files) : where_(node.where()) {
  Section section(node, files);
  properties_ = std::move(section.properties_);
  effective_arrival_ = std::move(section.effective_arrival_);
  source_ = std::move(section.source_);
  tasks_ = source_->tasks();
  for (StreamTask& task : tasks_) task.where = where_;
}

RequestStream::~RequestStream() = default;

Node RequestStream::effective(const std::function<std::string(const std::string&)>& relative) const {
  RequestProperties shown = properties_;
  for (std::string* path : {&shown.trace, &shown.samples}) {
    if (!path->empty()) *path = relative(*path);
  }
  for (RequestModel& model : shown.models) {
    if (!model.network.empty()) model.network = relative(model.network);
  }
  if (!shown.patterns.empty() && shown.patterns[0].name.empty()) shown.patterns.clear();
  Node node = schema_of<RequestProperties>().write(shown);
  for (const char* key : {"trace", "samples", "priorities", "patterns", "models"}) {
    const Node* value = node.find(key);
    if (value == nullptr) continue;
    bool empty = value->is_list() ? value->items().empty() : value->text().empty();
    if (empty) node.erase(key);
  }
  if (effective_arrival_.is_map()) node.merge(effective_arrival_);
  return node;
}

RequestTable RequestStream::draw(const RequestStreams& streams, const LayerCost& cost) const {
  RequestTable table = source_->draw(streams, cost);
  if (table.requests.size() <= properties_.warm_up) {
    throw InputError(where_, fmt::format("all of the {} requests are warm-up; there must be more than {}",
                                         table.requests.size(), properties_.warm_up));
  }
  for (const Request& request : table.requests) {
    if (request.isolated_ps() <= kMostPs) continue;
    throw InputError(
        where_, fmt::format("a request to '{}' takes longer than 53 days", table.kinds[request.kind].name()));
  }
  return table;
}

uint64_t Request::isolated_ps() const {
  return std::accumulate(layer_ps.begin(), layer_ps.end(), uint64_t{0});
}

}  // namespace vesper::workload
