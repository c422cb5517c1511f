/// AI-MT (Baek et al., ISCA 2020) as Layerweaver describes and evaluates it (HPCA 2021, sections IV-A and
/// IV-C): layers are chosen by two thresholds, on the free weight buffer and on the decoupling distance.
///
/// - Less than `buffer` free: the candidate of least compute time.
/// - Else less than `distance`: the most compute-rich candidate; blocks of its network are merged, that is go
///   on, until they cover the next memory block's fetch.
/// - Else the most memory-rich candidate is fetched ahead; if all are memory-rich, any, at random.
///
/// A layer is compute-rich if its computation takes as long as its fetch or longer. Where no candidate is of
/// the kind sought (the papers do not say) any is taken, at random: the nearest to that kind starves
/// networks.
#include "schedulers/weaving/weaver.h"

namespace vesper::weaving {
namespace {

// The papers give no values: they sweep both for the best throughput of the workloads at hand.
constexpr policy::ParameterInfo kParameters[] = {
    {"buffer", 0.25, 0, 1, "threshold of the free weight buffer, as a part of the whole"},
    {"distance", 0.25, 0, 16, "threshold of the decoupling distance, in times to fill the weight buffer"},
    {"seed", 1, 1, 1e9, "of the random choices"}};

class AiMt final : public Weaver {
 public:
  AiMt(Ticks buffer, const Network* networks, uint16_t count, const double* parameters)
      : Weaver(buffer, networks, count),
        buffer_(static_cast<Ticks>(parameters[0] * static_cast<double>(buffer))),
        distance_(static_cast<Ticks>(parameters[1] * static_cast<double>(buffer))),
        random_(static_cast<uint32_t>(parameters[2])) {}

 private:
  /// How much longer a layer computes than it fetches.
  static int64_t richness(const Layer& layer) {
    return static_cast<int64_t>(layer.compute) - static_cast<int64_t>(layer.fetch);
  }

  uint16_t choose() override {
    if (schedule().room() < buffer_)
      return least([](const Layer& layer) { return static_cast<int64_t>(layer.compute); });
    if (to_cover_ > 0 && waits(covering_) && richness(candidate(covering_)) >= 0) return covering_;
    to_cover_ = 0;
    uint16_t compute_rich = least([](const Layer& layer) { return -richness(layer); });
    uint16_t memory_rich = least(richness);
    if (compute_rich == kNone) return kNone;
    bool any_compute = richness(candidate(compute_rich)) >= 0,
         any_memory = richness(candidate(memory_rich)) < 0;
    if (schedule().distance() >= distance_) return any_memory && any_compute ? memory_rich : any();
    if (!any_compute) return any();
    if (any_memory) {
      covering_ = compute_rich;
      to_cover_ = candidate(memory_rich).fetch;
    }
    return compute_rich;
  }

  void chosen(uint16_t network, const Layer& layer) override {
    if (network == covering_) to_cover_ = to_cover_ > layer.compute ? to_cover_ - layer.compute : 0;
  }

  template <class Score>
  [[nodiscard]] uint16_t least(Score score) const {
    uint16_t found = kNone;
    for (uint16_t i = 0; i < networks(); ++i) {
      if (!waits(i)) continue;
      if (found == kNone || score(candidate(i)) < score(candidate(found))) found = i;
    }
    return found;
  }

  uint16_t any() {
    uint16_t waiting[kMaxNetworks], count = 0;
    for (uint16_t i = 0; i < networks(); ++i) {
      if (waits(i)) waiting[count++] = i;
    }
    // Marsaglia's xorshift, 32 bits.
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    return waiting[random_ % count];
  }

  const Ticks buffer_, distance_;
  uint32_t random_;
  uint16_t covering_ = 0;
  Ticks to_cover_ = 0;
};

VESPER_WEAVER(AiMt, "ai_mt", "layers chosen by thresholds of free buffer and decoupling distance",
              kParameters, 3);

}  // namespace
}  // namespace vesper::weaving
