#include "models/dma/dma_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "models/core/initiator.h"
#include "models/core/ip.h"
#include "models/core/sim_error.h"

namespace vesper::dma {

using core::Cycles;
using core::now_ps;

void AxiPort::describe(Schema<AxiPort>& p) {
  p("width_bits", &AxiPort::width_bits, "width of the data channels")
      .must([](const uint32_t& bits) { return bits >= 32 && bits <= 1024 && std::has_single_bit(bits); },
            "a power of two between 32 and 1024");
  p("burst_beats", &AxiPort::burst_beats, "beats of the longest burst; 4 KiB at the most").between(1, 256);
  p("outstanding_reads", &AxiPort::outstanding_reads, "read bursts in flight").between(1, 256);
  p("outstanding_writes", &AxiPort::outstanding_writes, "write bursts in flight").between(1, 256);
}

uint32_t AxiPort::burst_bytes() const {
  return std::min(std::bit_floor(width_bytes() * burst_beats), core::kMaxPayloadBytes);
}

DmaEngine::DmaEngine(sc_core::sc_module_name name, const AxiPort& port, Frequency clock,
                     const core::Environment& environment, std::function<void()> done)
    : sc_module(name),
      port_(port),
      width_(port.width_bytes()),
      burst_bytes_(port.burst_bytes()),
      clock_(clock),
      observers_(*environment.observers),
      observed_port_(observers_.port(this->name())),
      requesters_(environment.requesters),
      done_(std::move(done)) {
  socket.register_nb_transport_bw(this, &DmaEngine::nb_transport_bw);
  SC_HAS_PROCESS(DmaEngine);
  SC_METHOD(advance);
  dont_initialize();
  sensitive << wake_;
}

void DmaEngine::start(const Descriptor& descriptor, const core::JobTag& tag, Cycles setup) {
  descriptor_ = descriptor;
  uint32_t transfer = tag_.transfer + 1;
  tag_.assign(tag);
  tag_.transfer = transfer;
  tag_.port_rate = clock_.hz() * width_;
  busy_ = true;
  failed_ = false;
  row_ = offset_ = 0;
  unissued_ = unanswered_ = descriptor.bytes();
  next_issue_ = clock_.cycle_at_or_after(now_ps()) + setup;
  channel_free_ = std::max(channel_free_, next_issue_);
  write_in_channel_ = false;
  wake_at(next_issue_);
}

void DmaEngine::wake_at(Cycles cycle) {
  uint64_t at = clock_.edge(cycle);
  uint64_t now = now_ps();
  wake_.notify(core::to_time(at > now ? at - now : 0));
}

void DmaEngine::advance() {
  Cycles now = clock_.cycle_at_or_after(now_ps());
  retire(now);
  if (busy_) issue(now);
}

void DmaEngine::retire(Cycles now) {
  while (!completions_.empty() && completions_.front().at <= now) {
    const Completion completion = completions_.front();
    completions_.pop_front();
    unanswered_ -= completion.payload->get_data_length();
    --in_flight_;
    core::tell_done(observers_, *completion.payload, observed_port_, clock_.edge(completion.at));
    completion.payload->release();
  }
  if (busy_ && unanswered_ == 0) {
    busy_ = false;
    done_();
  }
}

void DmaEngine::issue(Cycles now) {
  uint32_t limit = descriptor_.write ? port_.outstanding_writes : port_.outstanding_reads;
  while (unissued_ > 0 && in_flight_ < limit && blocked_ == nullptr && next_issue_ <= now) {
    Burst burst = peek();
    if (descriptor_.write && !write_in_channel_) {
      next_issue_ = channel_free_ = std::max(channel_free_, now) + beats(burst.address, burst.bytes);
      write_in_channel_ = true;
      break;
    }
    write_in_channel_ = false;
    if (!descriptor_.write) next_issue_ = now + 1;
    step_past(burst);
    send(burst);
  }
  Cycles wake = ~Cycles{0};
  if (unissued_ > 0 && in_flight_ < limit && blocked_ == nullptr) wake = std::max(next_issue_, now);
  if (!completions_.empty()) wake = std::min(wake, completions_.front().at);
  if (wake != ~Cycles{0}) wake_at(wake);
}

DmaEngine::Burst DmaEngine::peek() const {
  uint64_t address = descriptor_.address + row_ * descriptor_.stride + offset_;
  uint32_t room = burst_bytes_ - static_cast<uint32_t>(address % burst_bytes_);
  uint64_t position = uint64_t{row_} * descriptor_.row_bytes + offset_;
  return {address, std::min(room, descriptor_.row_bytes - offset_), position};
}

void DmaEngine::step_past(const Burst& burst) {
  unissued_ -= burst.bytes;
  offset_ += burst.bytes;
  if (offset_ == descriptor_.row_bytes) {
    offset_ = 0;
    ++row_;
  }
}

void DmaEngine::send(const Burst& burst) {
  ++in_flight_;
  auto command = descriptor_.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
  tlm::tlm_generic_payload& payload = pool_.allocate(command, burst.address, burst.bytes, tag_);
  if (descriptor_.data != nullptr) payload.set_data_ptr(descriptor_.data + burst.position);
  payload.get_extension<core::JobTag>()->issued = now_ps();
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  blocked_ = &payload;
  tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
  if (status == tlm::TLM_ACCEPTED) return;
  blocked_ = nullptr;
  if (status == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) answered(payload);
}

tlm::tlm_sync_enum DmaEngine::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                              sc_core::sc_time& /*delay*/) {
  if (blocked_ == &payload) blocked_ = nullptr;
  if (phase == tlm::BEGIN_RESP) {
    answered(payload);
    wake_at(clock_.cycle_at_or_after(now_ps()));
    return tlm::TLM_COMPLETED;
  }
  wake_at(clock_.cycle_at_or_after(now_ps()));
  return tlm::TLM_ACCEPTED;
}

void DmaEngine::answered(tlm::tlm_generic_payload& payload) {
  if (payload.is_response_error()) give_up(payload);
  Cycles now = clock_.cycle_at_or_after(now_ps());
  Cycles finished = now;
  if (!descriptor_.write) {
    Cycles first_beat = std::max(channel_free_, clock_.cycle_at_or_after(core::tag_of(payload).issued));
    finished = channel_free_ =
        std::max(now, first_beat + beats(payload.get_address(), payload.get_data_length()));
  }
  if (observers_.wants(observe::Topic::latency)) core::close_ledger(payload, now_ps(), clock_.edge(finished));
  completions_.push_back({finished, &payload});
}

void DmaEngine::give_up(tlm::tlm_generic_payload& payload) {
  ++errors_;
  if (on_error_ == OnError::stop) {
    core::fail_simulation(core::failure_of(payload, name(), requesters_) +
                          "; on_error: abandon gives the job up and goes on");
    return;
  }
  failed_ = true;
  unanswered_ -= unissued_;
  unissued_ = 0;
}

bool DmaEngine::move_now(bool write, uint64_t address, unsigned char* data, uint32_t bytes) {
  tlm::tlm_generic_payload payload;
  payload.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(bytes);
  payload.set_streaming_width(bytes);
  return socket->transport_dbg(payload) == bytes;
}

std::string DmaEngine::waiting_for() const {
  if (!busy_) return "";
  return fmt::format("{} bursts outstanding at {}, {} bytes to go{}", in_flight_, name(), unanswered_,
                     blocked_ != nullptr ? ", request not accepted" : "");
}

}  // namespace vesper::dma
