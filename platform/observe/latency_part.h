/// The parts of a memory request's time, as models attribute it (models/core/latency.h) and outputs tell it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vesper::observe {

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

/// Picoseconds by LatencyPart.
using LatencyParts = std::array<uint64_t, kLatencyParts>;

constexpr std::string_view name_of(LatencyPart part) {
  constexpr std::string_view kNames[kLatencyParts] = {"admission",  "network",       "links",    "door",
                                                      "service",    "bank_conflict", "row_miss", "refresh",
                                                      "turnaround", "arbitration",   "port",     "other"};
  return kNames[static_cast<size_t>(part)];
}

}  // namespace vesper::observe
