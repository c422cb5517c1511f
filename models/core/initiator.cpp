#include "models/core/initiator.h"

#include <fmt/format.h>

#include "models/core/ip.h"
#include "models/core/job_tag.h"
#include "models/core/sim_error.h"

namespace vesper::core {

void close_ledger(tlm::tlm_generic_payload& payload, uint64_t answered, uint64_t done) {
  Latency& latency = *latency_of(payload);
  const uint64_t passed = answered - tag_of(payload).issued;
  const uint64_t known = latency.sum();
  if (known > passed) {
    fail_simulation(fmt::format("a payload at {:#x} took {} ps, of which {} ps are accounted for",
                                payload.get_address(), passed, known));
    return;
  }
  latency.add(LatencyPart::other, passed - known);
  latency.add(LatencyPart::port, done - answered);
}

void tell_done(const observe::ObserverHub& observers, tlm::tlm_generic_payload& payload, uint16_t port,
               uint64_t done) {
  using observe::Topic;
  const bool latency = observers.wants(Topic::latency);
  if (!latency && !observers.wants(Topic::transfer)) return;
  const JobTag& tag = tag_of(payload);
  observe::Transfer event{{tag.task, tag.job},       tag.layer,  port, payload.is_write(),
                          payload.get_data_length(), tag.issued, done, nullptr};
  if (observers.wants(Topic::transfer)) observers.transfer(event);
  if (!latency) return;
  event.parts = &latency_of(payload)->ps;
  observers.latency(event);
}

namespace {

std::string_view meaning_of(tlm::tlm_response_status status) {
  if (status == tlm::TLM_ADDRESS_ERROR_RESPONSE) return "nothing answers there";
  if (status == tlm::TLM_GENERIC_ERROR_RESPONSE) return "bus error";
  return "not a request that the target takes";
}

}  // namespace

std::string failure_of(tlm::tlm_generic_payload& payload, std::string_view initiator,
                       const std::vector<std::string>& requesters) {
  const JobTag& tag = tag_of(payload);
  const std::string task =
      tag.task < requesters.size() ? requesters[tag.task] : fmt::format("requester {}", tag.task);
  const std::string owner = task == initiator ? "" : fmt::format(" for {} job {}", task, tag.job);
  return fmt::format("{}: {} of {} bytes at {:#x}{} failed at {} ps: {} ({})", initiator,
                     payload.is_write() ? "write" : "read", payload.get_data_length(), payload.get_address(),
                     owner, now_ps(), payload.get_response_string(),
                     meaning_of(payload.get_response_status()));
}

}  // namespace vesper::core
