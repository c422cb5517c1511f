/// A traffic generator: an AXI master in programmable logic that reads and writes by a pattern.
///
/// Models      requests in the order of the pattern (pattern.h), at most one read a cycle; read and write
///             data channels of the port's width that carry a beat a cycle each; a limited number of bursts
///             outstanding a direction. A write is sent when its last beat has left, a read is done when its
///             last beat has come. A request that must wait (for its pace, the write channel, a free place)
///             keeps those behind it waiting.
/// Pace        with a `rate`, request n is due at `from` + (bytes of the requests before it) / rate; one that
///             was held up is made as soon as it can be, so that the rate is kept in the mean. Without a
///             rate, free-running.
/// Ends        with the pattern, at `until`, after `requests` or after `bytes` (which shorten the last one).
/// Timing      edges of the port's clock; memory answers when it answers. Alone on a memory that answers
///             at once, a read of b beats requested at edge n is done at edge n + b, as is a write begun
///             there. AXI4 channel rules (AMBA AXI, A3, A5).
/// Errors      an error response ends the simulation, or is counted, as `on_error` says.
/// Latency     of a burst is from its request until it is done; what the port takes after the answer is
///             `port`.
/// Cost        one process, one event; two to three wake-ups a request; no allocation in steady state.
/// Leaves out  data; byte enables; reordering between bursts of one direction.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <memory>
#include <optional>

#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "models/core/payload_pool.h"
#include "models/core/ring.h"
#include "models/traffic/pattern.h"
#include "models/traffic/properties.h"

namespace vesper::traffic {

/// The seed of a generator's own draws, apart from those of every task and other generator of a run.
uint64_t stream_of(const char* name, const core::Environment& environment);

class Generator : public core::Ip {
 public:
  /// The instance's name must be one of the environment's requesters.
  Generator(sc_core::sc_module_name name, const PortProperties& properties,
            const core::Environment& environment, std::unique_ptr<Pattern> pattern);

  tlm_utils::simple_initiator_socket<Generator> port{"port"};

  [[nodiscard]] std::string waiting_for() const override;
  void report(core::RunReport& report) const override;
  /// All that the pattern and the bounds allow has been requested and answered.
  [[nodiscard]] bool finished() const { return !next_ && !leaving_ && in_flight() == 0; }

 private:
  struct Completion {
    core::Cycles at = 0;
    tlm::tlm_generic_payload* payload = nullptr;  ///< kept until then
  };
  struct Direction {
    uint32_t limit = 0;
    uint32_t in_flight = 0;
    core::Cycles channel_free = 0;
    core::Ring<Completion> completions;
    uint64_t done = 0;   ///< bursts
    uint64_t bytes = 0;  ///< of those
    uint64_t errors = 0;
  };

  void start_of_simulation() override;
  void advance();  // SC_METHOD on wake_
  void retire(core::Cycles now);
  void request(core::Cycles now);
  void schedule();
  void wake_at(core::Cycles cycle);
  void fetch();
  [[nodiscard]] core::Cycles due(const Access& access) const;
  [[nodiscard]] core::Cycles next_begin() const;
  void begin(const Access& access, core::Cycles now);
  void send(const Access& access);
  void complete(tlm::tlm_generic_payload& payload);
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  Direction& direction(bool write) { return directions_[write ? 1 : 0]; }
  [[nodiscard]] const Direction& direction(bool write) const { return directions_[write ? 1 : 0]; }
  [[nodiscard]] uint32_t in_flight() const { return directions_[0].in_flight + directions_[1].in_flight; }
  [[nodiscard]] core::Cycles beats(uint32_t bytes) const { return (bytes + width_ - 1) / width_; }

  PortProperties properties_;
  uint32_t width_;
  core::ClockDomain clock_;
  observe::ObserverHub& observers_;
  std::vector<std::string> requesters_;
  uint16_t observed_port_;
  std::unique_ptr<Pattern> pattern_;
  core::JobTag tag_;
  core::PayloadPool pool_;
  observe::Signal outstanding_;
  sc_core::sc_event wake_;

  std::array<Direction, 2> directions_;
  std::optional<Access> next_;  ///< not begun
  core::Cycles due_ = 0;        ///< when `next_` may begin
  uint64_t requests_ = 0;       ///< taken from the pattern, with `next_`
  uint64_t bytes_ = 0;
  std::optional<Access> leaving_;  ///< a write whose beats leave until `leaves_`
  core::Cycles leaves_ = 0;
  core::Cycles next_read_ = 0;
  const tlm::tlm_generic_payload* at_door_ = nullptr;  ///< END_REQ is awaited
};

}  // namespace vesper::traffic
