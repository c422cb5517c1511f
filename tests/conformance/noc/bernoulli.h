/// Open-loop traffic on a mesh as network simulators measure it: every endpoint offers packets by a Bernoulli
/// process each cycle; latency counts from the offer to the last flit at the destination.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <queue>
#include <random>
#include <vector>

#include "models/noc/fabric.h"

namespace vesper::noc {

struct BernoulliRun {
  unsigned columns = 4;
  unsigned packet_flits = 1;
  double flit_rate = 0.1;  ///< offered, flits per endpoint and cycle
  uint64_t warm_up = 20'000;
  uint64_t cycles = 200'000;  ///< measured
  uint64_t seed = 1;
  /// Destination of a packet from `source`; uniform over all endpoints, the source included, if empty.
  std::function<EndpointId(EndpointId source, std::mt19937_64&)> destination = {};
};

struct BernoulliResult {
  double mean_latency = 0;
  double accepted_rate = 0;  ///< flits per endpoint and cycle
  uint64_t packets = 0;
  uint64_t backlog = 0;  ///< packets at their sources at the end
};

class BernoulliTraffic final : public DeliveryListener {
 public:
  BernoulliTraffic(const BernoulliRun& run, const FabricParameters& parameters)
      : run_(run),
        topology_(make_mesh(run.columns, run.columns)),
        fabric_(topology_, parameters, *this),
        random_(run.seed),
        gap_(run.flit_rate / run.packet_flits) {
    for (EndpointId source = 0; source < topology_.endpoints(); ++source) offer_next(source, 0);
  }

  BernoulliResult measure() {
    uint64_t end = run_.warm_up + run_.cycles;
    while (offers_.top().cycle < end) {
      Offer offer = offers_.top();
      offers_.pop();
      fabric_.run_until(offer.cycle - 1);
      inject(offer);
      offer_next(offer.source, offer.cycle);
    }
    fabric_.run_until(end);
    BernoulliResult result;
    for (EndpointId e = 0; e < topology_.endpoints(); ++e) result.backlog += fabric_.queued_at(e);
    // Packets still on their way count too: leaving the late ones out would flatter the mean.
    while (fabric_.in_flight() != 0 && fabric_.next_event() != TimingWheel::kNever) {
      fabric_.run_until(fabric_.next_event());
    }
    auto nodes = static_cast<double>(topology_.endpoints());
    result.packets = measured_;
    result.mean_latency = static_cast<double>(latency_) / static_cast<double>(measured_);
    result.accepted_rate =
        static_cast<double>(ejected_ * run_.packet_flits) / nodes / static_cast<double>(run_.cycles);
    return result;
  }

  void delivered(const Packet& packet, uint8_t, uint64_t tail) override {
    uint64_t offered = offered_at_[packet.cookie];
    idle_cookies_.push_back(packet.cookie);
    if (tail >= run_.warm_up && tail < run_.warm_up + run_.cycles) ++ejected_;
    if (offered < run_.warm_up) return;
    latency_ += tail - offered;
    ++measured_;
  }

 private:
  struct Offer {
    uint64_t cycle;
    EndpointId source;
    bool operator<(const Offer& other) const {
      return cycle != other.cycle ? cycle > other.cycle : source > other.source;
    }
  };
  void offer_next(EndpointId source, uint64_t after) {
    offers_.push({after + 1 + static_cast<uint64_t>(gap_(random_)), source});
  }
  void inject(const Offer& offer) {
    if (idle_cookies_.empty()) {
      idle_cookies_.push_back(static_cast<uint32_t>(offered_at_.size()));
      offered_at_.push_back(0);
    }
    uint32_t cookie = idle_cookies_.back();
    idle_cookies_.pop_back();
    offered_at_[cookie] = offer.cycle;
    EndpointId to = run_.destination ? run_.destination(offer.source, random_)
                                     : static_cast<EndpointId>(random_() % topology_.endpoints());
    fabric_.inject({.source = offer.source,
                    .destination = to,
                    .flits = static_cast<uint16_t>(run_.packet_flits),
                    .cookie = cookie},
                   offer.cycle);
  }

  BernoulliRun run_;
  Topology topology_;
  Fabric fabric_;
  std::mt19937_64 random_;
  std::geometric_distribution<uint64_t> gap_;
  std::priority_queue<Offer> offers_;
  std::vector<uint64_t> offered_at_;
  std::vector<uint32_t> idle_cookies_;
  uint64_t latency_ = 0, measured_ = 0, ejected_ = 0;
};

}  // namespace vesper::noc
