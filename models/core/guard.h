/// Stands between two sockets of which one is not Vesper's own, and checks what passes.
///
/// Models      nothing: every call goes on unchanged, in the same instant.
/// Checks      the base protocol of TLM-2.0 (IEEE 1666-2011, 15.2): phases in their order, one request at a
///             time before END_REQ, a response status in every answer, an answer only to what was asked, no
///             exception out of a call. The first violation ends the simulation with a message that names the
///             end at fault, the payload and the time.
/// Watchdog    waiting_for() tells what was asked and has not been answered, since when.
/// Cost        a virtual call a direction and a search among the outstanding payloads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tlm>
#include <vector>

#include "models/core/ip.h"

namespace vesper::core {

/// One end of a guarded connection, in words: "lamp.out of plug-in libfoo.so".
struct GuardedEnd {
  std::string name;
  std::string origin;  ///< " of plug-in libfoo.so", or empty
};

class Guard final : public sc_core::sc_module,
                    private tlm::tlm_fw_transport_if<>,
                    private tlm::tlm_bw_transport_if<> {
 public:
  Guard(sc_core::sc_module_name name, GuardedEnd initiator, GuardedEnd target);

  tlm::tlm_target_socket<32> from_initiator{"from_initiator"};
  tlm::tlm_initiator_socket<32> to_target{"to_target"};

  /// What was asked longest ago, if that was `age` picoseconds ago or more; else empty.
  [[nodiscard]] std::string waiting_for(uint64_t age = 0) const;

 private:
  using Payload = tlm::tlm_generic_payload;
  enum class State : uint8_t { requested, accepted, answered, blocking };
  struct Outstanding {
    const Payload* payload;
    State state;
    uint64_t since;
    bool write;
    uint32_t bytes;
    uint64_t address;
  };

  void b_transport(Payload& payload, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;
  unsigned int transport_dbg(Payload& payload) override;

  Outstanding* find(const Payload& payload);
  void remember(const Payload& payload, State state);
  void forget(const Payload& payload);
  /// The request may be made now.
  bool check_request(const Payload& payload);
  /// The target's part of the exchange, by call or by return.
  void advance(const Payload& payload, const tlm::tlm_phase& phase);
  void check_answer(const Payload& payload);
  void blame(const GuardedEnd& end, const std::string& what, const Payload& payload);
  template <class Call>
  bool shield(const GuardedEnd& end, Payload& payload, Call&& call);

  GuardedEnd initiator_, target_;
  std::vector<Outstanding> outstanding_;
};

/// An interrupt line into an IP that is not Vesper's own: an exception of its callback ends the simulation,
/// named.
class GuardedLine {
 public:
  GuardedLine(InterruptIn& in, GuardedEnd end);
  GuardedLine(const GuardedLine&) = delete;
  GuardedLine& operator=(const GuardedLine&) = delete;
  InterruptIn relay;
};

/// "at 12500000 ps".
std::string at_present();

/// The words of an exception, whatever it is; to be called while it is handled.
std::string words_of_exception();

/// Joins two endpoints like connect(), with a Guard or GuardedLine between them, which `keep` holds from then
/// on.
struct Guards {
  std::vector<std::unique_ptr<Guard>> sockets;
  std::vector<std::unique_ptr<GuardedLine>> lines;
  void connect(const Endpoint& a, const GuardedEnd& a_end, const Endpoint& b, const GuardedEnd& b_end);
  /// A guard in front of a target that a bus reaches by `initiator`; its socket takes the target's place.
  TargetSocket& before(TargetSocket& target, const GuardedEnd& initiator, const GuardedEnd& end);
};

}  // namespace vesper::core
