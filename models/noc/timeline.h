/// Where the time of a packet's round trip went.
///
/// From the payload's BEGIN_REQ until the packet's answer has left the NMU, split into parts that add up to
/// it to the picosecond: `admission` from the first clock edge to the packet's handing over to the network;
/// `links` the cycles its last flit waited there, both ways; `network` the rest of both ways, and the clock
/// edges; `door` at the NSU until the target took it; what the target accounted for on the packet's payload;
/// `other` what else passed until its answer; `port` from the answer's arrival to its leaving the NMU.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "models/core/clock_domain.h"
#include "models/core/latency.h"

namespace vesper::noc {

/// In cycles of the NoC clock but for what happens at sockets.
struct Timeline {
  uint64_t begun_ps = 0;  ///< BEGIN_REQ of the payload
  uint64_t ready = 0;     ///< the first edge from there on
  uint64_t sent = 0;
  uint64_t arrived = 0;     ///< at the NSU
  uint64_t offered_ps = 0;  ///< BEGIN_REQ, END_REQ and BEGIN_RESP of the target
  uint64_t taken_ps = 0;
  uint64_t answered_ps = 0;
  uint64_t answer_arrived = 0;  ///< at the NMU
  uint32_t waited = 0;          ///< for links, the request and its answer
  uint32_t answer_waited = 0;

  /// Adds its parts to `latency`, which holds those of the target. The answer left the NMU at `left_ps`.
  void add_to(core::Latency& latency, const core::ClockDomain& clock, uint64_t left_ps) const;
};

/// Parts summed over packets, by requester.
class LatencyTotals {
 public:
  explicit LatencyTotals(size_t requesters) : totals_(requesters) {}
  void add(size_t requester, const core::Latency& latency);
  [[nodiscard]] uint64_t packets(size_t requester) const { return totals_[requester].packets; }
  [[nodiscard]] uint64_t ps(size_t requester, core::LatencyPart part) const {
    return totals_[requester].ps[static_cast<size_t>(part)];
  }
  /// `name`, `packets`, `sum_s` and seconds by part, of requesters that had packets.
  [[nodiscard]] nlohmann::ordered_json report(const std::vector<std::string>& names) const;

 private:
  struct Total {
    uint64_t packets = 0;
    core::LatencyParts ps{};
  };
  std::vector<Total> totals_;
};

}  // namespace vesper::noc
