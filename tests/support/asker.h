/// An initiator that asks as Vesper's own do: pooled payloads, BEGIN_RESP answered TLM_COMPLETED; keeps what
/// it hears.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <ostream>
#include <string>
#include <vector>

#include "models/core/ip.h"
#include "models/core/payload_pool.h"

namespace vesper::test {

class Asker : public sc_core::sc_module {
 public:
  /// A phase, or COMPLETED for an answer in the call.
  struct Heard {
    std::string phase;
    uint64_t at = 0;
    uint64_t address = 0;
    std::string response = "TLM_INCOMPLETE_RESPONSE";
    bool operator==(const Heard&) const = default;
    friend void PrintTo(const Heard& heard, std::ostream* out) {
      *out << heard.phase << " at " << heard.at << " ps of " << heard.address << ": " << heard.response;
    }
  };

  explicit Asker(sc_core::sc_module_name name) : sc_module(name) {
    socket.register_nb_transport_bw(this, &Asker::backward);
  }

  void read(uint64_t address, uint32_t bytes) {
    tlm::tlm_generic_payload& payload = pool_.allocate(tlm::TLM_READ_COMMAND, address, bytes, {});
    payload.get_extension<core::JobTag>()->issued = core::now_ps();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    if (socket->nb_transport_fw(payload, phase, delay) == tlm::TLM_COMPLETED) note("COMPLETED", payload);
  }

  tlm_utils::simple_initiator_socket<Asker> socket{"socket"};
  std::vector<Heard> heard;

 private:
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
    note(phase.get_name(), payload);
    return phase == tlm::BEGIN_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
  }
  void note(const std::string& phase, tlm::tlm_generic_payload& payload) {
    heard.push_back({phase, core::now_ps(), payload.get_address(), payload.get_response_string()});
    if (phase != "END_REQ") payload.release();
  }

  core::PayloadPool pool_;
};

}  // namespace vesper::test
