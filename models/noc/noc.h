/// The programmable network-on-chip as an IP: NMUs, NSUs, switches and links behind TLM-2.0 sockets.
///
/// Models      endpoints `pl.N`, `aie.N`, `cpu.N` (NMUs: target sockets) and `ddr.N` (NSUs: initiator
///             sockets; controller N/4, port N%4), made when asked for; the network of fabric.h between them;
///             requests and responses, and the three QoS classes, on virtual channels of their own; a static
///             channel per flow, so that packets of one source, destination, class and kind keep their order.
/// Protocol    nb_transport both ways: a payload of up to 4 KiB is chopped at 256 B; every packet reaches the
///             target as a payload of its own at its own time, and answers come back packet by packet.
///             END_REQ is withheld on both sides by the limits of NMU and NSU. b_transport takes the
///             structural latency and bypasses arbitration (control traffic); transport_dbg passes through.
/// Timing      structural round trip = 4 x interface_cycles + 2 x hop_cycles x switches; the default places
///             of pl.N are 4 to 6 switches from ddr.0-3's controller: 32, 36 or 40 cycles, as AMD's compiler
///             reports. The true positions of the VC1902's 28 NMUs are not published; `placement` sets
///             others.
/// Cost        one process and one event; woken for requests that meet a target and for a payload's last
///             answer, and while packets go hop by hop every hop_cycles + interface_cycles cycles at least;
///             never while the network is empty. What concerns the network alone is done when something next
///             looks at it.
/// Faults      `faults` silences switches and NSUs from a time on; see nmu.h for what finds them.
/// Report      summary.json, `memory.noc`: `links`; `latency`, by requester the packets and the sums of the
///             parts of their time (timeline.h), whose `links_s` is the waiting of all links, charged to
///             those waited for (`interference`) but for what accounting.h calls blocked; `timeouts`, if any.
/// Leaves out  NSUs of PL and PS, INI bridges, the top horizontal NoC, link errors, DMI.
/// Sources     AMD PG313, PG406; see properties.h.
#pragma once

#include <array>
#include <bit>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "models/core/payload_pool.h"
#include "models/noc/calendar.h"
#include "models/noc/fabric.h"
#include "models/noc/nmu.h"
#include "models/noc/nsu.h"
#include "models/noc/properties.h"

namespace vesper::noc {

/// What a link carried and who waited for it, by JobTag::task.
struct LinkUse {
  std::string name;
  std::vector<uint64_t> bytes;   ///< flits x 16 B, headers included
  std::vector<uint64_t> waited;  ///< cycles waited, by the task that waited
};

class Noc final : public core::Ip, private DeliveryListener {
 public:
  using Properties = NocProperties;
  Noc(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment);
  ~Noc() override;

  core::Endpoint endpoint(std::string_view name) override;
  [[nodiscard]] std::vector<std::string> endpoint_names() const override;
  void report(core::RunReport& report) const override;
  [[nodiscard]] std::string waiting_for() const override;

  /// Round trip between an NMU and an NSU without waiting or data, in NoC cycles.
  [[nodiscard]] uint64_t structural_round_trip(const std::string& nmu, const std::string& nsu) const;
  /// Bytes, busy cycles and waiting by link; exact sums. Counted where the environment names requesters.
  [[nodiscard]] const Accounting& accounting() const { return fabric_->accounting(); }
  [[nodiscard]] std::vector<LinkUse> link_uses() const;
  /// Where the time of the packets that have come back went, by JobTag::task.
  [[nodiscard]] const LatencyTotals& latencies() const { return latencies_; }
  [[nodiscard]] std::string link_name(LinkId link) const;
  [[nodiscard]] std::string link_group(LinkId link) const;
  [[nodiscard]] const Topology& topology() const { return *topology_; }
  [[nodiscard]] size_t payloads_in_use() const { return pool_.in_use(); }

 private:
  [[nodiscard]] nlohmann::ordered_json link_report(LinkId link, uint64_t end_cycle) const;

  // Faults and timeouts (timeouts.cpp).
  struct Silence {
    uint64_t from_ps = 0;
    SwitchId at = kNone;
    Nsu* nsu = nullptr;  ///< or else `at`
  };
  void plan_faults();
  [[nodiscard]] Silence silence_of(const Fault& fault) const;
  void await_fault();
  void strike();  // SC_METHOD on fault_
  void tell_timeout(const std::string& text);
  [[nodiscard]] std::string whereabouts(const Chunk& chunk, uint32_t index) const;

  friend class Nmu;
  friend class Nsu;
  struct Due {
    Unit* unit;
    uint32_t chunk;  ///< or Unit::kWakeUp
  };
  template <class T>
  using EarliestFirst = std::priority_queue<T, std::vector<T>, std::greater<>>;

  void end_of_elaboration() override;
  Unit& unit(const std::string& name);
  std::unique_ptr<Unit> make_unit(const std::string& name);
  [[nodiscard]] SwitchId location(const Unit& unit) const;
  [[nodiscard]] SwitchId default_location(const std::string& kind, unsigned number) const;
  void declare_signals();

  // For units.
  [[nodiscard]] const Properties& properties() const { return properties_; }
  /// The cycle of what is being handled.
  [[nodiscard]] uint64_t cycle() const { return cycle_; }
  [[nodiscard]] uint64_t now_ps() const { return clock_.edge(cycle_); }
  /// Brings network and units up to the current cycle, before anything is handed to them.
  void catch_up() { advance(clock_.cycle_at_or_after(core::now_ps())); }
  /// The NSU that a payload's addresses lead to, or null.
  [[nodiscard]] Nsu* decode(const Nmu& nmu, const tlm::tlm_generic_payload& payload) const;
  uint32_t new_chunk(const Chunk& chunk, const tlm::tlm_generic_payload& whole, uint32_t offset);
  Chunk& chunk(uint32_t index) { return chunks_[index]; }
  void free_chunk(uint32_t index);
  void send(uint32_t chunk, bool response);
  [[nodiscard]] static VcSet channels_of(const Nmu& nmu, const Nsu& nsu, core::QosClass qos);
  [[nodiscard]] uint16_t requester_of(const core::JobTag& tag) const {
    return static_cast<uint16_t>(std::min<size_t>(tag.task, requesters_ - 1));
  }
  void release_buffer(const Chunk& chunk);
  void drop(uint32_t chunk);
  /// Unit::handle in `cycle`, which may be done later; Unit::meet at its time.
  void wake_to_handle(Unit& unit, uint64_t cycle) { to_handle_.enter(cycle, {&unit, Unit::kWakeUp}); }
  void wake_to_meet(Unit& unit, uint64_t cycle) { to_meet_.enter(cycle, {&unit, Unit::kWakeUp}); }
  [[nodiscard]] size_t packets_queued_at(const Unit& unit) const { return fabric_->queued_at(unit.id()); }
  [[nodiscard]] sc_core::sc_time structural_latency(const Nmu& nmu, const Nsu& nsu) const;
  void schedule();
  void advance(uint64_t cycle);

  void delivered(const Packet& packet, uint8_t channel, uint64_t tail_cycle) override;
  void link_used(LinkId link, uint64_t cycle, unsigned flits) override;
  void work();  // SC_METHOD on wake_
  void lower_links(uint64_t cycle);

  Properties properties_;
  core::ClockDomain clock_;
  observe::ObserverHub* observers_;
  size_t requesters_;
  std::vector<std::string> requester_names_;
  LatencyTotals latencies_;
  core::PayloadPool pool_;
  std::vector<std::unique_ptr<Unit>> units_;  ///< index: endpoint id
  struct Target {
    uint64_t first, last;
    std::vector<Nsu*> ports;
  };
  std::vector<Target> address_map_;
  std::unique_ptr<Topology> topology_;
  std::unique_ptr<Fabric> fabric_;
  std::vector<Chunk> chunks_;
  std::vector<uint32_t> free_chunks_;
  Calendar<Due> to_handle_;
  Calendar<Due> to_meet_;
  uint64_t cycle_ = 0;
  uint64_t exit_cycles_ = 0;     ///< from the grant of a packet's last link to its delivery, at least
  uint64_t transit_cycles_ = 0;  ///< from handing over a packet to its delivery, at least
  bool traced_ = false;          ///< links are told at their time, so that the network may not be behind it
  std::vector<observe::Signal> link_busy_;
  std::vector<uint64_t> link_busy_until_;
  EarliestFirst<std::pair<uint64_t, LinkId>> falls_;
  uint64_t wake_at_ = TimingWheel::kNever;
  uint64_t timeout_cycles_ = 0;
  std::vector<Silence> silences_;  ///< to come, the next one last
  sc_core::sc_event fault_{"fault"};
  uint64_t timeouts_ = 0;
  std::array<unsigned char, kChopBytes> unread_{};  ///< takes read data that come too late
  std::vector<std::string> first_timeouts_;
  sc_core::sc_event wake_{"wake"};
};

}  // namespace vesper::noc
