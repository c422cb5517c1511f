/// How long a layer takes and what it moves, by a cost model and the constants of a scenario. SystemC-free:
/// the accelerator, the lowering pass and whoever draws inputs use the same numbers.
///
/// Models      the array and three streams side by side: weights, the input where it does not lie on chip,
///             the output where it does not stay there. In `fixed` memory a stream takes setup + bytes /
///             rate, and the layer as long as the longest of the four, at least a cycle; in `burst` memory
///             the streams take what they take. Activations stay on chip from one layer to the next where the
///             output of the one and the input of the other fit `activation_buffer`, uncompressed. When a job
///             is swapped out there, its output is stored; when it is swapped in, its input is loaded: each a
///             stream alone, before the layer.
/// Leaves out  weights that stay on chip or come ahead; tensors that skip layers.
#pragma once

#include <string>

#include "models/sparse/cost_model.h"

namespace vesper::sparse {

/// Valid MACs of pruned weights, at the same fraction of zeros, over those of zeros that know nothing of each
/// other and of the activations' zeros. "Up to 40 % difference" (Fan et al., Sparse-DySta, MICRO 2023, figure
/// 4).
struct PatternFactors {
  // Defaults: assumed, the factors on service times with which that paper's table 5 was fitted
  // (platform/workload/sparse_requests.cpp).
  Ratio random{1'080'000};
  Ratio n_m_block{920'000};
  Ratio channel{1'000'000};
  static void describe(Schema<PatternFactors>& p);
  [[nodiscard]] Ratio of(Pattern pattern) const;
};

/// Transfer times in `fixed` memory, in cycles of the accelerator's clock.
struct StreamMemory {
  // Defaults: assumed; three 128-bit ports, and a setup below the 300 cycles that DERCA measures (table I).
  uint32_t setup = 100;
  Ratio weights = ratio(16);
  Ratio inputs = ratio(16);
  Ratio outputs = ratio(16);
  static void describe(Schema<StreamMemory>& p);
};

struct SparseProperties {
  std::string cost_model = "eyeriss_v2";
  std::optional<uint32_t> macs;
  std::optional<Ratio> utilisation;
  std::optional<Bytes> activation_buffer;
  PatternFactors pattern_factors;
  Sparsity sparsity;
  StreamMemory fixed_memory;
  Duration switch_time;
  /// Declares these properties in the schema of a class derived from this one.
  template <class P>
  static void describe_in(Schema<P>& p) {
    p("cost_model", &SparseProperties::cost_model, "what layers cost: a published accelerator")
        .must([](const std::string& name) { return find_cost_model(name) != nullptr; }, cost_model_names());
    p("macs", &SparseProperties::macs, "MACs a cycle of the array; as published by default")
        .between(1, 1U << 24);
    p("utilisation", &SparseProperties::utilisation,
      "part of the MACs that compute, for load imbalance; the cost model's own by default")
        .must([](const std::optional<Ratio>& u) { return u->millionths > 0 && u->millionths <= 1'000'000; },
              "above 0 and at most 1");
    p("activation_buffer", &SparseProperties::activation_buffer,
      "on-chip memory for activations between layers; the cost model's own by default, 0 B: none stay");
    p("pattern_factors", &SparseProperties::pattern_factors,
      "valid MACs by pattern of the weights' zeros, at the same fraction of zeros");
    p("sparsity", &SparseProperties::sparsity, "zeros of networks whose task says nothing of them");
    p("fixed_memory", &SparseProperties::fixed_memory, "transfer times in `fixed` memory fidelity");
    p("switch_time", &SparseProperties::switch_time,
      "of a swap-out, and of a swap-in, between layers of unknown shape")
        .between(ps(0), ms(1'000'000));
  }
  static void describe(Schema<SparseProperties>& p) { describe_in(p); }
};

/// Bytes; 0 of what is not moved.
struct LayerTraffic {
  uint64_t weights = 0, input = 0, output = 0;
};

class LayerTimes {
 public:
  /// The properties have been checked.
  explicit LayerTimes(const SparseProperties& properties);

  /// Cycles of the array.
  [[nodiscard]] uint64_t compute_cycles(const Layer& layer, double sparsity) const;
  [[nodiscard]] LayerTraffic traffic(const Layer& layer, double sparsity) const;
  /// Cycles of the layer in `fixed` memory. The layer's shape must be known.
  [[nodiscard]] uint64_t cycles(const Layer& layer, double sparsity) const;

  /// Bytes of a swap-out after the layer, of a swap-in before it; 0 where nothing lies on chip.
  [[nodiscard]] uint64_t swap_out_bytes(const Layer& layer, double sparsity) const;
  [[nodiscard]] uint64_t swap_in_bytes(const Layer& layer, double sparsity) const;
  [[nodiscard]] uint64_t weight_stream_cycles(uint64_t bytes) const { return stream(memory_.weights, bytes); }
  [[nodiscard]] uint64_t input_stream_cycles(uint64_t bytes) const { return stream(memory_.inputs, bytes); }
  [[nodiscard]] uint64_t output_stream_cycles(uint64_t bytes) const { return stream(memory_.outputs, bytes); }

  /// Most bytes of a tensor of activations: what the buffer must hold, and memory.
  [[nodiscard]] uint64_t most_activation_bytes(uint64_t elements) const;
  [[nodiscard]] bool fits(uint64_t elements) const {
    return most_activation_bytes(elements) <= array_.activation_buffer.count;
  }

 private:
  [[nodiscard]] uint64_t stream(Ratio bytes_per_cycle, uint64_t bytes) const;

  const CostModel& model_;
  Array array_;
  PatternFactors factors_;
  StreamMemory memory_;
};

}  // namespace vesper::sparse
