/// Drives a controller with one in-order port, as the reference points were measured.
#pragma once

#include "models/ddr/controller.h"
#include "tests/conformance/ddr/traffic.h"

namespace vesper::ddr::testing {

struct Measured {
  double bus_utilisation = 0;  ///< bus clocks of requests accepted after the first tenth / their clocks
  double read_latency = 0;     ///< mean, acceptance to last data, clocks
  Clock cycles = 0;            ///< until the last completion
};

inline Measured measure(Controller& controller, Traffic traffic, uint64_t requests) {
  constexpr uint64_t kAhead = 64;  // requests waiting at the port, so that it never runs dry
  uint64_t submitted = 0;
  uint64_t done = 0;
  uint64_t reads = 0;
  uint64_t latency = 0;
  Clock tenth = 0;
  Clock last_accepted = 0;
  Measured result;
  while (done < requests) {
    while (submitted < requests && controller.queued(0) < kAhead) {
      const Access access = traffic(submitted);
      controller.submit({.address = access.address, .bytes = 64, .write = access.write, .cookie = submitted},
                        0);
      ++submitted;
    }
    const Clock bound = std::min(controller.next_completion(), controller.first_known());
    controller.advance(bound + 1);
    Completed completed;
    while (controller.take_completed(bound + 1, completed)) {
      ++done;
      result.cycles = std::max(result.cycles, completed.clock);
      last_accepted = std::max(last_accepted, completed.accepted);
      if (completed.request.cookie == requests / 10) tenth = completed.accepted;
      if (completed.request.write) continue;
      ++reads;
      latency += completed.clock - completed.accepted;
    }
  }
  const double clocks = static_cast<double>(last_accepted - tenth);
  result.bus_utilisation = static_cast<double>(controller.part().burst_clocks()) *
                           static_cast<double>(requests - requests / 10) / clocks;
  result.read_latency = reads == 0 ? 0 : static_cast<double>(latency) / static_cast<double>(reads);
  return result;
}

}  // namespace vesper::ddr::testing
