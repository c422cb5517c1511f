// The JSON form of request_table.h.
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "platform/workload/request_table.h"

namespace vesper::workload {
namespace {

using Json = nlohmann::json;

constexpr double kMostLayerSeconds = static_cast<double>(kMostLayerPs) * 1e-12;

/// A value and where it stands, in words only when they are needed.
class Value {
 public:
  Value(const std::string& file, const Json& json, std::string owner)
      : file_(file), json_(json), owner_(std::move(owner)) {}

  [[noreturn]] void fail(const std::string& message) const {
    throw InputError(fmt::format("{}: {} {}", file_, owner_, message));
  }
  [[nodiscard]] const Json& json() const { return json_; }
  [[nodiscard]] const std::string& owner() const { return owner_; }

  [[nodiscard]] const Json* find(const char* key) const {
    auto it = json_.find(key);
    return it == json_.end() ? nullptr : &*it;
  }
  [[nodiscard]] const Json& at(const char* key) const {
    if (!json_.is_object()) fail(fmt::format("is {}, not an object", shown(json_)));
    const Json* found = find(key);
    if (found == nullptr) fail(fmt::format("has no '{}'", key));
    return *found;
  }
  [[nodiscard]] const Json& list_at(const char* key) const {
    const Json& list = at(key);
    if (!list.is_array() || list.empty())
      fail(fmt::format("'{}' is {}; it must be a list with an item a layer", key, shown(list)));
    if (list.size() > kMostLayers)
      fail(fmt::format("'{}' has {} items; there are at most {} layers", key, list.size(), kMostLayers));
    return list;
  }
  [[nodiscard]] uint64_t integer(const char* key, uint64_t least, uint64_t most) const {
    return integer(
        at(key), [&] { return fmt::format("'{}'", key); }, least, most);
  }
  [[nodiscard]] std::vector<uint64_t> integers(const char* key, uint64_t least, uint64_t most) const {
    std::vector<uint64_t> values;
    for (const Json& item : list_at(key)) {
      values.push_back(integer(
          item, [&] { return fmt::format("'{}[{}]'", key, values.size()); }, least, most));
    }
    return values;
  }
  [[nodiscard]] std::vector<double> numbers(const char* key, double least, double most) const {
    std::vector<double> values;
    for (const Json& item : list_at(key)) {
      double value = item.is_number() ? item.get<double>() : std::nan("");
      if (!(value >= least && value <= most)) {
        fail(fmt::format("'{}[{}]' is {}; it must be a number between {} and {}", key, values.size(),
                         shown(item), least, most));
      }
      values.push_back(value);
    }
    return values;
  }

 private:
  template <class Name>
  uint64_t integer(const Json& item, Name name, uint64_t least, uint64_t most) const {
    if (item.is_number_unsigned()) {
      auto value = item.get<uint64_t>();
      if (value >= least && value <= most) return value;
    }
    fail(fmt::format("{} is {}; it must be an integer between {} and {}", name(), shown(item), least, most));
  }
  static std::string shown(const Json& json) {
    if (json.is_array()) return json.empty() ? "an empty list" : "a list";
    if (json.is_object()) return "an object";
    std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
    constexpr size_t kMost = 40;
    return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
  }

  const std::string& file_;
  const Json& json_;
  std::string owner_;
};

class JsonTable {
 public:
  JsonTable(const std::string& path, const Location& named_at) : path_(path) {
    std::ifstream file(path);
    if (!file) throw InputError(named_at, fmt::format("cannot read the request trace '{}'", path));
    try {
      all_ = Json::parse(file);
    } catch (const Json::parse_error& error) {
      // "[json.exception.parse_error.101] parse error at line 1, column 5: ..."
      std::string words = error.what();
      if (size_t at = words.find("] "); at != std::string::npos) words.erase(0, at + 2);
      throw InputError(fmt::format("{}: no complete JSON: {}", path, words));
    }
  }

  RequestTable read() {
    Value all(path_, all_, "the trace");
    read_models(all.at("models"));
    read_requests(all.at("requests"));
    return std::move(table_);
  }

 private:
  void read_models(const Json& models) {
    if (!models.is_object() || models.empty()) {
      throw InputError(fmt::format("{}: 'models' must be an object with a key a model", path_));
    }
    for (const auto& [name, json] : models.items()) {
      Value model(path_, json, fmt::format("models.{}", name));
      kind_of_[name] = static_cast<uint16_t>(table_.kinds.size());
      table_.kinds.push_back({name, "", averages_of(model)});
    }
  }

  static std::vector<LayerAverage> averages_of(const Value& model) {
    constexpr double kLeast = 1e-12;  // a picosecond
    std::vector<double> latency = model.numbers("average_latency_s", kLeast, kMostLayerSeconds);
    const char* of_pattern = "average_latency_of_pattern_s";
    std::vector<double> pattern =
        model.find(of_pattern) != nullptr ? model.numbers(of_pattern, kLeast, kMostLayerSeconds) : latency;
    std::vector<double> sparsity = model.numbers("average_sparsity", 0, 1);
    if (pattern.size() != latency.size() || sparsity.size() != latency.size()) {
      model.fail(
          fmt::format("has {} latencies, {} of its pattern and {} sparsities; each list has an item a layer",
                      latency.size(), pattern.size(), sparsity.size()));
    }
    std::vector<LayerAverage> layers;
    for (size_t i = 0; i < latency.size(); ++i) layers.push_back({latency[i], pattern[i], sparsity[i]});
    return layers;
  }

  void read_requests(const Json& requests) {
    if (!requests.is_array() || requests.empty()) {
      throw InputError(fmt::format("{}: 'requests' must be a list with an item a request", path_));
    }
    if (requests.size() > kMostRequests) {
      throw InputError(
          fmt::format("{}: {} requests; a run takes at most {}", path_, requests.size(), kMostRequests));
    }
    table_.requests.reserve(requests.size());
    for (const Json& json : requests) {
      read_request(Value(path_, json, fmt::format("requests[{}]", table_.requests.size())));
    }
  }

  void read_request(const Value& value) {
    Request request;
    request.arrival_ps = value.integer("arrival_ps", 0, kMostPs);
    if (!table_.requests.empty() && request.arrival_ps < table_.requests.back().arrival_ps) {
      value.fail("'arrival_ps' lies before that of the request above; requests are in order of arrival");
    }
    const Json& model = value.at("model");
    auto known = model.is_string() ? kind_of_.find(model.get<std::string>()) : kind_of_.end();
    if (known == kind_of_.end())
      value.fail(fmt::format("'model' is {}, which is not under 'models'", model.dump()));
    request.kind = known->second;
    if (value.find("priority") != nullptr)
      request.priority = static_cast<uint32_t>(value.integer("priority", 1, kMostPriority));
    request.deadline_ps = request.arrival_ps + value.integer("slo_ps", 1, kMostPs);
    request.layer_ps = value.integers("layer_ps", 1, kMostLayerPs);
    request.sparsity = value.numbers("layer_sparsity", 0, 1);
    size_t layers = table_.kinds[request.kind].layers.size();
    for (auto [key, items] : {std::pair("layer_ps", request.layer_ps.size()),
                              std::pair("layer_sparsity", request.sparsity.size())}) {
      if (items != layers)
        value.fail(
            fmt::format("'{}' has {} items; model '{}' has {} layers", key, items, known->first, layers));
    }
    auto isolated =
        std::accumulate(request.layer_ps.begin(), request.layer_ps.end(), static_cast<unsigned __int128>(0));
    if (isolated > kMostPs) value.fail("'layer_ps' add up to more than 53 days");
    table_.requests.push_back(std::move(request));
  }

  const std::string& path_;
  Json all_;
  std::map<std::string, uint16_t> kind_of_;
  RequestTable table_;
};

}  // namespace

RequestTable read_request_json(const std::string& path, const Location& named_at) {
  return JsonTable(path, named_at).read();
}

}  // namespace vesper::workload
