/// The baselines of Layerweaver's evaluation: no query is interwoven with another; weights are fetched ahead
/// across queries.
#include "schedulers/weaving/turns.h"

namespace vesper::weaving {
namespace {

/// Equal time for every network, in turns of whole queries.
class Fair : public Weaver {
 public:
  Fair(Ticks buffer, const Network* networks, uint16_t count, const double*)
      : Weaver(buffer, networks, count) {}

 protected:
  uint16_t choose() override {
    return turns_.choose(*this, [this](uint16_t i) { return serves(i); });
  }
  void chosen(uint16_t network, const Layer&) override { turns_.chosen(*this, network); }
  [[nodiscard]] virtual bool serves(uint16_t) const { return true; }

 private:
  Turns turns_;
};

class ComputeOnly final : public Fair {
 public:
  using Fair::Fair;

 private:
  [[nodiscard]] bool serves(uint16_t network) const override { return profile(network).compute_intensive(); }
};

class MemoryOnly final : public Fair {
 public:
  using Fair::Fair;

 private:
  [[nodiscard]] bool serves(uint16_t network) const override { return !profile(network).compute_intensive(); }
};

VESPER_WEAVER(Fair, "fair", "whole queries in turn, the same time for every network", nullptr, 0);
VESPER_WEAVER(ComputeOnly, "compute_only", "queries of compute-intensive networks alone", nullptr, 0);
VESPER_WEAVER(MemoryOnly, "memory_only", "queries of memory-intensive networks alone", nullptr, 0);

}  // namespace
}  // namespace vesper::weaving
