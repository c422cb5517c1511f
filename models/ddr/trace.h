/// The waves of a channel, group `ddr`: open rows, bus, refresh, requests under way. Built only if wanted.
///
/// The core works ahead of simulated time; changes are kept until their time has come. What an idle channel
/// did (refresh, and the precharges before it) shows when it next has work, as one change to the state it
/// left.
#pragma once

#include <array>
#include <queue>
#include <string>
#include <vector>

#include "models/core/clock_domain.h"
#include "models/ddr/command_log.h"
#include "platform/observe/observer.h"

namespace vesper::ddr {

class Trace final : public CommandLog {
 public:
  Trace(observe::ObserverHub& hub, const std::string& path, const Part& part, const core::ClockDomain& clock);

  /// Whether anybody wants the waves.
  [[nodiscard]] bool wanted() const { return wanted_; }
  void issued(const Command& command) override;
  void requests(size_t under_way, uint64_t at);
  /// Tells all changes up to `now`.
  void tell_until(uint64_t now);
  /// When the next change is due, or UINT64_MAX.
  [[nodiscard]] uint64_t next() const { return changes_.empty() ? UINT64_MAX : changes_.top().at; }

 private:
  enum Bus : uint8_t { kIdle, kRead, kWrite };
  struct Change {
    uint64_t at;
    uint64_t order;
    uint32_t signal;
    uint64_t value;
    bool operator>(const Change& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  void change(uint32_t signal, uint64_t value, Clock clock);
  void bus(Bus direction, Clock from);
  void opened(const Command& command);
  void closed(const Command& command);

  Part part_;
  core::ClockDomain clock_;
  std::vector<observe::Signal> signals_;  ///< bus, refresh, requests, then two a bank: open, row
  std::priority_queue<Change, std::vector<Change>, std::greater<>> changes_;
  std::vector<uint64_t> values_;   ///< by signal, the one to be told
  std::vector<bool> touched_;      ///< by signal
  std::vector<uint32_t> to_tell_;  ///< signals touched
  uint64_t order_ = 0;
  bool wanted_ = false;
};

}  // namespace vesper::ddr
