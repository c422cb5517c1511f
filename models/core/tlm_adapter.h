/// Third-party TLM-2.0 modules as IPs, without an edit: a class with one base-protocol socket, loosely or
/// approximately timed, becomes an IP type by one line in a plug-in.
///
///     VESPER_TLM_TARGET(their::Memory, socket, "their_memory", "a memory");           // endpoint `socket`
///     VESPER_TLM_INITIATOR(their::Core, bus, "their_core", "a core");                 // endpoint `socket`
///
/// The class is constructed from its name alone; one that needs more is derived from. Sockets of any bus
/// width do.
///
/// Target      requests come to it as they are, less `first_address`. What it annotates to phases as delay
///             passes before Vesper's side sees the phase; END_RESP goes back to one that waits for it.
/// Initiator   b_transport takes the time the platform takes; one call at a time goes into the platform as
///             bursts of at most 4 KiB that do not cross 4 KiB, each a pooled payload, one request at a time
///             and all in flight together; so that loosely-timed traffic meets arbitration like any other.
///             Calls of nb_transport_fw are handled alike: END_REQ when the last burst has been accepted,
///             BEGIN_RESP when all have been answered, by the worst response. Its traffic is told apart as
///             "other". Delay annotated to a request passes first.
/// Leaves out  DMI (refused; a target's is not asked for), byte enables across a cut, protocols of one's own.
#pragma once

#include <tlm_utils/peq_with_cb_and_phase.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tlm>
#include <vector>

#include "models/core/ip.h"
#include "models/core/payload_pool.h"

namespace vesper::core {

/// Hands a target's delays on as time. Width and class of the target do not matter here.
class TlmTargetBridge : public Ip, private tlm::tlm_fw_transport_if<>, private tlm::tlm_bw_transport_if<> {
 public:
  struct Properties {
    Address first_address{0};
    static void describe(Schema<Properties>& p);
  };

  [[nodiscard]] std::string waiting_for() const override;

 protected:
  TlmTargetBridge(sc_core::sc_module_name name, const Properties& properties, const std::string& endpoint);
  tlm::tlm_bw_transport_if<>& backward() { return *this; }
  void set_target(tlm::tlm_fw_transport_if<>& target) { target_ = &target; }

 private:
  using Payload = tlm::tlm_generic_payload;

  void b_transport(Payload& payload, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(Payload&, tlm::tlm_dmi&) override { return false; }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
  unsigned int transport_dbg(Payload& payload) override;
  void deliver(Payload& payload, const tlm::tlm_phase& phase);
  void restore(Payload& payload) const { payload.set_address(payload.get_address() + first_); }

  uint64_t first_;
  tlm::tlm_target_socket<32> from_platform_{"from_platform"};
  tlm::tlm_fw_transport_if<>* target_ = nullptr;
  tlm_utils::peq_with_cb_and_phase<TlmTargetBridge> later_;
  std::map<Payload*, bool> under_way_;  ///< whether the target waits for END_RESP
};

/// Turns an initiator's calls into bursts of pooled payloads.
class TlmInitiatorBridge : public Ip, private tlm::tlm_fw_transport_if<>, private tlm::tlm_bw_transport_if<> {
 public:
  struct Properties {
    Address offset{0};
    static void describe(Schema<Properties>& p);
  };

  [[nodiscard]] std::string waiting_for() const override;

 protected:
  TlmInitiatorBridge(sc_core::sc_module_name name, const Properties& properties, const std::string& endpoint,
                     const Environment& environment);
  tlm::tlm_fw_transport_if<>& forward() { return *this; }
  void set_initiator(tlm::tlm_bw_transport_if<>& initiator) { initiator_ = &initiator; }

 private:
  using Payload = tlm::tlm_generic_payload;
  /// A payload of the initiator, on its way in bursts.
  struct Transaction {
    Payload* whole = nullptr;
    sc_core::sc_event* done = nullptr;  ///< of a blocking call
    uint32_t next = 0;                  ///< first byte that has not been sent
    uint32_t in_flight = 0;             ///< bursts
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
  };

  void b_transport(Payload& payload, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(Payload&, tlm::tlm_dmi&) override { return false; }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
  unsigned int transport_dbg(Payload& payload) override;

  void begin(Payload& payload, sc_core::sc_event* done);
  void on_later(Payload& payload, const tlm::tlm_phase& phase);
  void send_bursts();
  void send_next(Transaction& transaction);
  void answered(Payload& burst);
  void accepted(Payload& burst);
  void finish(Transaction& transaction);
  void respond();

  uint64_t offset_;
  tlm::tlm_initiator_socket<32> to_platform_{"to_platform"};
  tlm::tlm_bw_transport_if<>* initiator_ = nullptr;
  JobTag tag_;
  PayloadPool pool_;
  tlm_utils::peq_with_cb_and_phase<TlmInitiatorBridge> later_;
  std::deque<std::unique_ptr<Transaction>> transactions_;  ///< in order of their beginning
  std::map<Payload*, Transaction*> of_burst_;
  std::vector<Payload*> done_;       ///< bursts to give back
  std::deque<Payload*> to_respond_;  ///< the first has been sent BEGIN_RESP, if `responding_`
  bool responding_ = false;
  Payload* at_door_ = nullptr;  ///< a burst that waits for END_REQ
};

template <unsigned Width>
std::integral_constant<unsigned, Width> width_of(const tlm::tlm_base_target_socket_b<Width>&);
template <unsigned Width>
std::integral_constant<unsigned, Width> width_of(const tlm::tlm_base_initiator_socket_b<Width>&);

/// `Socket`: which member of Module is the target socket.
template <class Module, auto Socket>
class TlmTarget final : public TlmTargetBridge {
 public:
  TlmTarget(sc_core::sc_module_name name, const Properties& properties, const Environment&)
      : TlmTargetBridge(name, properties, "socket") {
    to_module_.bind(backward());
    to_module_.bind(module_.*Socket);
  }

 private:
  static constexpr unsigned kWidth = decltype(width_of(std::declval<Module&>().*Socket))::value;
  void end_of_elaboration() override { set_target(*to_module_.operator->()); }
  Module module_{"module"};
  tlm::tlm_initiator_socket<kWidth> to_module_{"to_module"};
};

/// `Socket`: which member of Module is the initiator socket.
template <class Module, auto Socket>
class TlmInitiator final : public TlmInitiatorBridge {
 public:
  TlmInitiator(sc_core::sc_module_name name, const Properties& properties, const Environment& environment)
      : TlmInitiatorBridge(name, properties, "socket", environment) {
    from_module_.bind(forward());
    (module_.*Socket).bind(from_module_);
  }

 private:
  static constexpr unsigned kWidth = decltype(width_of(std::declval<Module&>().*Socket))::value;
  void end_of_elaboration() override { set_initiator(*from_module_.operator->()); }
  Module module_{"module"};
  tlm::tlm_target_socket<kWidth> from_module_{"from_module"};
};

#define VESPER_TLM_JOINED(a, b) a##b
#define VESPER_TLM_NAMED(line) VESPER_TLM_JOINED(vesper_tlm_registration_, line)
#define VESPER_TLM_ADAPTED(Adapter, Module, socket, type, help)                                 \
  static const ::vesper::core::IpRegistration<::vesper::core::Adapter<Module, &Module::socket>> \
  VESPER_TLM_NAMED(__LINE__) {                                                                  \
    type, help                                                                                  \
  }
#define VESPER_TLM_TARGET(Module, socket, type, help) \
  VESPER_TLM_ADAPTED(TlmTarget, Module, socket, type, help)
#define VESPER_TLM_INITIATOR(Module, socket, type, help) \
  VESPER_TLM_ADAPTED(TlmInitiator, Module, socket, type, help)

}  // namespace vesper::core
