#include "platform/workload/sparse_requests.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "platform/workload/request_table.h"

namespace vesper::workload {
namespace {

using Fixed = int64_t;  // units of 2^-32
constexpr int kBits = 32;
constexpr double kOne = static_cast<double>(int64_t{1} << kBits);

Fixed fixed(double value) { return static_cast<Fixed>(value * kOne); }
double real(Fixed value) { return static_cast<double>(value) / kOne; }
Fixed times(Fixed a, Fixed b) { return static_cast<Fixed>(static_cast<__int128>(a) * b >> kBits); }

/// exp(x) for |x| < 8, by its series after seven halvings of x.
Fixed exponential_of(Fixed x) {
  constexpr int kHalvings = 7;
  Fixed reduced = x >> kHalvings;
  Fixed sum = fixed(1), term = fixed(1);
  for (int k = 1; k <= 8; ++k) {
    term = times(term, reduced) / k;
    sum += term;
  }
  for (int i = 0; i < kHalvings; ++i) sum = times(sum, sum);
  return sum;
}

/// ln(1 + x) for 0 <= x <= 1.
Fixed logarithm_of_one_plus(double x) {
  auto inverse = static_cast<uint64_t>(0x1p63 / (1 + x));  // 2^64 * (1 / (1 + x)) / 2
  uint64_t nats_q48 = negative_log_q48(inverse) - negative_log_q48(uint64_t{1} << 63);
  return static_cast<Fixed>(nats_q48 >> (48 - kBits));
}

Fixed square_root(Fixed x) {
  if (x == 0) return 0;
  Fixed root = fixed(1);
  for (int i = 0; i < 64; ++i)
    root = (root + static_cast<Fixed>((static_cast<__int128>(x) << kBits) / root)) / 2;
  return root;
}

/// Nearly normal, of mean 0 and variance 1, within +-6: the sum of twelve uniform numbers (Irwin-Hall).
Fixed normal(SplitMix64& random) {
  Fixed sum = 0;
  for (int i = 0; i < 12; ++i) sum += static_cast<Fixed>(random.next() >> (64 - kBits));
  return sum - fixed(6);
}

/// A lognormal factor of mean 1 from a normal number.
class Lognormal {
 public:
  explicit Lognormal(double variation)
      : variance_(logarithm_of_one_plus(variation * variation)), deviation_(square_root(variance_)) {}
  [[nodiscard]] double operator()(Fixed z) const {
    return real(exponential_of(times(deviation_, z) - variance_ / 2));
  }

 private:
  Fixed variance_;
  Fixed deviation_;
};

void check(const RequestMix& mix) {
  if (mix.models.empty() || mix.patterns.empty())
    throw std::invalid_argument("a request mix needs models and patterns");
  if (!(mix.slo_multiplier > 0) || mix.layer_noise < 0 || mix.layer_noise > 0.1)
    throw std::invalid_argument(
        "a request mix needs a positive SLO multiplier and a layer noise in 0 .. 0.1");
  for (const SparsityPattern& pattern : mix.patterns) {
    if (!(pattern.factor > 0)) throw std::invalid_argument("the factor of a pattern must be positive");
  }
  for (const SparseModel& model : mix.models) {
    if (model.sparsity.empty() || (!model.cost && model.layer_ps.size() != model.sparsity.size()))
      throw std::invalid_argument("model '" + model.name + "' needs layers, each with a sparsity");
    if (model.variation < 0 || model.variation > 1 || model.sparsity_range < 0 || model.sparsity_range > 1)
      throw std::invalid_argument("model '" + model.name + "': variation and sparsity range lie in 0 .. 1");
    for (double sparsity : model.sparsity) {
      if (!(sparsity >= 0) || !(sparsity < 1))
        throw std::invalid_argument("model '" + model.name + "': sparsities lie in 0 .. 1, 1 excluded");
    }
  }
}

/// Draws the samples of a run's requests.
class Samples {
 public:
  Samples(const RequestMix& mix, const RequestStreams& streams)
      : mix_(mix), samples_(streams.of(4)), noise_(streams.of(5)) {
    for (const SparseModel& model : mix.models) factors_.emplace_back(model.variation);
  }

  void draw(std::vector<SparseRequest>& requests) {
    draw_factors(requests);
    for (size_t i = 0; i < requests.size(); ++i) draw_layers(requests[i], samples_of_run_[i]);
  }

 private:
  struct Sample {
    Fixed z = 0;
    double factor = 1;
  };

  /// Each model's factors are scaled so that their mean in this run is 1: near saturation a run's queue
  /// depends on its load more than on anything else, and the means are what is given.
  void draw_factors(const std::vector<SparseRequest>& requests) {
    std::vector<double> sum(mix_.models.size()), count(mix_.models.size());
    for (const SparseRequest& request : requests) {
      Fixed z = normal(samples_);
      double factor = factors_[request.model](z);
      samples_of_run_.push_back({z, factor});
      sum[request.model] += factor;
      ++count[request.model];
    }
    for (size_t i = 0; i < requests.size(); ++i) {
      size_t model = requests[i].model;
      samples_of_run_[i].factor *= count[model] / sum[model];
    }
  }
  void draw_layers(SparseRequest& request, const Sample& sample) {
    const SparseModel& model = mix_.models[request.model];
    // The more zeros, the less time; three standard deviations to each side are the range.
    double position = std::clamp(-real(sample.z) / 6, -0.5, 0.5);
    double pattern = mix_.patterns[request.pattern].factor;
    for (size_t i = 0; i < model.sparsity.size(); ++i) {
      double own = 1 + mix_.layer_noise * real(normal(noise_));
      double density = model.sparsity_range > 0
                           ? (1 - model.sparsity[i] * (1 + model.sparsity_range * position)) * own
                           : (1 - model.sparsity[i]) * sample.factor * own;
      double sparsity = std::clamp(1 - density, 0.0, 1.0);
      request.sparsity.push_back(sparsity);
      request.layer_ps.push_back(model.cost ? model.cost(i, request.pattern, sparsity)
                                            : static_cast<uint64_t>(static_cast<double>(model.layer_ps[i]) *
                                                                    pattern * sample.factor * own));
    }
    request.deadline_ps = request.arrival_ps + slo_ps(request.isolated_ps(), mix_.slo_multiplier);
  }

  const RequestMix& mix_;
  std::vector<Lognormal> factors_;
  SplitMix64 samples_, noise_;
  std::vector<Sample> samples_of_run_;
};

}  // namespace

uint64_t SparseRequest::isolated_ps() const {
  return std::accumulate(layer_ps.begin(), layer_ps.end(), uint64_t{0});
}

uint64_t slo_ps(uint64_t isolated_ps, double multiplier) {
  double wanted = static_cast<double>(isolated_ps) * multiplier;
  return wanted < static_cast<double>(kMostPs) ? static_cast<uint64_t>(wanted) : kMostPs;
}

void draw_samples(const RequestMix& mix, std::vector<SparseRequest>& requests,
                  const RequestStreams& streams) {
  check(mix);
  Samples(mix, streams).draw(requests);
}

}  // namespace vesper::workload
