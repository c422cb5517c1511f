/// Counters of a timeline made from traced signals: fill levels and queue lengths (SignalInfo::is_level), and
/// how busy the links of a network are.
///
/// Levels   exactly, as they change; those of the groups noc and ddr, which change with every burst, as the
///          most of each window.
/// Links    signals of one bit in group noc count for the scope they stand in, their link group: the fraction
///          of a window that the group's links were busy, in percent. Links that were never busy do not
///          count.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/observe/trace_events.h"

namespace vesper::observe {

class LevelCounters {
 public:
  LevelCounters(TraceEvents& events, Time window) : events_(events), window_(window) {}

  bool declared(uint32_t id, const SignalInfo& info);
  void changed(uint32_t id, uint64_t value, Time at);
  void finish(Time end);

 private:
  enum class Kind : uint8_t { none, exact, most, link };
  struct LinkGroup {
    size_t links = 0;               ///< that were busy once
    std::map<uint64_t, Time> busy;  ///< by window
  };
  struct State {
    Kind kind = Kind::none;
    std::string name;  ///< as a JSON string
    LinkGroup* group = nullptr;
    bool used = false;
    uint64_t value = 0;
    Time since = 0;
    uint64_t window = 0;  ///< that `most` is of
    uint64_t most = 0;
    uint64_t shown = 0;
  };

  void sample(const std::string& name, Time at, uint64_t value);
  void close_window(State& state);
  void add_busy(LinkGroup& group, Time from, Time to) const;
  void link_changed(State& state, uint64_t value, Time at);
  void level_changed(State& state, uint64_t value, Time at);
  void write(const std::string& name, const LinkGroup& group, Time end);

  TraceEvents& events_;
  Time window_;
  uint32_t process_ = 0;
  std::vector<State> states_;  ///< by signal id
  std::map<std::string, LinkGroup> groups_;
};

}  // namespace vesper::observe
