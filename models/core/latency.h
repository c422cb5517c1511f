/// Where a payload's time went, from its request (BEGIN_REQ) to its answer (BEGIN_RESP): parts that sum to
/// it.
///
/// Every pooled payload carries a Latency, empty when it is allocated. Each IP that holds the payload adds,
/// before it passes the payload or its answer on, what it spent there; no moment is added twice. A payload
/// that an IP splits takes the parts of the piece that was answered last, so that its parts still sum to its
/// own latency. The initiator adds what nobody accounted for as `other`.
#pragma once

#include <array>
#include <cstdint>
#include <tlm>

namespace vesper::core {

enum class LatencyPart : uint8_t {
  admission,  ///< held back where it enters the network: limits, regulation, earlier packets of its initiator
  network,    ///< on its way through an empty network
  links,      ///< waiting for links and buffers of the network
  door,       ///< waiting for the target to take it
  service,    ///< in the memory: its own transfer, controller and crossings
  bank_conflict,  ///< in the memory: closing another row first
  row_miss,       ///< in the memory: opening its row
  refresh,        ///< in the memory
  turnaround,     ///< in the memory: reads after writes, writes after reads
  arbitration,    ///< in the memory: others, or its initiator's earlier requests, were served first
  port,           ///< crossing the initiator's port
  other,          ///< what no IP accounted for
};
constexpr size_t kLatencyParts = 12;

struct Latency : tlm::tlm_extension<Latency> {
  std::array<uint64_t, kLatencyParts> ps{};

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
