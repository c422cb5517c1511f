/// A traffic shaper: stands between two IPs and lets no more than a rate pass.
///
/// Models      a bucket of `burst` bytes that fills at `rate`; a request that finds too little in it waits,
/// and those
///             behind it with it. Answers pass at once.
/// Protocol    approximately timed: BEGIN_REQ that waits is not answered, so that the initiator holds its
/// next request
///             back; everything else goes through unchanged. b_transport is delayed, transport_dbg passes.
/// Timing      exact to a picosecond, rounded up.
/// Leaves out  queueing: one request waits here, the others where they are made.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/core/ip.h"

namespace shaper {

class Shaper : public vesper::core::Ip {
 public:
  struct Properties {
    vesper::Bandwidth rate{1'000'000'000};
    vesper::Bytes burst = vesper::KiB(4);
    static void describe(vesper::Schema<Properties>& p);
  };

  Shaper(sc_core::sc_module_name name, const Properties& properties,
         const vesper::core::Environment& environment);

  tlm_utils::simple_target_socket<Shaper> in{"in"};
  tlm_utils::simple_initiator_socket<Shaper> out{"out"};

  [[nodiscard]] std::string waiting_for() const override {
    return waiting_ == nullptr ? "" : "a request waits for its share of the rate";
  }

 private:
  using Payload = tlm::tlm_generic_payload;

  tlm::tlm_sync_enum forward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  tlm::tlm_sync_enum backward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void blocking(Payload& payload, sc_core::sc_time& delay);
  uint64_t take(uint32_t bytes);
  void let_pass();

  Properties properties_;
  uint64_t full_at_ = 0;  // when the bucket is full again, picoseconds
  Payload* waiting_ = nullptr;
  vesper::observe::Signal held_;
  sc_core::sc_event pass_{"pass"};
};

}  // namespace shaper
