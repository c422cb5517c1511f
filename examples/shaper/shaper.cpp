#include "shaper.h"

namespace shaper {

using namespace vesper;

VESPER_IP(Shaper, "shaper", "lets no more than a rate pass between two IPs");

void Shaper::Properties::describe(Schema<Properties>& p) {
  p("rate", &Properties::rate, "bytes that pass in the mean").at_least(Bandwidth{1'000'000});
  p("burst", &Properties::burst, "bytes that may pass at once").at_least(KiB(4));
}

Shaper::Shaper(sc_core::sc_module_name name, const Properties& properties,
               const core::Environment& environment)
    : Ip(name),
      properties_(properties),
      held_(*environment.observers, {std::string(basename()) + ".held", "noc", 1, false}) {
  in.register_nb_transport_fw(this, &Shaper::forward);
  in.register_b_transport(this, &Shaper::blocking);
  out.register_nb_transport_bw(this, &Shaper::backward);
  expose("in", in);
  expose("out", out);
  SC_HAS_PROCESS(Shaper);
  SC_METHOD(let_pass);
  sensitive << pass_;
  dont_initialize();
}

/// When the bytes may pass; they are taken out of the bucket.
uint64_t Shaper::take(uint32_t bytes) {
  const auto time_of = [this](uint64_t count) {
    const uint64_t rate = properties_.rate.bytes_per_second;
    return static_cast<uint64_t>((static_cast<unsigned __int128>(count) * 1'000'000'000'000 + rate - 1) /
                                 rate);
  };
  const uint64_t now = core::now_ps();
  full_at_ = std::max(full_at_, now) + time_of(bytes);
  const uint64_t burst = time_of(properties_.burst.count);
  return full_at_ > now + burst ? full_at_ - burst : now;
}

tlm::tlm_sync_enum Shaper::forward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return out->nb_transport_fw(payload, phase, delay);
  const uint64_t at = take(payload.get_data_length());
  if (at == core::now_ps()) return out->nb_transport_fw(payload, phase, delay);
  waiting_ = &payload;
  held_.set(1, core::now_ps());
  pass_.notify(core::to_time(at - core::now_ps()));
  return tlm::TLM_ACCEPTED;
}

/// What the target answers in the call is told to the initiator, who has gone on since.
void Shaper::let_pass() {
  Payload& payload = *waiting_;
  waiting_ = nullptr;
  held_.set(0, core::now_ps());
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  const tlm::tlm_sync_enum status = out->nb_transport_fw(payload, phase, delay);
  if (status == tlm::TLM_ACCEPTED) return;
  const bool target_waits = status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP;
  if (status == tlm::TLM_COMPLETED) phase = tlm::BEGIN_RESP;
  const bool ended = in->nb_transport_bw(payload, phase, delay) != tlm::TLM_ACCEPTED;
  if (!target_waits || !ended) return;
  phase = tlm::END_RESP;
  out->nb_transport_fw(payload, phase, delay);
}

tlm::tlm_sync_enum Shaper::backward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  return in->nb_transport_bw(payload, phase, delay);
}

void Shaper::blocking(Payload& payload, sc_core::sc_time& delay) {
  delay += core::to_time(take(payload.get_data_length()) - core::now_ps());
  out->b_transport(payload, delay);
}

}  // namespace shaper
