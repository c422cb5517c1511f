#include "models/noc/nmu.h"

#include <algorithm>

#include "models/core/ip.h"
#include "models/core/payload_pool.h"
#include "models/noc/noc.h"

namespace vesper::noc {

using tlm::tlm_generic_payload;

namespace {

constexpr size_t kWriteBufferPackets = 2;  // 512 B write buffer (AMD PG313, NMU)
constexpr uint64_t kWritePacketCycles = 1 + kChopBytes / kFlitBytes;

void add_latency(tlm_generic_payload& payload, core::LatencyPart part, uint64_t ps) {
  if (core::Latency* latency = core::latency_of(payload)) latency->add(part, ps);
}

void add_latency(tlm_generic_payload& payload, const core::Latency& parts) {
  core::Latency* latency = core::latency_of(payload);
  if (latency == nullptr) return;
  for (size_t part = 0; part < core::kLatencyParts; ++part) latency->ps[part] += parts.ps[part];
}

tlm::tlm_response_status check(const tlm_generic_payload& payload) {
  uint32_t bytes = payload.get_data_length();
  uint64_t offset = payload.get_address() % core::kMaxPayloadBytes;
  bool fits = bytes > 0 && offset + bytes <= core::kMaxPayloadBytes;
  if (!fits) return tlm::TLM_BURST_ERROR_RESPONSE;
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_COMMAND_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  return tlm::TLM_OK_RESPONSE;
}

}  // namespace

Nmu::Nmu(sc_core::sc_module_name module_name, Noc& noc, const std::string& endpoint, unsigned number,
         const TokenBucket& bucket)
    : Unit(module_name, noc, endpoint), number_(number), bucket_(bucket) {
  SC_HAS_PROCESS(Nmu);
  SC_METHOD(expire);
  sensitive << timer_;
  dont_initialize();
  socket.register_nb_transport_fw(this, &Nmu::forward);
  socket.register_b_transport(this, &Nmu::blocking);
  socket.register_transport_dbg(this, &Nmu::debug);
  const NocProperties& p = noc.properties();
  direction(false).limit = p.nmu_reads;
  direction(false).in_flight_limit = p.nmu_read_bytes;
  direction(true).limit = p.nmu_writes;
  direction(true).in_flight_limit = p.nmu_writes;
  if (noc.observers_ != nullptr) {
    outstanding_ = observe::Signal(
        *noc.observers_,
        {.path = std::string(name()) + ".outstanding", .group = "noc", .width = 8, .is_level = true});
  }
}

tlm::tlm_sync_enum Nmu::forward(tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
  noc_.catch_up();
  if (phase == tlm::END_RESP) {
    responding_ = nullptr;
    finish(payload);
    respond();
    return tlm::TLM_COMPLETED;
  }
  payload.acquire();
  Stalled request{&payload, core::now_ps(), noc_.cycle()};
  if (!has_room(payload)) {
    stalled_ = request;
    return tlm::TLM_ACCEPTED;
  }
  accept(request);
  noc_.schedule();
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

bool Nmu::has_room(const tlm_generic_payload& payload) {
  const Direction& way = direction(payload.is_write());
  return way.accepted < way.limit;
}

void Nmu::accept(const Stalled& request) {
  tlm_generic_payload& payload = *request.payload;
  if (free_.empty()) {
    transactions_.emplace_back();
    free_.push_back(static_cast<uint32_t>(transactions_.size() - 1));
  }
  uint32_t index = free_.back();
  free_.pop_back();
  Transaction& transaction = transactions_[index];
  const core::JobTag& tag = core::tag_of(payload);
  transaction = {.payload = &payload,
                 .bytes = payload.get_data_length(),
                 .port_rate = payload.is_write() ? 0 : tag.port_rate,
                 .begun_ps = request.begun_ps,
                 .ready = request.ready,
                 .task = noc_.requester_of(tag),
                 .status = check(payload)};
  Direction& way = direction(payload.is_write());
  ++way.accepted;
  trace_outstanding();
  const Nsu* nsu = noc_.decode(*this, payload);
  if (nsu == nullptr) transaction.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (transaction.status != tlm::TLM_OK_RESPONSE) {
    answer(index);
    responses_.back() = {&payload, request.begun_ps, core::LatencyPart::network};
    noc_.wake_to_meet(*this, noc_.cycle() + uint64_t{2} * noc_.properties().interface_cycles);
    return;
  }
  transaction.nsu = nsu->id();
  transaction.channels = Noc::channels_of(*this, *nsu, tag.qos);
  way.to_issue.push_back(index);
  if (noc_.timeout_cycles_ != 0) arm_timer(transaction.deadline = noc_.cycle() + noc_.timeout_cycles_);
  issue();
}

void Nmu::issue() {
  bool more = true;
  while (more) {
    more = false;
    for (bool write : {false, true}) more |= issue_chunk(direction(write), write);
  }
}

bool Nmu::issue_chunk(Direction& way, bool write) {
  if (way.to_issue.empty()) return false;
  uint64_t now = noc_.cycle();
  uint32_t index = way.to_issue.front();
  Transaction& transaction = transactions_[index];
  const tlm_generic_payload& payload = *transaction.payload;
  uint64_t address = payload.get_address() + transaction.issued;
  uint32_t bytes = std::min(kChopBytes - static_cast<uint32_t>(address % kChopBytes),
                            payload.get_data_length() - transaction.issued);
  uint32_t cost = write ? 1 : bytes;
  if (way.in_flight + cost > way.in_flight_limit) return false;
  if (write && noc_.packets_queued_at(*this) >= kWriteBufferPackets) {
    wake_at(now + kWritePacketCycles);
    return false;
  }
  if (uint64_t ready = bucket_.ready(bytes, now); ready > now) {
    wake_at(ready);
    return false;
  }
  bucket_.take(bytes, now);
  way.in_flight += cost;
  uint32_t chunk = noc_.new_chunk({.transaction = index,
                                   .nmu = id(),
                                   .nsu = transaction.nsu,
                                   .bytes = static_cast<uint16_t>(bytes),
                                   .task = transaction.task,
                                   .write = write,
                                   .channels = transaction.channels,
                                   .time = {.begun_ps = transaction.begun_ps, .ready = transaction.ready}},
                                  payload, transaction.issued);
  transaction.issued += bytes;
  if (transaction.issued == payload.get_data_length()) way.to_issue.pop_front();
  noc_.send(chunk, false);
  return true;
}

void Nmu::wake_at(uint64_t cycle) {
  uint64_t now = noc_.cycle();
  if (wake_at_ > now && wake_at_ <= cycle) return;
  wake_at_ = cycle;
  noc_.wake_to_handle(*this, cycle);
}

void Nmu::handle(uint32_t index) {
  leave_port();
  if (index != kWakeUp && !enter_port(index)) take_answer(index);
  issue();
}

bool Nmu::is_last_answer(const Chunk& chunk) {
  Transaction& transaction = transactions_[chunk.transaction];
  transaction.answers_sent += chunk.bytes;
  return transaction.answers_sent == transaction.bytes;
}

/// False if the initiator takes data at once.
bool Nmu::enter_port(uint32_t index) {
  const Chunk& chunk = noc_.chunk(index);
  uint64_t rate = transactions_[chunk.transaction].port_rate;
  if (rate == 0) return false;
  constexpr uint64_t kPsPerSecond = 1'000'000'000'000;
  port_free_ps_ = std::max(port_free_ps_, noc_.now_ps()) + chunk.bytes * kPsPerSecond / rate;
  crossing_.push_back({index, port_free_ps_});
  uint64_t left = noc_.clock_.cycle_at_or_after(port_free_ps_);
  if (crossing_.size() == 1) wake_at(left);
  if (chunk.last) noc_.wake_to_meet(*this, left);
  return true;
}

void Nmu::leave_port() {
  uint64_t now = noc_.now_ps();
  while (!crossing_.empty() && crossing_.front().until_ps <= now) {
    uint32_t chunk = crossing_.front().chunk;
    crossing_.pop_front();
    take_answer(chunk);
  }
  if (!crossing_.empty()) wake_at(noc_.clock_.cycle_at_or_after(crossing_.front().until_ps));
}

void Nmu::take_answer(uint32_t index) {
  const Chunk& chunk = noc_.chunk(index);
  uint32_t transaction_index = chunk.transaction;
  Transaction& transaction = transactions_[transaction_index];
  if (chunk.abandoned) return drop(index);
  core::Latency& latency = *core::latency_of(*chunk.payload);
  chunk.time.add_to(latency, noc_.clock_, noc_.now_ps());
  noc_.latencies_.add(chunk.task, latency);
  if (chunk.payload->is_response_error()) transaction.status = chunk.payload->get_response_status();
  direction(chunk.write).in_flight -= chunk.write ? 1 : chunk.bytes;
  transaction.answered += chunk.bytes;
  bool last = transaction.answered == transaction.bytes;
  if (last) add_latency(*transaction.payload, latency);
  noc_.free_chunk(index);
  if (last) answer(transaction_index);
}

/// Answers leave in `meet`, never inside the call that brought the request.
void Nmu::answer(uint32_t index) {
  Transaction& transaction = transactions_[index];
  transaction.payload->set_response_status(transaction.status);
  responses_.push_back({std::exchange(transaction.payload, nullptr), noc_.now_ps()});
  free_.push_back(index);
}

void Nmu::respond() {
  while (responding_ == nullptr && !responses_.empty()) {
    Response response = responses_.front();
    responses_.pop_front();
    tlm_generic_payload& payload = *response.payload;
    add_latency(payload, response.part, core::now_ps() - response.since_ps);
    responding_ = &payload;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    tlm::tlm_sync_enum status = socket->nb_transport_bw(payload, phase, delay);
    bool ended = status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP);
    if (!ended) return;
    responding_ = nullptr;
    finish(payload);
  }
}

void Nmu::finish(tlm_generic_payload& payload) {
  --direction(payload.is_write()).accepted;
  trace_outstanding();
  payload.release();
  open_door();
}

void Nmu::open_door() {
  if (stalled_.payload == nullptr || !has_room(*stalled_.payload)) return;
  Stalled request = std::exchange(stalled_, {});
  tlm_generic_payload& payload = *request.payload;
  accept(request);
  noc_.schedule();
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket->nb_transport_bw(payload, phase, delay);
}

void Nmu::blocking(tlm_generic_payload& payload, sc_core::sc_time& delay) {
  Nsu* nsu = noc_.decode(*this, payload);
  if (nsu == nullptr) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  sc_core::sc_time there = noc_.structural_latency(*this, *nsu);
  delay += there;
  nsu->socket->b_transport(payload, delay);
  delay += there;
}

unsigned Nmu::debug(tlm_generic_payload& payload) {
  Nsu* nsu = noc_.decode(*this, payload);
  return nsu == nullptr ? 0 : nsu->socket->transport_dbg(payload);
}

void Nmu::trace_outstanding() { outstanding_.set(outstanding(), core::now_ps()); }

}  // namespace vesper::noc
