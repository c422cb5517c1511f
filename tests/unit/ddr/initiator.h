/// A TLM initiator for tests and benchmarks of the DDR controller: keeps a number of payloads under way.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <cstring>
#include <functional>
#include <vector>

#include "models/core/ip.h"
#include "models/core/payload_pool.h"

namespace vesper::ddr::testing {

class Initiator : public sc_core::sc_module {
 public:
  explicit Initiator(sc_core::sc_module_name name) : sc_module(name) {
    socket.register_nb_transport_bw(this, &Initiator::backward);
  }

  tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};
  core::PayloadPool pool;

  struct Answer {
    uint64_t address;
    uint64_t at;
    tlm::tlm_response_status status;
    uint64_t sent = 0;
    core::LatencyParts latency{};
  };
  std::vector<Answer> answers;
  std::vector<uint64_t> accepted;             ///< times of END_REQ
  std::function<void()> on_answer = [] {};    ///< after each answer
  std::function<void()> on_accepted = [] {};  ///< after an END_REQ that came late
  bool answer_later = false;                  ///< END_RESP by end_response()

  /// Sends a request now; true if END_REQ came at once.
  bool send(tlm::tlm_command command, uint64_t address, uint32_t bytes, const core::JobTag& tag = {}) {
    tlm::tlm_generic_payload& payload = pool.allocate(command, address, bytes, tag);
    payload.get_extension<core::JobTag>()->issued = core::now_ps();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum answer = socket->nb_transport_fw(payload, phase, delay);
    if (answer == tlm::TLM_COMPLETED) {
      note(payload);
      payload.release();
      return true;
    }
    if (answer == tlm::TLM_UPDATED) accepted.push_back(core::now_ps());
    return answer == tlm::TLM_UPDATED;
  }
  bool read(uint64_t address, uint32_t bytes = 64) { return send(tlm::TLM_READ_COMMAND, address, bytes); }
  bool write(uint64_t address, uint32_t bytes = 64) { return send(tlm::TLM_WRITE_COMMAND, address, bytes); }

  void end_response() {
    tlm::tlm_generic_payload* payload = held_;
    held_ = nullptr;
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_fw(*payload, phase, delay);
    payload->release();
  }

 private:
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
    if (phase == tlm::END_REQ) {
      accepted.push_back(core::now_ps());
      on_accepted();
      return tlm::TLM_ACCEPTED;
    }
    note(payload);
    if (answer_later) {
      held_ = &payload;
      on_answer();
      return tlm::TLM_ACCEPTED;
    }
    payload.release();
    on_answer();
    return tlm::TLM_COMPLETED;
  }
  void note(tlm::tlm_generic_payload& payload) {
    answers.push_back({payload.get_address(), core::now_ps(), payload.get_response_status(),
                       core::tag_of(payload).issued, core::latency_of(payload)->ps});
  }

  tlm::tlm_generic_payload* held_ = nullptr;
};

}  // namespace vesper::ddr::testing
