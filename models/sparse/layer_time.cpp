#include "models/sparse/layer_time.h"

#include <algorithm>
#include <cmath>

namespace vesper::sparse {
namespace {

/// Rounded up, apart from what products of fractions are off by; what does not fit is more than anybody waits
/// for.
uint64_t whole(double value) {
  constexpr double kMost = 9e18;
  constexpr double kError = 0x1p-49;
  return value < kMost ? static_cast<uint64_t>(std::ceil(value * (1 - kError)))
                       : static_cast<uint64_t>(kMost);
}

Array array_of(const CostModel& model, const SparseProperties& properties) {
  Array array = model.array();
  array.macs = properties.macs.value_or(array.macs);
  array.utilisation = properties.utilisation.value_or(array.utilisation);
  array.activation_buffer = properties.activation_buffer.value_or(array.activation_buffer);
  return array;
}

}  // namespace

void PatternFactors::describe(Schema<PatternFactors>& p) {
  auto positive = [](const Ratio& factor) {
    return factor.millionths > 0 && factor.millionths <= 10'000'000;
  };
  p("random", &PatternFactors::random, "zeros anywhere").must(positive, "above 0 and at most 10");
  p("n_m_block", &PatternFactors::n_m_block, "N zeros in every block of M")
      .must(positive, "above 0 and at most 10");
  p("channel", &PatternFactors::channel, "whole channels").must(positive, "above 0 and at most 10");
}

Ratio PatternFactors::of(Pattern pattern) const {
  const Ratio factors[] = {ratio(1), random, n_m_block, channel, ratio(1)};  // in order of Pattern
  return factors[static_cast<size_t>(pattern)];
}

void StreamMemory::describe(Schema<StreamMemory>& p) {
  auto positive = [](const Ratio& rate) { return rate.millionths > 0; };
  p("setup", &StreamMemory::setup, "cycles before the first byte of a transfer").between(0, 1'000'000);
  p("weights", &StreamMemory::weights, "bytes a cycle of loading weights").must(positive, "above 0");
  p("inputs", &StreamMemory::inputs, "bytes a cycle of loading activations").must(positive, "above 0");
  p("outputs", &StreamMemory::outputs, "bytes a cycle of storing activations").must(positive, "above 0");
}

LayerTimes::LayerTimes(const SparseProperties& properties)
    : model_(*find_cost_model(properties.cost_model)),
      array_(array_of(model_, properties)),
      factors_(properties.pattern_factors),
      memory_(properties.fixed_memory) {}

uint64_t LayerTimes::compute_cycles(const Layer& layer, double sparsity) const {
  const double factor = factors_.of(layer.sparsity.pattern).value();
  return std::max<uint64_t>(1, whole(model_.cycles(layer, sparsity, array_, factor)));
}

LayerTraffic LayerTimes::traffic(const Layer& layer, double sparsity) const {
  LayerTraffic traffic;
  if (!layer.known()) return traffic;
  traffic.weights = whole(model_.weight_bytes(layer));
  if (layer.loads_input) traffic.input = whole(model_.activation_bytes(layer.inputs, sparsity));
  if (layer.stores_output) traffic.output = whole(model_.activation_bytes(layer.outputs(), sparsity));
  return traffic;
}

uint64_t LayerTimes::cycles(const Layer& layer, double sparsity) const {
  const LayerTraffic bytes = traffic(layer, sparsity);
  return std::max({compute_cycles(layer, sparsity), weight_stream_cycles(bytes.weights),
                   input_stream_cycles(bytes.input), output_stream_cycles(bytes.output)});
}

uint64_t LayerTimes::swap_out_bytes(const Layer& layer, double sparsity) const {
  const bool on_chip = layer.known() && !layer.stores_output;
  return on_chip ? whole(model_.activation_bytes(layer.outputs(), sparsity)) : 0;
}

uint64_t LayerTimes::swap_in_bytes(const Layer& layer, double sparsity) const {
  const bool on_chip = layer.known() && !layer.loads_input;
  return on_chip ? whole(model_.activation_bytes(layer.inputs, sparsity)) : 0;
}

uint64_t LayerTimes::most_activation_bytes(uint64_t elements) const {
  return whole(model_.activation_bytes(elements, 0));
}

uint64_t LayerTimes::stream(Ratio bytes_per_cycle, uint64_t bytes) const {
  if (bytes == 0) return 0;
  const auto scaled = static_cast<unsigned __int128>(bytes) * 1'000'000 + bytes_per_cycle.millionths - 1;
  return memory_.setup + static_cast<uint64_t>(scaled / bytes_per_cycle.millionths);
}

}  // namespace vesper::sparse
