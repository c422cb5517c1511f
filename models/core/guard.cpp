#include "models/core/guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/core/sim_error.h"

namespace vesper::core {
namespace {

std::string describe(bool write, uint32_t bytes, uint64_t address) {
  return fmt::format("{} of {} bytes at {:#x}", write ? "write" : "read", bytes, address);
}

std::string describe(const tlm::tlm_generic_payload& payload) {
  return describe(payload.is_write(), payload.get_data_length(), payload.get_address());
}

}  // namespace

std::string at_present() { return fmt::format("at {} ps", now_ps()); }

std::string words_of_exception() {
  try {
    throw;
  } catch (const sc_core::sc_report& report) {
    return report.get_msg();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

Guard::Guard(sc_core::sc_module_name name, GuardedEnd initiator, GuardedEnd target)
    : sc_module(name), initiator_(std::move(initiator)), target_(std::move(target)) {
  from_initiator.bind(*this);
  to_target.bind(*this);
}

void Guard::blame(const GuardedEnd& end, const std::string& what, const Payload& payload) {
  const GuardedEnd& other = &end == &target_ ? initiator_ : target_;
  fail_simulation(fmt::format("{}{} {} ({}, {} {}) {}", end.name, end.origin, what, describe(payload),
                              &end == &target_ ? "asked by" : "to", other.name, at_present()));
}

/// False where the call threw; then the simulation ends and the payload has failed.
template <class Call>
bool Guard::shield(const GuardedEnd& end, Payload& payload, Call&& call) {
  try {
    call();
    return true;
  } catch (const SimulationError&) {
    throw;
  } catch (const sc_core::sc_unwind_exception&) {
    throw;  // how SystemC ends a process
  } catch (...) {
    blame(end, fmt::format("threw: {}", words_of_exception()), payload);
  }
  payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  return false;
}

void Guard::b_transport(Payload& payload, sc_core::sc_time& delay) {
  remember(payload, State::blocking);
  const bool returned = shield(target_, payload, [&] { to_target->b_transport(payload, delay); });
  forget(payload);
  if (returned) check_answer(payload);
  if (payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
}

tlm::tlm_sync_enum Guard::nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  const bool request = phase == tlm::BEGIN_REQ;
  if (request) {
    if (!check_request(payload)) return tlm::TLM_ACCEPTED;
    remember(payload, State::requested);
  } else {
    const Outstanding* known = find(payload);
    if (phase != tlm::END_RESP || known == nullptr || known->state != State::answered) {
      blame(initiator_, fmt::format("sent {}, which is no phase for it now", phase.get_name()), payload);
      return tlm::TLM_ACCEPTED;
    }
    forget(payload);
  }
  tlm::tlm_sync_enum status = tlm::TLM_ACCEPTED;
  if (!shield(target_, payload, [&] { status = to_target->nb_transport_fw(payload, phase, delay); })) {
    forget(payload);
    return tlm::TLM_ACCEPTED;
  }
  if (!request || status == tlm::TLM_ACCEPTED) return status;
  if (status == tlm::TLM_UPDATED) {
    advance(payload, phase);
  } else if (find(payload) != nullptr) {
    check_answer(payload);
    forget(payload);
  }
  return status;
}

tlm::tlm_sync_enum Guard::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  const bool answer = phase == tlm::BEGIN_RESP;
  advance(payload, phase);
  if (!failure_message().empty()) return tlm::TLM_ACCEPTED;
  tlm::tlm_sync_enum status = tlm::TLM_ACCEPTED;
  const bool returned =
      shield(initiator_, payload, [&] { status = from_initiator->nb_transport_bw(payload, phase, delay); });
  if (!returned) return tlm::TLM_ACCEPTED;
  if (!answer || status == tlm::TLM_ACCEPTED) return status;
  if (status == tlm::TLM_UPDATED && phase != tlm::END_RESP)
    blame(initiator_, fmt::format("answered BEGIN_RESP with {}", phase.get_name()), payload);
  forget(payload);
  return status;
}

bool Guard::check_request(const Payload& payload) {
  const bool waits = std::ranges::any_of(
      outstanding_, [](const Outstanding& other) { return other.state == State::requested; });
  if (waits) {
    blame(initiator_, "sent BEGIN_REQ while its request before that waits for END_REQ", payload);
    return false;
  }
  if (find(payload) != nullptr) {
    blame(initiator_, "sent BEGIN_REQ for a payload that is under way", payload);
    return false;
  }
  return true;
}

void Guard::advance(const Payload& payload, const tlm::tlm_phase& phase) {
  Outstanding* known = find(payload);
  if (known == nullptr || known->state == State::blocking) {
    blame(target_, fmt::format("sent {} for a payload that was not asked of it", phase.get_name()), payload);
    return;
  }
  if (phase == tlm::END_REQ && known->state == State::requested) {
    known->state = State::accepted;
  } else if (phase == tlm::BEGIN_RESP && known->state != State::answered) {
    known->state = State::answered;
    check_answer(payload);
  } else {
    blame(target_, fmt::format("sent {}, which is no phase for it now", phase.get_name()), payload);
  }
}

void Guard::check_answer(const Payload& payload) {
  if (payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE) return;
  blame(target_, "answered without a response status", payload);
}

bool Guard::get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) {
  return to_target->get_direct_mem_ptr(payload, dmi);
}
void Guard::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
  from_initiator->invalidate_direct_mem_ptr(first, last);
}

unsigned int Guard::transport_dbg(Payload& payload) {
  unsigned int bytes = 0;
  shield(target_, payload, [&] { bytes = to_target->transport_dbg(payload); });
  return bytes;
}

Guard::Outstanding* Guard::find(const Payload& payload) {
  auto it = std::ranges::find(outstanding_, &payload, &Outstanding::payload);
  return it == outstanding_.end() ? nullptr : &*it;
}

void Guard::remember(const Payload& payload, State state) {
  outstanding_.push_back(
      {&payload, state, now_ps(), payload.is_write(), payload.get_data_length(), payload.get_address()});
}

void Guard::forget(const Payload& payload) {
  auto it = std::ranges::find(outstanding_, &payload, &Outstanding::payload);
  if (it == outstanding_.end()) return;
  *it = outstanding_.back();
  outstanding_.pop_back();
}

std::string Guard::waiting_for(uint64_t age) const {
  std::string text;
  auto oldest = std::ranges::min_element(outstanding_, {}, &Outstanding::since);
  if (oldest == outstanding_.end() || now_ps() - oldest->since < age) return text;
  const bool at_door = oldest->state == State::requested;
  text = fmt::format("{} waits for {}{}: {} asked at {} ps has no {}", initiator_.name, target_.name,
                     target_.origin, describe(oldest->write, oldest->bytes, oldest->address), oldest->since,
                     at_door ? "END_REQ" : "answer");
  if (outstanding_.size() > 1) text += ", nor has the rest";
  return text;
}

GuardedLine::GuardedLine(InterruptIn& in, GuardedEnd end)
    : relay([&in, end = std::move(end)](bool level) {
        try {
          in.drive(level);
        } catch (const SimulationError&) {
          throw;
        } catch (...) {
          fail_simulation(fmt::format("{}{} threw when the line went {}: {} {}", end.name, end.origin,
                                      level ? "high" : "low", words_of_exception(), at_present()));
        }
      }) {}

TargetSocket& Guards::before(TargetSocket& target, const GuardedEnd& initiator, const GuardedEnd& end) {
  const std::string name = fmt::format("guard_{}", sockets.size());
  sockets.push_back(std::make_unique<Guard>(name.c_str(), initiator, end));
  sockets.back()->to_target.bind(target);
  return sockets.back()->from_initiator;
}

void Guards::connect(const Endpoint& a, const GuardedEnd& a_end, const Endpoint& b, const GuardedEnd& b_end) {
  const auto* initiator = std::get_if<InitiatorEndpoint>(&a);
  const auto* target = std::get_if<TargetEndpoint>(&b);
  auto* const* out = std::get_if<InterruptOut*>(&a);
  auto* const* in = std::get_if<InterruptIn*>(&b);
  if (initiator != nullptr && target != nullptr) {
    initiator->bind(before(*target->socket, a_end, b_end));
  } else if (out != nullptr && in != nullptr) {
    lines.push_back(std::make_unique<GuardedLine>(**in, b_end));
    (*out)->connect(lines.back()->relay);
  } else if (std::holds_alternative<TargetEndpoint>(a) || std::holds_alternative<InterruptIn*>(a)) {
    if (std::holds_alternative<TargetEndpoint>(b) || std::holds_alternative<InterruptIn*>(b))
      core::connect(a, b);  // says that they do not fit
    else
      connect(b, b_end, a, a_end);
  } else {
    core::connect(a, b);
  }
}

}  // namespace vesper::core
