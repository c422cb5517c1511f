/// Requests for sparse networks: arrivals, a uniform mix of models, and samples of which each is as sparse as
/// it happens to be. Integer random numbers alone, the same on every machine. SystemC-free.
///
/// Models      a sample has one latent factor: it takes `factor` times the model's mean time, lognormal of
///             mean 1, and all its layers are sparse accordingly, with a small noise of their own ("the
///             sparsities of different layers are highly linearly correlated": Fan et al., Sparse-DySta,
///             MICRO 2023, figure 9). Where `sparsity_range` is 0, a layer's density (1 - sparsity) is
///             proportional to its time, as on an accelerator that skips every zero. Else the network's
///             sparsity ranges over that fraction of its mean while the time varies as given (table 2 there).
/// Draws       each aspect (arrivals, model, pattern, priority, factor, noise) has its own stream of the
///             seed.
/// Leaves out  inputs that resemble the one before; sizes of inputs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "platform/property/random.h"
#include "platform/workload/arrival.h"

namespace vesper::workload {

struct SparseModel {
  std::string name;
  std::vector<uint64_t> layer_ps;  ///< mean time of each layer over all patterns and samples
  std::vector<double> sparsity;    ///< average of each layer, 0 .. 1
  double variation = 0;            ///< of the samples' times: standard deviation over mean
  double sparsity_range = 0;       ///< (greatest - least) / mean sparsity of the network
  /// Instead of `layer_ps` the time of a layer in a pattern at a sparsity of its outputs, by an accelerator's
  /// cost model; samples then differ by their sparsity alone.
  std::function<uint64_t(size_t layer, size_t pattern, double sparsity)> cost = {};
};

/// How weights were pruned: the same rate leaves more or less to compute.
struct SparsityPattern {
  std::string name;
  double factor = 1;  ///< on the model's mean time
};

struct RequestMix {
  std::string name;
  std::vector<SparseModel> models;
  std::vector<SparsityPattern> patterns;
  double slo_multiplier = 10;  ///< relative deadline over the isolated time of the request
  double layer_noise = 0.02;   ///< standard deviation of a layer's own factor; assumed
};

struct SparseRequest {
  uint64_t arrival_ps = 0;
  uint64_t deadline_ps = 0;  ///< absolute
  uint16_t model = 0;
  uint16_t pattern = 0;
  uint32_t priority = 1;
  std::vector<uint64_t> layer_ps;
  std::vector<double> sparsity;
  [[nodiscard]] uint64_t isolated_ps() const;
};

/// The random numbers of a mix: `first_stream` and the five behind it of the seed.
struct RequestStreams {
  uint64_t seed = 1;
  uint64_t first_stream = 0;
  [[nodiscard]] uint64_t of(uint64_t number) const { return stream_seed(seed, first_stream + number); }
};
/// Times and sparsities of the layers, and deadlines. Throws std::invalid_argument on a mix without models or
/// patterns, on layers without sparsity, and on factors that are not positive.
void draw_samples(const RequestMix& mix, std::vector<SparseRequest>& requests, const RequestStreams& streams);

/// A relative deadline: the isolated time times a multiplier; at most kMostPs.
uint64_t slo_ps(uint64_t isolated_ps, double multiplier);

}  // namespace vesper::workload
