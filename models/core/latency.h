/// Where a payload's time went, from its request (BEGIN_REQ) to its answer (BEGIN_RESP): parts that sum to
/// it.
///
/// Every pooled payload carries a Latency, empty when it is allocated. Each IP that holds the payload adds,
/// before it passes the payload or its answer on, what it spent there; no moment is added twice. A payload
/// that an IP splits takes the parts of the piece that was answered last, so that its parts still sum to its
/// own latency. The initiator adds what nobody accounted for as `other`.
#pragma once

#include <cstdint>
#include <tlm>

#include "platform/observe/latency_part.h"

namespace vesper::core {

using observe::kLatencyParts;
using observe::LatencyPart;
using observe::LatencyParts;

struct Latency : tlm::tlm_extension<Latency> {
  LatencyParts ps{};

  void add(LatencyPart part, uint64_t picoseconds) { ps[static_cast<size_t>(part)] += picoseconds; }
  [[nodiscard]] uint64_t of(LatencyPart part) const { return ps[static_cast<size_t>(part)]; }
  [[nodiscard]] uint64_t sum() const {
    uint64_t total = 0;
    for (uint64_t part : ps) total += part;
    return total;
  }
  [[nodiscard]] tlm::tlm_extension_base* clone() const override {
    auto* copy = new Latency;  // owned by the payload it is set on (TLM-2.0 convention)
    copy->ps = ps;
    return copy;
  }
  void copy_from(const tlm::tlm_extension_base& other_latency) override {
    ps = static_cast<const Latency&>(other_latency).ps;
  }
};

/// The Latency of a payload, or null for one that is not from a pool.
inline Latency* latency_of(tlm::tlm_generic_payload& payload) { return payload.get_extension<Latency>(); }

}  // namespace vesper::core
