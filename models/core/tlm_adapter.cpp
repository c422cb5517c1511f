#include "models/core/tlm_adapter.h"

#include <fmt/format.h>

#include <algorithm>

namespace vesper::core {

using tlm::tlm_phase;
using tlm::tlm_sync_enum;

void TlmTargetBridge::Properties::describe(Schema<Properties>& p) {
  p("first_address", &Properties::first_address, "the address at which the module's own begin");
}

TlmTargetBridge::TlmTargetBridge(sc_core::sc_module_name name, const Properties& properties,
                                 const std::string& endpoint)
    : Ip(name), first_(properties.first_address.value), later_(this, &TlmTargetBridge::deliver) {
  from_platform_.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
  expose(endpoint, static_cast<TargetSocket&>(from_platform_));
}

std::string TlmTargetBridge::waiting_for() const {
  return under_way_.empty() ? "" : fmt::format("{} requests under way in the module", under_way_.size());
}

void TlmTargetBridge::b_transport(Payload& payload, sc_core::sc_time& delay) {
  if (payload.get_address() < first_) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  payload.set_address(payload.get_address() - first_);
  target_->b_transport(payload, delay);
  restore(payload);
}

unsigned int TlmTargetBridge::transport_dbg(Payload& payload) {
  if (payload.get_address() < first_) return 0;
  payload.set_address(payload.get_address() - first_);
  const unsigned int bytes = target_->transport_dbg(payload);
  restore(payload);
  return bytes;
}

tlm_sync_enum TlmTargetBridge::nb_transport_fw(Payload& payload, tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) {
    if (under_way_.erase(&payload) != 0) target_->nb_transport_fw(payload, phase, delay);
    return tlm::TLM_COMPLETED;
  }
  if (payload.get_address() < first_) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  payload.set_address(payload.get_address() - first_);
  under_way_[&payload] = false;
  const tlm_sync_enum status = target_->nb_transport_fw(payload, phase, delay);
  if (status == tlm::TLM_COMPLETED) {
    later_.notify(payload, tlm::BEGIN_RESP, delay);
  } else if (status == tlm::TLM_UPDATED) {
    under_way_[&payload] = phase == tlm::BEGIN_RESP;
    later_.notify(payload, phase, delay);
  }
  phase = tlm::BEGIN_REQ;
  delay = sc_core::SC_ZERO_TIME;
  return tlm::TLM_ACCEPTED;
}

tlm_sync_enum TlmTargetBridge::nb_transport_bw(Payload& payload, tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_RESP && under_way_.contains(&payload)) under_way_[&payload] = true;
  later_.notify(payload, phase, delay);
  return tlm::TLM_ACCEPTED;
}

/// What the target said, at its time.
void TlmTargetBridge::deliver(Payload& payload, const tlm_phase& phase) {
  tlm_phase told = phase;
  sc_core::sc_time delay;
  if (phase != tlm::BEGIN_RESP) {
    from_platform_->nb_transport_bw(payload, told, delay);
    return;
  }
  auto known = under_way_.find(&payload);
  const bool end_wanted = known != under_way_.end() && known->second;
  if (payload.has_mm()) payload.acquire();  // until the target has seen the end
  restore(payload);
  if (from_platform_->nb_transport_bw(payload, told, delay) != tlm::TLM_ACCEPTED) {
    under_way_.erase(&payload);
    told = tlm::END_RESP;
    if (end_wanted) target_->nb_transport_fw(payload, told, delay);
  }
  if (payload.has_mm()) payload.release();
}

void TlmInitiatorBridge::Properties::describe(Schema<Properties>& p) {
  p("offset", &Properties::offset, "added to the addresses that the module asks for");
}

TlmInitiatorBridge::TlmInitiatorBridge(sc_core::sc_module_name name, const Properties& properties,
                                       const std::string& endpoint, const Environment& environment)
    : Ip(name), offset_(properties.offset.value), later_(this, &TlmInitiatorBridge::on_later) {
  tag_.task = static_cast<uint16_t>(environment.requesters.size());
  to_platform_.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
  expose(endpoint, to_platform_);
}

std::string TlmInitiatorBridge::waiting_for() const {
  if (transactions_.empty()) return "";
  return fmt::format("{} transactions of the module under way{}", transactions_.size(),
                     at_door_ != nullptr ? ", request not accepted" : "");
}

void TlmInitiatorBridge::b_transport(Payload& payload, sc_core::sc_time& delay) {
  if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  sc_core::sc_event done;
  begin(payload, &done);
  sc_core::wait(done);
}

tlm_sync_enum TlmInitiatorBridge::nb_transport_fw(Payload& payload, tlm_phase& phase,
                                                  sc_core::sc_time& delay) {
  later_.notify(payload, phase, delay);
  return phase == tlm::END_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
}

void TlmInitiatorBridge::on_later(Payload& payload, const tlm_phase& phase) {
  if (phase == tlm::BEGIN_REQ) {
    if (payload.has_mm()) payload.acquire();
    begin(payload, nullptr);
  } else if (phase == tlm::END_RESP && responding_) {
    responding_ = false;
    to_respond_.pop_front();
    if (payload.has_mm()) payload.release();
    respond();
  }
}

unsigned int TlmInitiatorBridge::transport_dbg(Payload& payload) {
  payload.set_address(payload.get_address() + offset_);
  const unsigned int bytes = to_platform_->transport_dbg(payload);
  payload.set_address(payload.get_address() - offset_);
  return bytes;
}

void TlmInitiatorBridge::begin(Payload& payload, sc_core::sc_event* done) {
  for (Payload* burst : done_) burst->release();
  done_.clear();
  transactions_.push_back(std::make_unique<Transaction>());
  Transaction& transaction = *transactions_.back();
  transaction.whole = &payload;
  transaction.done = done;
  if (payload.get_data_length() == 0 || payload.get_command() == tlm::TLM_IGNORE_COMMAND) {
    finish(transaction);
    return;
  }
  send_bursts();
}

void TlmInitiatorBridge::send_bursts() {
  while (at_door_ == nullptr) {
    auto waiting = std::ranges::find_if(transactions_, [](const auto& transaction) {
      return transaction->next < transaction->whole->get_data_length();
    });
    if (waiting == transactions_.end()) return;
    send_next(**waiting);
  }
}

void TlmInitiatorBridge::send_next(Transaction& transaction) {
  Payload& whole = *transaction.whole;
  const uint64_t address = whole.get_address() + offset_ + transaction.next;
  const auto room = static_cast<uint32_t>(kMaxPayloadBytes - address % kMaxPayloadBytes);
  const uint32_t bytes = std::min(room, whole.get_data_length() - transaction.next);
  Payload& burst = pool_.allocate(whole.get_command(), address, bytes, tag_);
  burst.set_data_ptr(whole.get_data_ptr() + transaction.next);
  burst.get_extension<JobTag>()->issued = now_ps();
  transaction.next += bytes;
  ++transaction.in_flight;
  of_burst_[&burst] = &transaction;
  at_door_ = &burst;
  tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  const tlm_sync_enum status = to_platform_->nb_transport_fw(burst, phase, delay);
  if (status == tlm::TLM_ACCEPTED) return;
  accepted(burst);
  if (status == tlm::TLM_UPDATED && phase != tlm::BEGIN_RESP) return;
  if (status == tlm::TLM_UPDATED) {
    phase = tlm::END_RESP;
    to_platform_->nb_transport_fw(burst, phase, delay);
  }
  answered(burst);
}

tlm_sync_enum TlmInitiatorBridge::nb_transport_bw(Payload& burst, tlm_phase& phase, sc_core::sc_time&) {
  accepted(burst);
  const bool answer = phase == tlm::BEGIN_RESP;
  if (answer) answered(burst);
  send_bursts();
  return answer ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
}

void TlmInitiatorBridge::accepted(Payload& burst) {
  if (at_door_ != &burst) return;
  at_door_ = nullptr;
  const Transaction& transaction = *of_burst_.at(&burst);
  if (transaction.done != nullptr || transaction.next < transaction.whole->get_data_length()) return;
  tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time delay;
  initiator_->nb_transport_bw(*transaction.whole, phase, delay);
}

void TlmInitiatorBridge::answered(Payload& burst) {
  Transaction& transaction = *of_burst_.at(&burst);
  of_burst_.erase(&burst);
  if (burst.is_response_error() && transaction.status == tlm::TLM_OK_RESPONSE)
    transaction.status = burst.get_response_status();
  done_.push_back(&burst);
  --transaction.in_flight;
  if (transaction.in_flight == 0 && transaction.next == transaction.whole->get_data_length())
    finish(transaction);
}

void TlmInitiatorBridge::finish(Transaction& transaction) {
  Payload& whole = *transaction.whole;
  whole.set_response_status(transaction.status);
  sc_core::sc_event* done = transaction.done;
  std::erase_if(transactions_, [&](const auto& other) { return other.get() == &transaction; });
  if (done != nullptr) {
    done->notify(sc_core::SC_ZERO_TIME);
    return;
  }
  to_respond_.push_back(&whole);
  respond();
}

/// One answer at a time until its END_RESP.
void TlmInitiatorBridge::respond() {
  while (!responding_ && !to_respond_.empty()) {
    Payload& whole = *to_respond_.front();
    responding_ = true;
    tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay;
    if (initiator_->nb_transport_bw(whole, phase, delay) == tlm::TLM_ACCEPTED) return;
    responding_ = false;
    to_respond_.pop_front();
    if (whole.has_mm()) whole.release();
  }
}

}  // namespace vesper::core
