/// A memory of unlimited bandwidth behind an approximately-timed socket: answers each request a fixed latency
/// after it took it, and takes requests as `acceptance` says. Checks the rules an initiator has to keep.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "models/core/payload_pool.h"
#include "tests/support/stimulus.h"

namespace vesper::test {

class MemoryTarget : public sc_core::sc_module {
 public:
  enum class Acceptance : uint8_t {
    at_once,    ///< TLM_UPDATED, END_REQ
    later,      ///< TLM_ACCEPTED, END_REQ `accept_ps` later
    respond,    ///< TLM_UPDATED, BEGIN_RESP: answered in the call
    completed,  ///< TLM_COMPLETED
    silent,     ///< TLM_ACCEPTED, then BEGIN_RESP without END_REQ
  };
  struct Request {
    uint64_t at = 0;
    bool write = false;
    uint64_t address = 0;
    uint32_t bytes = 0;
    uint16_t task = 0;
    uint32_t job = 0, layer = 0, transfer = 0;
  };

  explicit MemoryTarget(sc_core::sc_module_name name) : sc_module(name) {
    socket.register_nb_transport_fw(this, &MemoryTarget::forward);
  }

  tlm_utils::simple_target_socket<MemoryTarget> socket{"socket"};
  Acceptance acceptance = Acceptance::at_once;
  uint64_t accept_ps = 0;
  uint64_t latency_ps = 100'000;
  std::function<tlm::tlm_response_status(const Request&)> respond;

  std::vector<Request> requests;
  std::vector<std::string> violations;
  size_t most_in_flight = 0;
  [[nodiscard]] size_t in_flight() const { return in_flight_.size(); }

 private:
  using Payload = tlm::tlm_generic_payload;

  tlm::tlm_sync_enum forward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    expect(phase == tlm::BEGIN_REQ, "a phase other than BEGIN_REQ");
    expect(delay == sc_core::SC_ZERO_TIME, "a call ahead of its time");
    expect(blocking_ == nullptr, "a request before the END_REQ of the one before");
    take(payload);
    switch (acceptance) {
      case Acceptance::at_once:
        answer_in(payload, latency_ps);
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
      case Acceptance::later:
        blocking_ = &payload;
        agenda_.at(core::now_ps() + accept_ps, [this, &payload] { end_request(payload); });
        return tlm::TLM_ACCEPTED;
      case Acceptance::silent:
        blocking_ = &payload;
        answer_in(payload, latency_ps);
        return tlm::TLM_ACCEPTED;
      case Acceptance::respond:
        finish(payload);
        phase = tlm::BEGIN_RESP;
        return tlm::TLM_UPDATED;
      case Acceptance::completed:
        finish(payload);
        return tlm::TLM_COMPLETED;
    }
    return tlm::TLM_COMPLETED;
  }

  void take(Payload& payload) {
    uint64_t address = payload.get_address();
    uint32_t bytes = payload.get_data_length();
    expect(bytes > 0 && address % 4096 + bytes <= 4096, "a payload across a 4 KiB boundary");
    expect(payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE,
           "a payload that is answered already");
    expect(payload.get_ref_count() > 0, "a payload nobody owns");
    expect(payload.get_data_ptr() != nullptr, "a payload without data");
    expect(in_flight_.insert(&payload).second, "a payload that is in flight already");
    most_in_flight = std::max(most_in_flight, in_flight_.size());
    const core::JobTag& tag = core::tag_of(payload);
    expect(tag.issued == core::now_ps(), "a tag with another time of issue");
    requests.push_back(
        {core::now_ps(), payload.is_write(), address, bytes, tag.task, tag.job, tag.layer, tag.transfer});
    payload.acquire();
    payload.set_response_status(respond ? respond(requests.back()) : tlm::TLM_OK_RESPONSE);
  }

  void end_request(Payload& payload) {
    blocking_ = nullptr;
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay;
    expect(socket->nb_transport_bw(payload, phase, delay) == tlm::TLM_ACCEPTED,
           "END_REQ answered other than ACCEPTED");
    answer_in(payload, latency_ps);
  }

  void answer_in(Payload& payload, uint64_t ps) {
    agenda_.at(core::now_ps() + ps, [this, &payload] {
      if (blocking_ == &payload) blocking_ = nullptr;
      in_flight_.erase(&payload);
      tlm::tlm_phase phase = tlm::BEGIN_RESP;
      sc_core::sc_time delay;
      expect(socket->nb_transport_bw(payload, phase, delay) == tlm::TLM_COMPLETED,
             "BEGIN_RESP not completed");
      payload.release();
    });
  }

  void finish(Payload& payload) {
    in_flight_.erase(&payload);
    payload.release();
  }

  void expect(bool holds, const char* violation) {
    if (!holds) violations.push_back(std::to_string(core::now_ps()) + " ps: " + violation);
  }

  Agenda agenda_{"agenda"};
  std::set<const Payload*> in_flight_;
  const Payload* blocking_ = nullptr;
};

}  // namespace vesper::test
