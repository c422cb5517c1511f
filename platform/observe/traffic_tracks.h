/// Memory traffic in a timeline: when each port works for whom, and the bandwidth it has.
///
/// Tracks     one a port; the ports of one controller (`ddr.port.0` ...) are a channel, `ddr`, with a track
/// for
///            each requester, as requests of several are under way at once. Transfers of one job that follow
///            within a microsecond are one slice, which tells their bytes.
/// Counters   `<port or channel> GB/s`, read and written, mean of each window. Bytes of a transfer are spread
///            evenly over its time.
#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "platform/observe/run_info.h"
#include "platform/observe/trace_events.h"

namespace vesper::observe {

class TrafficTracks {
 public:
  /// `ports`: names by Transfer::port, which grow as models are built.
  TrafficTracks(TraceEvents& events, const RunInfo& run, const std::vector<std::string>& ports, Time window);

  void transferred(const Transfer& event);
  /// Writes what is under way, and the counters up to `end`.
  void finish(Time end);

 private:
  struct Activity {
    JobId job;
    Time start = 0;
    Time end = 0;
    uint64_t bytes = 0;
  };
  struct Lane {
    TraceEvents::Track track;
    Activity activity;
    Time written_until = 0;
  };
  struct Channel {
    std::string name;
    bool shared = false;  ///< between ports: a lane a requester
    std::map<uint16_t, Lane> lanes;
    std::map<uint64_t, std::array<uint64_t, 2>> windows;  ///< bytes read and written
  };

  Channel& channel_of(uint16_t port);
  Lane& lane_of(Channel& channel, uint16_t task);
  void write(Lane& lane);
  void count(Channel& channel, const Transfer& event) const;
  void write_counter(const Channel& channel, Time end);

  TraceEvents& events_;
  std::vector<std::string> names_;
  const std::vector<std::string>& ports_;
  Time window_;
  uint32_t process_ = 0;
  std::vector<Channel*> by_port_;
  std::map<std::string, Channel> channels_;
};

}  // namespace vesper::observe
