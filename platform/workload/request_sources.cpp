#include "platform/workload/request_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace vesper::workload {
namespace {

double seconds(uint64_t ps) { return static_cast<double>(ps) / 1e12; }

/// A request as far as a sample does not matter.
struct Head {
  uint64_t arrival_ps = 0;
  uint16_t kind = 0;
  uint32_t priority = 1;
  const RequestRow* row = nullptr;  ///< null if it was drawn
};

uint64_t deadline_of(const Head& head, uint64_t isolated_ps, double slo) {
  bool given = head.row != nullptr && head.row->slo_ps;
  return head.arrival_ps + (given ? *head.row->slo_ps : slo_ps(isolated_ps, slo));
}

class TableSource final : public RequestSource {
 public:
  explicit TableSource(RequestTable table) : table_(std::move(table)) {}
  [[nodiscard]] std::vector<StreamTask> tasks() const override {
    std::vector<StreamTask> tasks;
    for (const RequestKind& kind : table_.kinds) {
      tasks.push_back({kind.name(), {}, nullptr, static_cast<uint32_t>(kind.layers.size())});
    }
    return tasks;
  }
  [[nodiscard]] RequestTable draw(const RequestStreams&, const LayerCost&) const override { return table_; }

 private:
  RequestTable table_;
};

/// Kinds by name and the heads of requests to them.
class KindSource : public RequestSource {
 protected:
  KindSource(const RequestProperties& properties, RequestHeads heads)
      : properties_(properties), heads_(std::move(heads)) {}

  /// `model` names a kind's model; kinds of one model lie side by side.
  void add_kind(const std::string& model, const std::string& pattern) {
    kind_of_[model + '\0' + pattern] = kinds_.size();
    kinds_.push_back({model, pattern, {}});
  }
  /// Once all kinds are known: what the rows ask for exists.
  void check_rows() const {
    for (const RequestRow& row : heads_.rows) static_cast<void>(kind_of(row));
  }
  [[noreturn]] void fail(const RequestRow& row, const std::string& message) const {
    throw InputError(fmt::format("{}:{}: {}", heads_.file, row.line, message));
  }
  [[nodiscard]] const RequestPattern& pattern_of(size_t kind) const {
    static const RequestPattern none;
    auto it = std::ranges::find(properties_.patterns, kinds_[kind].pattern, &RequestPattern::name);
    return it != properties_.patterns.end() ? *it : none;
  }
  [[nodiscard]] bool several_patterns() const {
    return std::ranges::any_of(kinds_,
                               [&](const RequestKind& kind) { return kind.pattern != kinds_[0].pattern; });
  }
  /// The kinds of a table, without averages; the pattern names a task where there are several.
  [[nodiscard]] std::vector<RequestKind> named_kinds() const {
    std::vector<RequestKind> named = kinds_;
    if (!several_patterns()) std::ranges::for_each(named, [](RequestKind& kind) { kind.pattern.clear(); });
    return named;
  }

  /// `draw_kind(models, patterns)` draws a kind from two streams.
  template <class DrawKind>
  [[nodiscard]] std::vector<Head> heads(const RequestStreams& streams, DrawKind draw_kind) const {
    SplitMix64 models(streams.of(1)), patterns(streams.of(2)), priorities(streams.of(3));
    auto priority = [&] {
      return properties_.priorities[priorities.up_to(properties_.priorities.size() - 1)];
    };
    std::vector<Head> heads;
    for (const RequestRow& row : heads_.rows) {
      heads.push_back({row.arrival_ps, kind_of(row), row.priority ? *row.priority : priority(), &row});
    }
    if (!heads_.arrivals) return heads;
    std::unique_ptr<ArrivalProcess> arrivals = heads_.arrivals(streams.of(0));
    while (heads.size() < *properties_.count) {
      std::optional<Arrival> arrival = arrivals->next();
      if (!arrival || arrival->release_ps > kMostPs) break;
      Head head{arrival->release_ps, draw_kind(models, patterns), 1, nullptr};
      head.priority = priority();
      heads.push_back(head);
    }
    return heads;
  }

  const RequestProperties properties_;

 private:
  [[nodiscard]] uint16_t kind_of(const RequestRow& row) const {
    auto it = kind_of_.find(row.model + '\0' + row.pattern);
    if (it != kind_of_.end()) return static_cast<uint16_t>(it->second);
    if (std::ranges::find(kinds_, row.model, &RequestKind::model) == kinds_.end()) {
      fail(row, fmt::format("there is no model '{}'{}", row.model, did_you_mean(row.model, models())));
    }
    if (row.pattern.empty() && !several_patterns())
      return static_cast<uint16_t>(kind_of_.at(row.model + '\0' + kinds_[0].pattern));
    fail(row, fmt::format("model '{}' has no sparsity pattern '{}'", row.model, row.pattern));
  }
  [[nodiscard]] std::vector<std::string> models() const {
    std::vector<std::string> names;
    for (const RequestKind& kind : kinds_) names.push_back(kind.model);
    return names;
  }

  const RequestHeads heads_;
  std::vector<RequestKind> kinds_;
  std::unordered_map<std::string, size_t> kind_of_;
};

std::shared_ptr<const Network> network_of(const Networks& networks, const std::string& model) {
  auto it = std::ranges::find(networks, model, &Networks::value_type::first);
  return it == networks.end() ? nullptr : it->second;
}

/// One value is that of all layers, two are spread evenly, else there is one a layer.
std::vector<double> spread(const RequestModel& model, size_t layers, const Location& where) {
  const std::vector<double>& given = model.sparsity;
  if (given.empty()) return std::vector<double>(layers, 0.0);
  if (given.size() == layers) return given;
  if (given.size() > 2) {
    throw InputError(
        where,
        fmt::format(
            "model '{}' has {} sparsities for {} layers; give one, two to spread evenly, or one a layer",
            model.name, given.size(), layers));
  }
  std::vector<double> sparsity;
  for (size_t i = 0; i < layers; ++i) {
    double step = layers == 1 ? 0
                              : (given.back() - given.front()) * static_cast<double>(i) /
                                    static_cast<double>(layers - 1);
    sparsity.push_back(given.front() + step);
  }
  return sparsity;
}

class DrawnSource final : public KindSource {
 public:
  DrawnSource(const RequestProperties& properties, const Networks& networks, RequestHeads heads,
              const Location& where)
      : KindSource(properties, std::move(heads)) {
    for (const RequestModel& model : properties.models) {
      networks_.push_back(network_of(networks, model.name));
      mix_.models.push_back(sparse_model(model, networks_.back().get(), where));
      for (const RequestPattern& pattern : properties.patterns) add_kind(model.name, pattern.name);
    }
    for (const RequestPattern& pattern : properties.patterns)
      mix_.patterns.push_back({pattern.name, pattern.factor});
    mix_.slo_multiplier = *properties.slo;
    mix_.layer_noise = *properties.layer_noise;
    check_rows();
  }

  [[nodiscard]] std::vector<StreamTask> tasks() const override {
    std::vector<StreamTask> tasks;
    for (const RequestKind& kind : named_kinds()) {
      size_t model = tasks.size() / mix_.patterns.size();
      tasks.push_back({kind.name(), pattern_of(tasks.size()), networks_[model],
                       static_cast<uint32_t>(mix_.models[model].sparsity.size())});
    }
    return tasks;
  }

  [[nodiscard]] RequestTable draw(const RequestStreams& streams, const LayerCost& cost) const override {
    RequestMix mix = mix_with(cost);
    size_t patterns = mix.patterns.size();
    std::vector<Head> all = heads(streams, [&](SplitMix64& model, SplitMix64& pattern) {
      uint64_t drawn = model.up_to(mix.models.size() - 1);
      return static_cast<uint16_t>(drawn * patterns + pattern.up_to(patterns - 1));
    });
    std::vector<SparseRequest> drawn(all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      drawn[i].model = static_cast<uint16_t>(all[i].kind / patterns);
      drawn[i].pattern = static_cast<uint16_t>(all[i].kind % patterns);
    }
    draw_samples(mix, drawn, streams);
    RequestTable table{named_kinds(), {}};
    for (size_t kind = 0; kind < table.kinds.size(); ++kind) table.kinds[kind].layers = averages(mix, kind);
    for (size_t i = 0; i < all.size(); ++i) {
      const Head& head = all[i];
      table.requests.push_back({head.arrival_ps,
                                deadline_of(head, drawn[i].isolated_ps(), mix.slo_multiplier), head.kind,
                                head.priority, std::move(drawn[i].layer_ps), std::move(drawn[i].sparsity)});
    }
    return table;
  }

 private:
  static SparseModel sparse_model(const RequestModel& model, const Network* network, const Location& where) {
    SparseModel sparse{model.name, {}, {}, model.variation, model.sparsity_range};
    if (network == nullptr) sparse.layer_ps.assign(model.layers, model.time.ps / model.layers);
    sparse.sparsity = spread(model, network != nullptr ? network->layers.size() : model.layers, where);
    return sparse;
  }

  [[nodiscard]] RequestMix mix_with(const LayerCost& cost) const {
    RequestMix mix = mix_;
    for (size_t i = 0; i < mix.models.size(); ++i) {
      if (networks_[i] == nullptr) continue;
      mix.models[i].cost = [this, &cost, i](size_t layer, size_t pattern, double sparsity) {
        return cost(i * mix_.patterns.size() + pattern, layer, sparsity);
      };
    }
    return mix;
  }

  static std::vector<LayerAverage> averages(const RequestMix& mix, size_t kind) {
    const SparseModel& model = mix.models[kind / mix.patterns.size()];
    auto latency = [&](size_t layer, size_t pattern) {
      if (model.cost) return seconds(model.cost(layer, pattern, model.sparsity[layer]));
      return seconds(model.layer_ps[layer]) * mix.patterns[pattern].factor;
    };
    std::vector<LayerAverage> layers;
    for (size_t i = 0; i < model.sparsity.size(); ++i) {
      double sum = 0;
      for (size_t pattern = 0; pattern < mix.patterns.size(); ++pattern) sum += latency(i, pattern);
      layers.push_back({sum / static_cast<double>(mix.patterns.size()),
                        latency(i, kind % mix.patterns.size()), model.sparsity[i]});
    }
    return layers;
  }

  RequestMix mix_;
  std::vector<std::shared_ptr<const Network>> networks_;  // of the models
};

class SampledSource final : public KindSource {
 public:
  SampledSource(const RequestProperties& properties, const Networks& networks, std::vector<SampleSet> sets,
                RequestHeads heads, const Location& where)
      : KindSource(properties, std::move(heads)), sets_(std::move(sets)) {
    for (const SampleSet& set : sets_) {
      const size_t layers = set.samples.front().sparsity.size();
      std::shared_ptr<const Network> network = timed(set) ? nullptr : network_of(networks, set.model);
      if (!timed(set) && network == nullptr) {
        throw InputError(
            where,
            fmt::format("the samples of model '{}' have no latencies: give it a 'network' under 'models'",
                        set.model));
      }
      if (network != nullptr && network->layers.size() != layers) {
        throw InputError(where, fmt::format("the samples of model '{}' have {} layers, its network has {}",
                                            set.model, layers, network->layers.size()));
      }
      networks_.push_back(network);
      add_kind(set.model, set.pattern);
    }
    check_rows();
    for (const RequestModel& model : properties.models) {
      if (std::ranges::find(sets_, model.name, &SampleSet::model) == sets_.end())
        throw InputError(where, fmt::format("there are no samples of model '{}'", model.name));
    }
  }

  [[nodiscard]] std::vector<StreamTask> tasks() const override {
    std::vector<StreamTask> tasks;
    for (const RequestKind& kind : named_kinds()) {
      size_t i = tasks.size();
      tasks.push_back({kind.name(), pattern_of(i), networks_[i],
                       static_cast<uint32_t>(sets_[i].samples.front().sparsity.size())});
    }
    return tasks;
  }

  [[nodiscard]] RequestTable draw(const RequestStreams& streams, const LayerCost& cost) const override {
    std::vector<SampleSet> sets = sets_;
    for (size_t i = 0; i < sets.size(); ++i) take_times(sets[i], i, cost);
    std::vector<Head> all = heads(streams, [&](SplitMix64& models, SplitMix64&) {
      return static_cast<uint16_t>(models.up_to(sets.size() - 1));
    });
    RequestTable table{named_kinds(), {}};
    for (size_t i = 0; i < sets.size(); ++i) table.kinds[i].layers = averages(sets, i);
    SplitMix64 random(streams.of(4));
    std::vector<size_t> in_turn(sets.size());
    for (const Head& head : all) {
      const std::vector<Sample>& samples = sets[head.kind].samples;
      const Sample& sample = head.row == nullptr ? samples[random.up_to(samples.size() - 1)]
                                                 : sample_of(*head.row, samples, in_turn[head.kind]);
      uint64_t isolated = std::accumulate(sample.layer_ps.begin(), sample.layer_ps.end(), uint64_t{0});
      table.requests.push_back({head.arrival_ps, deadline_of(head, isolated, *properties_.slo), head.kind,
                                head.priority, sample.layer_ps, sample.sparsity});
    }
    return table;
  }

 private:
  static bool timed(const SampleSet& set) { return !set.samples.front().layer_ps.empty(); }

  void take_times(SampleSet& set, size_t kind, const LayerCost& cost) const {
    if (networks_[kind] == nullptr) return;
    for (Sample& sample : set.samples) {
      for (size_t i = 0; i < sample.sparsity.size(); ++i)
        sample.layer_ps.push_back(cost(kind, i, sample.sparsity[i]));
    }
  }

  static std::vector<LayerAverage> averages(const std::vector<SampleSet>& sets, size_t kind) {
    std::vector<LayerAverage> layers(sets[kind].samples.front().layer_ps.size());
    double all = 0, own = 0;
    for (const SampleSet& set : sets) {
      if (set.model != sets[kind].model) continue;
      for (const Sample& sample : set.samples) {
        ++all;
        for (size_t i = 0; i < layers.size(); ++i) layers[i].latency_s += seconds(sample.layer_ps[i]);
      }
    }
    for (const Sample& sample : sets[kind].samples) {
      ++own;
      for (size_t i = 0; i < layers.size(); ++i) {
        layers[i].pattern_latency_s += seconds(sample.layer_ps[i]);
        layers[i].sparsity += sample.sparsity[i];
      }
    }
    for (LayerAverage& layer : layers)
      layer = {layer.latency_s / all, layer.pattern_latency_s / own, layer.sparsity / own};
    return layers;
  }

  [[nodiscard]] const Sample& sample_of(const RequestRow& row, const std::vector<Sample>& samples,
                                        size_t& in_turn) const {
    if (row.sample.empty()) return samples[in_turn++ % samples.size()];
    auto it = std::ranges::find(samples, row.sample, &Sample::name);
    if (it == samples.end()) fail(row, fmt::format("model '{}' has no sample '{}'", row.model, row.sample));
    return *it;
  }

  std::vector<SampleSet> sets_;
  std::vector<std::shared_ptr<const Network>> networks_;  // of the sets
};

}  // namespace

std::unique_ptr<RequestSource> make_table_source(RequestTable table) {
  return std::make_unique<TableSource>(std::move(table));
}
std::unique_ptr<RequestSource> make_drawn_source(const RequestProperties& properties,
                                                 const Networks& networks, RequestHeads heads,
                                                 const Location& where) {
  return std::make_unique<DrawnSource>(properties, networks, std::move(heads), where);
}
std::unique_ptr<RequestSource> make_sampled_source(const RequestProperties& properties,
                                                   const Networks& networks, std::vector<SampleSet> sets,
                                                   RequestHeads heads, const Location& where) {
  return std::make_unique<SampledSource>(properties, networks, std::move(sets), std::move(heads), where);
}

}  // namespace vesper::workload
