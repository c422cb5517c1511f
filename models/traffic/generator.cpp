#include "models/traffic/generator.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/initiator.h"
#include "models/core/run_report.h"
#include "models/core/sim_error.h"
#include "platform/property/random.h"

namespace vesper::traffic {

using core::Cycles;
using core::now_ps;

namespace {

constexpr Cycles kNever = ~Cycles{0};
constexpr uint64_t kPsPerSecond = 1'000'000'000'000;

/// When `bytes` have passed at `rate` bytes a second, rounded up to a picosecond.
uint64_t duration_of(uint64_t bytes, uint64_t rate) {
  if (rate == 0) return 0;
  return static_cast<uint64_t>((static_cast<unsigned __int128>(bytes) * kPsPerSecond + rate - 1) / rate);
}

}  // namespace

uint64_t stream_of(const char* name, const core::Environment& environment) {
  return stream_seed(environment.seed, environment.requester_of(name));
}

Generator::Generator(sc_core::sc_module_name name, const PortProperties& properties,
                     const core::Environment& environment, std::unique_ptr<Pattern> pattern)
    : Ip(name),
      properties_(properties),
      width_(properties.width_bytes()),
      clock_(properties.clock),
      observers_(*environment.observers),
      requesters_(environment.requesters),
      observed_port_(observers_.port(this->name())),
      pattern_(std::move(pattern)),
      outstanding_(observers_, {std::string(this->name()) + ".outstanding", "noc", 10}) {
  tag_.task = environment.requester_of(this->name());
  tag_.port_rate = clock_.hz() * width_;
  direction(false).limit = properties.outstanding_reads;
  direction(true).limit = properties.outstanding_writes;
  port.register_nb_transport_bw(this, &Generator::nb_transport_bw);
  expose("port", port);
  SC_HAS_PROCESS(Generator);
  SC_METHOD(advance);
  dont_initialize();
  sensitive << wake_;
}

void Generator::start_of_simulation() {
  outstanding_.set(uint64_t{0}, now_ps());
  fetch();
  if (next_) wake_at(due_);
}

void Generator::wake_at(Cycles cycle) {
  uint64_t at = clock_.edge(cycle);
  uint64_t now = now_ps();
  wake_.notify(core::to_time(at > now ? at - now : 0));
}

void Generator::advance() {
  Cycles now = clock_.cycle_at_or_after(now_ps());
  retire(now);
  request(now);
  outstanding_.set(in_flight(), now_ps());
  schedule();
}

void Generator::retire(Cycles now) {
  for (bool write : {false, true}) {
    Direction& way = direction(write);
    while (!way.completions.empty() && way.completions.front().at <= now) {
      const Completion done = way.completions.front();
      way.completions.pop();
      --way.in_flight;
      ++way.done;
      way.bytes += done.payload->get_data_length();
      core::tell_done(observers_, *done.payload, observed_port_, clock_.edge(done.at));
      done.payload->release();
    }
  }
}

/// Everything that can be requested at this edge.
void Generator::request(Cycles now) {
  if (properties_.until && now_ps() >= properties_.until->ps) next_.reset();
  if (leaving_ && leaves_ <= now && at_door_ == nullptr) {
    send(*leaving_);
    leaving_.reset();
  }
  while (next_begin() <= now) {
    Access access = *next_;
    fetch();
    begin(access, now);
  }
}

/// When the next request can begin; never, if there is none or if something else has to happen first.
Cycles Generator::next_begin() const {
  if (!next_) return kNever;
  const Direction& way = direction(next_->write);
  bool must_wait = way.in_flight == way.limit || (next_->write ? leaving_.has_value() : at_door_ != nullptr);
  if (must_wait) return kNever;
  return next_->write ? due_ : std::max(due_, next_read_);
}

void Generator::begin(const Access& access, Cycles now) {
  Direction& way = direction(access.write);
  ++way.in_flight;
  if (access.write) {
    leaving_ = access;
    leaves_ = now + beats(access.bytes);
  } else {
    next_read_ = now + 1;
    send(access);
  }
}

/// Takes the next request from the pattern, within the bounds.
void Generator::fetch() {
  next_.reset();
  if (properties_.requests && requests_ == *properties_.requests) return;
  uint64_t left = properties_.bytes ? properties_.bytes->count - bytes_ : UINT64_MAX;
  if (left == 0) return;
  std::optional<Access> access = pattern_->next();
  if (!access) return;
  access->bytes = static_cast<uint32_t>(std::min<uint64_t>(access->bytes, left));
  due_ = due(*access);
  if (properties_.until && clock_.edge(due_) >= properties_.until->ps) return;
  ++requests_;
  bytes_ += access->bytes;
  next_ = access;
}

Cycles Generator::due(const Access& access) const {
  uint64_t paced = properties_.from.ps + duration_of(bytes_, properties_.rate.bytes_per_second);
  return clock_.cycle_at_or_after(std::max(paced, access.earliest));
}

void Generator::schedule() {
  Cycles wake = next_begin();
  for (const Direction& way : directions_) {
    if (!way.completions.empty()) wake = std::min(wake, way.completions.front().at);
  }
  if (leaving_ && at_door_ == nullptr) wake = std::min(wake, leaves_);
  if (wake != kNever) wake_at(wake);
}

void Generator::send(const Access& access) {
  auto command = access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
  ++tag_.transfer;
  tag_.issued = now_ps();
  tlm::tlm_generic_payload& payload = pool_.allocate(command, access.address, access.bytes, tag_);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  at_door_ = &payload;
  tlm::tlm_sync_enum status = port->nb_transport_fw(payload, phase, delay);
  if (status == tlm::TLM_ACCEPTED) return;
  at_door_ = nullptr;
  if (status == tlm::TLM_COMPLETED) {
    complete(payload);
  } else if (phase == tlm::BEGIN_RESP) {
    phase = tlm::END_RESP;
    port->nb_transport_fw(payload, phase, delay);
    complete(payload);
  }
}

tlm::tlm_sync_enum Generator::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                              sc_core::sc_time& /*delay*/) {
  if (at_door_ == &payload) {
    at_door_ = nullptr;
    wake_at(clock_.cycle_at_or_after(now_ps()));
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  complete(payload);
  return tlm::TLM_COMPLETED;
}

void Generator::complete(tlm::tlm_generic_payload& payload) {
  Direction& way = direction(payload.is_write());
  if (payload.is_response_error()) {
    ++way.errors;
    if (properties_.on_error == OnError::stop)
      core::fail_simulation(core::failure_of(payload, name(), requesters_) + "; on_error: count goes on");
  }
  Cycles done = clock_.cycle_at_or_after(now_ps());
  if (!payload.is_write()) {
    Cycles first_beat = std::max(way.channel_free, clock_.cycle_at_or_after(core::tag_of(payload).issued));
    done = way.channel_free = std::max(done, first_beat + beats(payload.get_data_length()));
  }
  if (observers_.wants(observe::Topic::latency)) core::close_ledger(payload, now_ps(), clock_.edge(done));
  way.completions.push({done, &payload});
  wake_at(done);
}

void Generator::report(core::RunReport& report) const {
  const Direction& reads = direction(false);
  const Direction& writes = direction(true);
  report.memory["traffic"].push_back({{"name", name()},
                                      {"reads", reads.done},
                                      {"writes", writes.done},
                                      {"read_bytes", reads.bytes},
                                      {"write_bytes", writes.bytes},
                                      {"errors", reads.errors + writes.errors}});
}

std::string Generator::waiting_for() const {
  if (in_flight() == 0) return "";
  return fmt::format("{} reads and {} writes outstanding at {}{}", direction(false).in_flight,
                     direction(true).in_flight, name(), at_door_ != nullptr ? ", request not accepted" : "");
}

}  // namespace vesper::traffic
