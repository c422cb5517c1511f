/// NoC slave unit: hands request packets to a target and sends its answers back.
///
/// Models      requests in order of arrival within reads and within writes; limits on outstanding reads and
///             writes; a request keeps its place in the last switch's buffer until the target has taken it
///             (END_REQ), so that a slow target fills the network as it does in hardware.
/// Timing      BEGIN_REQ when the last flit has passed the NSU; the response packet enters the network in the
///             cycle of the target's BEGIN_RESP.
/// Faults      a silent NSU takes no request and sends no answer; what reaches it stays with it.
/// Leaves out  streaming of read data before the packet's last byte is there; reordering.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <deque>

#include "models/noc/unit.h"

namespace vesper::noc {

class Nsu final : public Unit {
 public:
  Nsu(sc_core::sc_module_name module_name, Noc& noc, const std::string& endpoint, uint32_t reads,
      uint32_t writes);

  tlm_utils::simple_initiator_socket<Nsu> socket{"socket"};

  void meet(uint32_t chunk) override;
  [[nodiscard]] bool idle() const override;
  /// Neither requests nor answers from now on.
  void silence() { silent_ = true; }
  [[nodiscard]] size_t outstanding() const { return directions_[0].outstanding + directions_[1].outstanding; }

 private:
  struct Waiting {
    uint32_t chunk;
    uint64_t order;
  };
  struct Direction {
    std::deque<Waiting> waiting;
    uint32_t outstanding = 0;
    uint32_t limit = 0;
  };

  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
  [[nodiscard]] bool waiting_empty() const {
    return directions_[0].waiting.empty() && directions_[1].waiting.empty();
  }
  void pump();
  bool drop_abandoned(uint32_t chunk);
  Direction* next();
  void request(uint32_t chunk);
  void taken();
  void respond(uint32_t chunk);

  static constexpr uint32_t kNone = kWakeUp;
  std::array<Direction, 2> directions_;
  uint64_t order_ = 0;
  bool silent_ = false;
  uint32_t at_door_ = kNone;  ///< chunk whose BEGIN_REQ the target has not answered
};

}  // namespace vesper::noc
