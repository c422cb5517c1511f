/// NoC master unit: takes an initiator's payloads, chops them at 256 B and collects the answers.
///
/// Models      AXI reads and writes accepted up to a limit (END_REQ waits beyond it); the read reorder buffer
///             as a limit on read bytes in flight; a limit on write packets in flight; two write packets
///             buffered at the network (512 B write buffer), so that reads are not queued behind a whole
///             burst; optional token bucket.
/// Timing      a payload's packets enter in the cycle of BEGIN_REQ or as soon as the limits allow; BEGIN_RESP
///             comes when the last packet's answer has passed the NMU. Read data leave the reorder buffer at
///             the rate of the initiator's port (JobTag::port_rate), in order of arrival.
/// Timeouts    a payload whose answer has not come `timeout` after its acceptance is answered with
///             TLM_GENERIC_ERROR_RESPONSE; where its packet stands is looked up in the network and told
///             (core::note_cause, the log topic, the report's `timeouts`). Its packets are dropped as they
///             come and occupy their share of the limits until then; those not yet sent are not sent. One
///             timer a unit, set to the oldest payload.
/// Latency     timeline.h; a payload takes the parts of its packet answered last. Time stalled before END_REQ
///             is `admission`, a late BEGIN_RESP `port`, that of a payload refused here `network`, of one
///             that timed out `other`.
/// Leaves out  the beat-by-beat AXI channels (the initiator's), reordering between answers of one initiator.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <deque>
#include <vector>

#include "models/noc/token_bucket.h"
#include "models/noc/unit.h"
#include "platform/observe/observer.h"

namespace vesper::noc {

class Nmu final : public Unit {
 public:
  Nmu(sc_core::sc_module_name module_name, Noc& noc, const std::string& endpoint, unsigned number,
      const TokenBucket& bucket);

  tlm_utils::simple_target_socket<Nmu> socket{"socket"};

  void handle(uint32_t chunk) override;
  void meet(uint32_t chunk) override;
  /// A packet whose payload has been answered without it comes to its end.
  void drop(uint32_t chunk);
  /// Counts an answer on its way; whether it is the last one of its payload.
  bool is_last_answer(const Chunk& chunk);
  [[nodiscard]] bool idle() const override { return outstanding() == 0 && stalled_.payload == nullptr; }
  /// N of `pl.N`: selects the memory port where a range leads to several.
  [[nodiscard]] unsigned number() const { return number_; }
  /// Payloads of the initiator that are accepted and not answered.
  [[nodiscard]] size_t outstanding() const { return directions_[0].accepted + directions_[1].accepted; }

 private:
  struct Transaction {
    tlm::tlm_generic_payload* payload = nullptr;  ///< null: none, or answered without waiting for its packets
    uint32_t bytes = 0;
    uint64_t deadline = 0;
    EndpointId nsu = 0;
    uint64_t port_rate = 0;
    uint64_t begun_ps = 0;  ///< BEGIN_REQ
    uint64_t ready = 0;     ///< the first cycle from there on
    uint16_t task = 0;
    uint8_t channels = 0;
    uint32_t issued = 0;
    uint32_t answers_sent = 0;
    uint32_t answered = 0;
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
  };
  struct Direction {
    std::deque<uint32_t> to_issue;
    uint32_t accepted = 0;
    uint32_t limit = 0;
    uint32_t in_flight = 0;  ///< bytes of reads, packets of writes
    uint32_t in_flight_limit = 0;
  };

  struct Response {
    tlm::tlm_generic_payload* payload = nullptr;
    uint64_t since_ps = 0;
    core::LatencyPart part = core::LatencyPart::port;  ///< what the time from then on counts as
  };
  struct Stalled {
    tlm::tlm_generic_payload* payload = nullptr;
    uint64_t begun_ps = 0;
    uint64_t ready = 0;
  };

  /// Read data on their way through the initiator's port.
  struct Crossing {
    uint32_t chunk = 0;
    uint64_t until_ps = 0;
  };

  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  void blocking(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned debug(tlm::tlm_generic_payload& payload);

  Direction& direction(bool write) { return directions_[write ? 1 : 0]; }
  [[nodiscard]] bool has_room(const tlm::tlm_generic_payload& payload);
  void accept(const Stalled& request);
  void issue();
  bool issue_chunk(Direction& way, bool write);
  void wake_at(uint64_t cycle);
  bool enter_port(uint32_t chunk);
  void leave_port();
  void take_answer(uint32_t chunk);
  void answer(uint32_t transaction);
  void respond();
  void finish(tlm::tlm_generic_payload& payload);
  void open_door();
  void trace_outstanding();
  // Payloads that are not answered in time (timeouts.cpp).
  void arm_timer(uint64_t deadline);
  void expire();
  void abandon(uint32_t transaction);
  [[nodiscard]] std::string describe(uint32_t transaction) const;

  unsigned number_;
  TokenBucket bucket_;
  uint64_t wake_at_ = 0;
  bool timer_armed_ = false;
  std::array<Direction, 2> directions_;
  std::vector<Transaction> transactions_;
  std::vector<uint32_t> free_;
  std::deque<Crossing> crossing_;
  uint64_t port_free_ps_ = 0;
  std::deque<Response> responses_;
  tlm::tlm_generic_payload* responding_ = nullptr;
  Stalled stalled_;  ///< accepted when there is room
  observe::Signal outstanding_;
};

}  // namespace vesper::noc
