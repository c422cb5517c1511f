#include "models/sparse/layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

#include "models/core/sim_error.h"

namespace vesper::sparse {

static_assert(offsetof(abi::SparseLayerEntry, a) == offsetof(abi::MetadataEntry, a) &&
              offsetof(abi::SparseLayerEntry, b) == offsetof(abi::MetadataEntry, b) &&
              offsetof(abi::SparseLayerEntry, c) == offsetof(abi::MetadataEntry, c));

namespace {

constexpr uint32_t kPatternMask = 0xFF;
constexpr unsigned kGroupsShift = 12;
constexpr uint64_t kMillion = 1'000'000;

uint32_t flag(bool set, uint32_t bit) { return set ? bit : 0; }

}  // namespace

void Sparsity::describe(Schema<Sparsity>& p) {
  auto below_one = [](const Ratio& r) { return r.millionths < kMillion; };
  p("pattern", &Sparsity::pattern,
    "where the weights' zeros lie; the weights of dense and dynamic have none");
  p("weights", &Sparsity::weights, "fraction of weights that are zero").must(below_one, "below 1");
  p("activations", &Sparsity::activations,
    "fraction of activations that are zero, or of attention scores that are masked, on the average over "
    "inputs")
      .must([](const Ratio& r) { return r.millionths <= kMillion; }, "at most 1");
}

double Layer::weight_sparsity() const {
  const bool pruned = sparsity.pattern != Pattern::dense && sparsity.pattern != Pattern::dynamic;
  return pruned && !attention ? sparsity.weights.value() : 0;
}

uint32_t counted_outputs(const Layer& layer) {
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  if (!layer.known()) return kUnknownOutputs;
  return static_cast<uint32_t>(std::min(layer.outputs(), kMost));
}

uint32_t zero_count(const Layer& layer, double sparsity) {
  return static_cast<uint32_t>(std::llround(sparsity * counted_outputs(layer)));
}

abi::SparseLayerEntry entry_of(const Layer& layer) {
  abi::SparseLayerEntry entry{};
  entry.m = layer.m;
  entry.k = layer.k;
  entry.n = layer.n;
  entry.layer = layer.index;
  entry.inputs = layer.inputs;
  entry.flags = static_cast<uint32_t>(layer.sparsity.pattern) | flag(layer.attention, abi::kLayerAttention) |
                flag(layer.loads_input, abi::kLayerLoadsInput) |
                flag(layer.stores_output, abi::kLayerStoresOutput) | (layer.groups - 1) << kGroupsShift;
  entry.weight_zeros = static_cast<uint32_t>(layer.sparsity.weights.millionths);
  entry.activation_zeros = static_cast<uint32_t>(layer.sparsity.activations.millionths);
  return entry;
}

Layer layer_of(const abi::SparseLayerEntry& entry) {
  const bool shaped = entry.m != 0 && entry.k != 0 && entry.n != 0;
  const bool shapeless = entry.m == 0 && entry.k == 0 && entry.n == 0;
  const uint32_t pattern = entry.flags & kPatternMask;
  if ((!shaped && !shapeless) || pattern > static_cast<uint32_t>(Pattern::dynamic) ||
      entry.weight_zeros >= kMillion || entry.activation_zeros > kMillion) {
    throw core::SimulationError(fmt::format(
        "the metadata entry of layer {} is none of a sparse layer: {} x {} x {}, flags {:#x}, {} and "
        "{} zeros of a million",
        entry.layer, entry.m, entry.k, entry.n, entry.flags, entry.weight_zeros, entry.activation_zeros));
  }
  Layer layer;
  layer.m = entry.m;
  layer.k = entry.k;
  layer.n = entry.n;
  layer.index = entry.layer;
  layer.groups = (entry.flags >> kGroupsShift) + 1;
  layer.inputs = entry.inputs;
  layer.attention = (entry.flags & abi::kLayerAttention) != 0;
  layer.loads_input = (entry.flags & abi::kLayerLoadsInput) != 0;
  layer.stores_output = (entry.flags & abi::kLayerStoresOutput) != 0;
  layer.sparsity = {static_cast<Pattern>(pattern), Ratio{entry.weight_zeros}, Ratio{entry.activation_zeros}};
  return layer;
}

abi::MetadataEntry as_metadata(const abi::SparseLayerEntry& entry) {
  return std::bit_cast<abi::MetadataEntry>(entry);
}

abi::SparseLayerEntry as_layer(const abi::MetadataEntry& entry) {
  return std::bit_cast<abi::SparseLayerEntry>(entry);
}

}  // namespace vesper::sparse
