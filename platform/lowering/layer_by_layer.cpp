#include "platform/lowering/layer_by_layer.h"

#include <fmt/format.h>

#include <limits>

namespace vesper::lowering {
namespace {

using sparse::Layer;
using sparse::LayerTimes;

[[noreturn]] void refuse(const workload::Layer& layer, const std::string& why) {
  throw InputError(fmt::format("layer '{}' ({} x {} x {}) {}", layer.name, layer.m, layer.k, layer.n, why));
}

class Lowerer {
 public:
  Lowerer(const workload::Network& network, const sparse::SparseProperties& properties,
          const Options& options)
      : network_(network),
        options_(options),
        sparsity_(options.sparsity.value_or(properties.sparsity)),
        times_(properties) {}

  Program run() {
    if (options_.granularity != Granularity::layer && options_.granularity != Granularity::model) {
      throw InputError(
          "a sparse_accelerator goes layer by layer: scheduler.granularity must be layer or model for it");
    }
    for (size_t i = 0; i < network_.layers.size(); ++i) add(i);
    program_.layer_cycles = [times = times_, layers = std::move(layers_)](uint32_t layer, double sparsity) {
      return times.cycles(layers.at(layer), sparsity);
    };
    return std::move(program_);
  }

 private:
  void add(size_t i) {
    const Layer layer = layer_at(i);
    abi::SparseLayerEntry entry = entry_of(layer);
    if (layer.known()) place(network_.layers[i], layer, entry);
    add_region(layer);
    layers_.push_back(layer);
    program_.entries.push_back(sparse::as_metadata(entry));
  }

  [[nodiscard]] Layer layer_at(size_t i) const {
    const workload::Layer& given = network_.layers[i];
    check_tensors(given);
    Layer layer;
    layer.m = given.m;
    layer.k = given.k;
    layer.n = given.n;
    layer.index = static_cast<uint32_t>(i);
    layer.groups = given.groups;
    layer.inputs = static_cast<uint32_t>(given.input_elements());
    layer.attention = given.activations;
    layer.loads_input = i == 0 || !stays(i - 1);
    layer.stores_output = i + 1 == network_.layers.size() || !stays(i);
    layer.sparsity = sparsity_;
    return layer;
  }

  /// Whether activations stay on chip between a layer and the next.
  [[nodiscard]] bool stays(size_t i) const {
    return times_.fits(network_.layers[i].outputs()) && times_.fits(network_.layers[i + 1].input_elements());
  }

  void check_tensors(const workload::Layer& layer) const {
    constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
    const unsigned __int128 weights = static_cast<unsigned __int128>(layer.k) * layer.n * layer.groups;
    const uint64_t largest = std::max(layer.input_elements(), layer.outputs());
    if (weights > kMost || largest > kMost || times_.most_activation_bytes(largest) > kMost)
      refuse(layer, "has a tensor of 4 GiB or more");
  }

  void place(const workload::Layer& given, const Layer& layer, abi::SparseLayerEntry& entry) {
    const sparse::LayerTraffic most = times_.traffic(layer, 0);
    if (most.weights > std::numeric_limits<uint32_t>::max()) refuse(given, "has a tensor of 4 GiB or more");
    const bool reads_last = layer.index > 0 && layer.inputs == last_outputs_;
    entry.a = reads_last ? last_address_ : take(times_.most_activation_bytes(layer.inputs));
    entry.b = take(most.weights);
    entry.c = take(times_.most_activation_bytes(layer.outputs()));
    last_address_ = entry.c;
    last_outputs_ = layer.outputs();
  }

  uint64_t take(uint64_t bytes) { return place_tensor(program_, bytes, options_.tensor_skew); }

  void add_region(const Layer& layer) {
    const double sparsity = layer.sparsity.activations.value();
    const uint64_t cycles = layer.known() ? times_.cycles(layer, sparsity) : 0;
    constexpr uint64_t kMostCycles = std::numeric_limits<int64_t>::max();
    if (cycles > kMostCycles - program_.execution_cycles) {
      refuse(network_.layers[layer.index], "brings its network beyond 2^63 cycles");
    }
    program_.execution_cycles += cycles;
    const Monitor monitor{sparsity, sparse::counted_outputs(layer)};
    if (options_.granularity == Granularity::model && layer.index > 0) {
      ++program_.regions.back().count;
      program_.region_cycles.back() += cycles;
      program_.monitors.back() = monitor;
      return;
    }
    program_.regions.push_back({layer.index, 1});
    program_.region_cycles.push_back(cycles);
    program_.monitors.push_back(monitor);
  }

  const workload::Network& network_;
  const Options& options_;
  const sparse::Sparsity sparsity_;
  const LayerTimes times_;
  Program program_;
  std::vector<Layer> layers_;
  uint64_t last_address_ = 0;
  uint64_t last_outputs_ = 0;
};

const PassRegistration registration{
    "sparse_accelerator", [](const workload::Network& network, const Node& accelerator,
                             const std::string& path, const Options& options) {
      return lower_layer_by_layer(network, properties_of<sparse::SparseProperties>(accelerator, path),
                                  options);
    }};

}  // namespace

Program lower_layer_by_layer(const workload::Network& network, const sparse::SparseProperties& properties,
                             const Options& options) {
  return Lowerer(network, properties, options).run();
}

}  // namespace vesper::lowering
