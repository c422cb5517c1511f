/// The network: switches, links, virtual channels, buffers and credits, in cycles of the NoC clock.
///
/// Models      packets that take links flit after flit, one flit a cycle, in grants of up to `grant_flits`
///             flits of one packet; input-buffered switches with a FIFO per virtual channel, credits for
///             every buffer, one flit a cycle read from each input port; separable input-first switch
///             allocation, at both stages the most urgent class first and the least recently granted
///             requester within it; an output virtual channel belongs to one packet from its header to its
///             tail; virtual cut-through (a header leaves as soon as its output is granted). Sources queue
///             without bound; each sends one packet of a stream (reads, writes) and class at a time. Ejected
///             flits return their credit at once, or when the receiver releases them (`hold`).
/// Timing      header latency = injection_cycles + switches x hop_cycles, the tail n - 1 cycles later, plus
///             waiting. A switch allocates at most once a cycle and port; losers try again. Waiting, sharing
///             and blocking follow from the allocation; nothing is fitted.
/// Free paths  a packet whose whole path is free when it starts reserves it in one pass (express.cpp), with
///             the packets behind it in its queue that take the same path and channel: one event a packet for
///             all its hops. When another packet asks for one of the links, they are put where the switches
///             would have brought them and go on hop by hop, so that timing is that of the switches but for
///             the memory of earlier grants, which such packets do not update. Needs buffers of hop_cycles +
///             credit_cycles + 2 x grant_flits - 2 flits (injection_cycles, if more); otherwise all packets
///             go hop by hop. Granularity a grant is not interrupted: packets that share a link alternate
///             every `grant_flits` flits, so that a competitor waits up to grant_flits - 1 cycles more, and
///             its rival as much less, than where every flit is arbitrated. Bandwidth and saturation hardly
///             change; mean latency under load comes out too low. Against BookSim 2 (4x4 mesh, uniform,
///             16-flit packets; tests/conformance/noc), at 0.05, 0.2, 0.4 and 0.5 flits per endpoint and
///             cycle (saturation near 0.75): grants of 1 flit -0.8, +1.9, +0.8 and -1.1 %; of 3 flits -0.6,
///             +2.9, +1.2 and -3.2 %; of 4 flits -1.2, -0.1, -4.5 and -9.4 %; of whole packets -2.6, -6.3,
///             -15 and -21 %.
/// Cost        one event a packet on a free path; else one switch event per `grant_flits` flits and hop;
///             none in idle cycles; no allocation per packet.
/// Faults      a switch can be silenced: it passes nothing on, and buffers fill up behind it (stuck.cpp).
/// Leaves out  adaptive routing; link errors; ageing (a saturating urgent class starves the others).
/// Sources     AMD PG313 (NPS: 8 virtual channels a port, a FIFO each, credits, least recently used
///             arbitration); Dally and Towles, Principles and Practices of Interconnection Networks, chapters
///             12 to 19.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "models/noc/accounting.h"
#include "models/noc/timing_wheel.h"
#include "models/noc/topology.h"

namespace vesper::noc {

inline constexpr unsigned kMaxVirtualChannels = 8;  // AMD PG313, NoC Packet Switch: 8 a port and direction
inline constexpr unsigned kStreams = 2;             // queues of one urgency at a source: reads and writes
inline constexpr unsigned kMaxPorts = 16;           // links into or out of one switch

/// A set of virtual channels, bit i for channel i.
using VcSet = uint8_t;
constexpr VcSet bit_of(unsigned channel) { return static_cast<VcSet>(1U << channel); }

struct FabricParameters {
  unsigned virtual_channels = 8;
  unsigned buffer_flits = 16;     ///< FIFO of one virtual channel at a switch input
  unsigned hop_cycles = 3;        ///< arrival at a switch input -> arrival at the next, unhindered
  unsigned injection_cycles = 2;  ///< packet handed to its source -> header at the first switch input
  unsigned credit_cycles = 2;     ///< flit leaves a buffer -> its credit can be used upstream
  unsigned grant_flits = 1;       ///< flits of a packet that a switch passes before it arbitrates again
  /// Channels of each urgency, most urgent first; one set of all for a network without classes.
  std::vector<VcSet> priorities{0xff};
};

struct Packet {
  EndpointId source = 0;
  EndpointId destination = 0;
  uint16_t flits = 1;
  uint16_t task = 0;
  VcSet channels = 0xff;  ///< virtual channels it may use; one only keeps the order of its flow
  uint8_t stream = 0;     ///< queue at the source; streams of one urgency take turns
  bool quiet = false;     ///< nobody hurries to learn of its delivery (Fabric::next_pressing_event)
  uint32_t cookie = 0;    ///< the owner's
  // Of the network:
  uint32_t waited = 0;  ///< cycles that its last flit waited for links and buffers
  uint32_t serial = 0;
  uint64_t due = 0;  ///< when its last flit leaves by the next link if it does not wait
};

/// Told of packets when their last link is granted, so that `tail` lies in the future. Of one endpoint in
/// order.
class DeliveryListener {
 public:
  virtual ~DeliveryListener() = default;
  virtual void delivered(const Packet& packet, uint8_t channel, uint64_t tail_cycle) = 0;
  /// A link carries flits from `cycle` on; told only after `report_links`.
  virtual void link_used(LinkId /*link*/, uint64_t /*cycle*/, unsigned /*flits*/) {}
};

class Fabric {
 public:
  Fabric(const Topology& topology, const FabricParameters& parameters, DeliveryListener& listener);

  /// Hands a packet to its source at `cycle`, which must not be before the last one run.
  void inject(const Packet& packet, uint64_t cycle);
  /// The receiver buffers `flits` flits a channel and keeps ejected ones until it releases them. It has to
  /// hold a whole packet if it releases whole packets.
  void hold(EndpointId endpoint, unsigned flits);
  void release(EndpointId endpoint, uint8_t channel, unsigned flits, uint64_t cycle);

  /// From the next cycle on the switch passes nothing on.
  void silence(SwitchId at);
  /// Where a packet stands, its first flit that has not been ejected, and what keeps it there in the end.
  struct Place {
    SwitchId at = kNone;         ///< kNone: at its source
    SwitchId held_at = kNone;    ///< the last switch of the chain of full buffers that it waits behind
    EndpointId held_by = kNone;  ///< the endpoint whose buffers are at the end of that chain
  };
  /// Nothing for a packet that is moving or has arrived.
  [[nodiscard]] std::optional<Place> find(EndpointId source, uint32_t cookie);

  /// Handles all events up to and including `cycle`.
  void run_until(uint64_t cycle);
  [[nodiscard]] uint64_t now() const { return now_; }
  /// The next cycle at which something happens, or TimingWheel::kNever.
  [[nodiscard]] uint64_t next_event() const { return std::min(pressing_.next(), quiet_.next()); }
  /// The same, arrivals of quiet packets on free paths left out.
  [[nodiscard]] uint64_t next_pressing_event() const { return pressing_.next(); }
  /// Packets handed over and not yet granted their last link.
  [[nodiscard]] uint64_t in_flight() const { return in_flight_; }
  [[nodiscard]] size_t queued_at(EndpointId endpoint) const;

  [[nodiscard]] const Topology& topology() const { return topology_; }
  [[nodiscard]] const FabricParameters& parameters() const { return parameters_; }
  Accounting& accounting() { return accounting_; }
  [[nodiscard]] const Accounting& accounting() const { return accounting_; }
  void report_links() { report_links_ = true; }

 private:
  using PacketIndex = uint32_t;
  static constexpr PacketIndex kNoPacket = std::numeric_limits<PacketIndex>::max();
  static constexpr unsigned kMaxExpress = 64;        // at a time; bits of a word
  static constexpr unsigned kMaxExpressLinks = 24;   // longer paths go hop by hop
  static constexpr unsigned kMaxExpressFlits = 128;  // one packet, or several of together so many

  /// A link with its sending side (allocation and credits) and its receiving side (buffers).
  struct alignas(64) Port {
    // what every look at the link needs, in one cache line
    uint64_t busy_until = 0;
    uint64_t read_until = 0;
    uint64_t allocation_cycle = 0;
    uint64_t reserved_by = 0;     ///< express packets under way that take this link, bit i for express_[i]
    uint64_t reserved_until = 0;  ///< end of the last such reservation
    uint16_t inside = 0;  ///< other packets from their header on the link to their tail out of its buffer
    SwitchId from = kNone;
    SwitchId to = kNone;
    uint8_t input = 0;   ///< index among the inputs of `to`
    uint8_t output = 0;  ///< index among the outputs of `from`
    bool held = false;
    bool silent = false;  ///< `from` passes nothing on
    uint8_t last_channel = 0;
    VcSet allocated = 0;      ///< output channels that belong to a packet
    VcSet allocated_now = 0;  ///< in cycle `allocation_cycle`
    VcSet starved = 0;        ///< channels that somebody waits for without a credit on its way
    VcSet filled = 0;         ///< channels whose foremost packet has flits here
    VcSet unrouted = 0;       ///< channels whose foremost packet has no output channel yet
    uint16_t first_pending = 0, pending = 0;  ///< ring of credits on their way
    std::array<uint16_t, kMaxVirtualChannels> credits{};
    // the foremost packet of each channel, and the flits and packets behind it
    std::array<PacketIndex, kMaxVirtualChannels> packet{};
    std::array<uint16_t, kMaxVirtualChannels> buffered{};
    std::array<uint16_t, kMaxVirtualChannels> left{};  ///< flits it still has to send
    std::array<LinkId, kMaxVirtualChannels> output_link{};
    std::array<uint8_t, kMaxVirtualChannels> output_channel{};
    std::array<uint8_t, kMaxVirtualChannels> first{}, queued{};  ///< ring of packets
    std::array<uint64_t, kMaxVirtualChannels> granted{};         ///< last grant of each channel
  };

  struct Switch {
    std::vector<LinkId> inputs, outputs;
    unsigned filled = 0;  ///< inputs with flits
    bool silent = false;
    unsigned reservations = 0;                             ///< of its outputs, by express packets
    unsigned first_input = 0;                              ///< first to be given output channels
    std::vector<std::array<uint64_t, kMaxPorts>> granted;  ///< last grant, by output and input
  };

  /// A source: queues of packets by urgency and stream; the front packet of each is being sent.
  struct Source {
    struct Queue {
      PacketIndex front = kNoPacket, back = kNoPacket;  ///< linked by next_packet_
      uint32_t size = 0;
      uint16_t left = 0;  ///< flits of the front packet still to send, 0 before its header
      int channel = -1;
      uint64_t served = 0;  ///< when it was last
    };
    std::vector<Queue> queues;
    uint32_t filled = 0;  ///< bit i: queues[i] holds packets
    uint8_t express = 0;  ///< the last one it started
  };

  struct Arrival {
    LinkId link;
    uint8_t channel;
    bool head;
    uint16_t flits;
    PacketIndex packet;
  };
  /// A credit on its way. Looked at when the sender runs short: no event while credits are plenty.
  struct PendingCredit {
    uint64_t at;
    uint8_t channel;
    uint16_t flits;
  };
  /// What is granted a link at a time.
  struct Flits {
    PacketIndex packet;
    unsigned channel;  ///< of that link
    unsigned flits;
    bool head, tail;
  };
  /// Packets on a free path, one behind the other: their flits follow each other from link to link and
  /// nothing else need be known. Those that have arrived are taken off.
  struct Express {
    bool valid = false;
    uint8_t length = 0;  ///< links
    uint8_t packets = 0;
    uint16_t flits = 0;  ///< of all its packets
    uint32_t serial = 0;
    PacketIndex packet = kNoPacket;  ///< the first; the others follow by next_packet_
    uint64_t start = 0;              ///< cycle of the first flit on the first link
    uint64_t reserved_from = 0;      ///< the same when it was reserved
    std::array<LinkId, kMaxExpressLinks> links{};
    std::array<uint8_t, kMaxExpressLinks> channels{};
  };
  struct ExpressGrant {
    uint8_t express, hop;
    uint32_t serial;
  };
  struct Slot {
    std::vector<Arrival> arrivals;
    std::vector<ExpressGrant> express_grants;  ///< to be told; empty without `report_links`
    std::vector<uint8_t> express_ends;
  };
  struct Requests {
    // Only entries of `outputs` and of their inputs are written and read.
    std::array<uint16_t, kMaxPorts> inputs;   ///< per output, the inputs that ask for it
    std::array<uint8_t, kMaxPorts> priority;  ///< per output, the priority of those
    std::array<uint8_t, kMaxPorts> channel;   ///< per input, the channel it chose
    uint16_t outputs = 0;
    bool retry = false;
  };

  void handle(uint64_t cycle);
  void wake(size_t bit, uint64_t cycle) {
    awake_[TimingWheel::slot(cycle) * awake_words_ + bit / 64] |= uint64_t{1} << (bit % 64);
    pressing_.mark(cycle);
  }
  void wake_switch(SwitchId id, uint64_t cycle) { wake(id, cycle); }
  void wake_source(EndpointId id, uint64_t cycle) { wake(switches_.size() + id, cycle); }
  void arrive(const Arrival& arrival, uint64_t* awake);
  void make_foremost(Port& in, unsigned channel, PacketIndex packet);
  PendingCredit& pending_credit(LinkId link, unsigned position) {
    return pending_credits_[link * pending_size_ + (position & (pending_size_ - 1))];
  }
  /// `link` is that of `port`; the credit can be used from cycle `at` on.
  void return_credit(Port& port, LinkId link, unsigned channel, unsigned flits, uint64_t now, uint64_t at) {
    if (port.pending == pending_size_) collect_credits(link, port, now);
    pending_credit(link, port.first_pending + port.pending) = {at, static_cast<uint8_t>(channel),
                                                               static_cast<uint16_t>(flits)};
    ++port.pending;
    if ((port.starved & bit_of(channel)) != 0) wake_starved(port, link, channel, at);
  }
  void wake_starved(Port& port, LinkId link, unsigned channel, uint64_t cycle) {
    port.starved &= static_cast<VcSet>(~bit_of(channel));
    wake_sender(link, cycle);
  }
  void collect_credits(LinkId link, Port& port, uint64_t cycle);
  bool has_credit(Port& port, LinkId link, unsigned channel, unsigned wanted, uint64_t cycle);
  void await_credit(LinkId link, unsigned channel);
  void wake_sender(LinkId link, uint64_t cycle);

  void allocate_switch(SwitchId id, uint64_t cycle);
  void pass_alone(Switch& at, LinkId link, uint64_t cycle);
  void request(const Switch& at, unsigned input, VcSet set, Requests& requests);
  [[nodiscard]] unsigned first_of(const Switch& at, unsigned input, VcSet set) const;
  [[nodiscard]] bool precedes(const Switch& at, unsigned input, unsigned a, unsigned b) const;
  VcSet candidates(Port& in, uint64_t cycle);
  bool is_candidate(Port& in, unsigned channel, uint64_t cycle);
  bool allocate_channel(Port& in, Port& out, unsigned channel, uint64_t cycle);
  bool grant(Switch& at, unsigned output, const Requests& requests, uint64_t cycle);
  void send(Port& in, LinkId in_link, unsigned channel, uint64_t cycle);
  void pass(Port& out, LinkId link, Flits sent, uint64_t cycle);
  void leave(Port& in, LinkId in_link, unsigned channel);
  void serve_source(EndpointId id, uint64_t cycle);
  Source::Queue* choose_queue(Source& source, LinkId link, unsigned& waiting, uint64_t cycle);
  void send_front(Source& source, Source::Queue& queue, LinkId link, unsigned most, uint64_t cycle);
  bool choose_channel(Source::Queue& queue, LinkId link, uint64_t cycle);

  // Packets that do not move (stuck.cpp).
  template <class Wanted>
  std::optional<std::pair<LinkId, unsigned>> find_foremost_buffer(Wanted wanted);
  void find_holder(Place& place, LinkId link, unsigned channel);
  bool find_owner(SwitchId at, LinkId output, VcSet channels, LinkId& link, unsigned& channel) const;
  bool has_room(LinkId link, unsigned channel);

  // Packets on free paths (express.cpp).
  void find_whether_express_is_possible();
  [[nodiscard]] uint64_t express_start(const Express& express, unsigned hop) const {
    return hop == 0
               ? express.start
               : express.start + parameters_.injection_cycles + uint64_t{hop - 1} * parameters_.hop_cycles;
  }
  bool start_express(Source& source, Source::Queue& queue, LinkId link, unsigned most, bool alone,
                     uint64_t cycle);
  void couple(Express& express, const Source::Queue& queue, uint64_t cycle);
  template <class Visit>
  void for_each_packet(const Express& express, Visit visit) const;
  void uncouple(Express& express, uint64_t cycle);
  void give_way(EndpointId source, const Source::Queue& queue, uint64_t cycle);
  [[nodiscard]] unsigned unsent(const Express& express, uint64_t cycle) const;
  bool find_free_path(Express& express, uint64_t cycle);
  bool is_free(LinkId link, unsigned channel, unsigned flits, uint64_t from, uint64_t cycle);
  void reserve(unsigned id);
  void expect_end(unsigned id);
  void end_express(unsigned id);
  void leave_path(unsigned id);
  void clear_reservation(LinkId link, unsigned id) {
    Port& port = links_[link];
    port.reserved_by &= ~(uint64_t{1} << id);
    if (port.from != kNone) --switches_[port.from].reservations;
  }
  void tell_express_grant(ExpressGrant grant, uint64_t cycle);
  void end_reservations(const Switch& at, uint64_t cycle);
  void revoke(LinkId contested, uint64_t cycle);
  void resume_hop_by_hop(unsigned id, LinkId contested, uint64_t cycle);
  void restore_packet(const Express& one, LinkId contested, uint64_t cycle);
  void note_wait(LinkId link, PacketIndex packet, uint64_t tail);
  [[nodiscard]] unsigned express_granted(const Express& express, unsigned hop, LinkId contested,
                                         uint64_t cycle) const;
  void restore_link(const Express& express, unsigned hop, LinkId contested, uint64_t cycle);
  void restore_credits(const Express& express, unsigned hop, unsigned granted, LinkId contested,
                       uint64_t cycle);
  unsigned restore_arrivals(const Express& express, unsigned hop, unsigned granted, uint64_t cycle);
  void restore_buffer(const Express& express, unsigned hop, unsigned arrived, unsigned forwarded,
                      uint64_t cycle);
  void restore_source(const Express& express, unsigned granted);
  void revoke_followers(const Express& express, uint64_t cycle);
  void finish(PacketIndex packet, unsigned channel, uint64_t tail);

  static constexpr unsigned kMaxInjectedRun = 64;  // flits in one event; keeps delays within the timing wheel

  [[nodiscard]] unsigned priority_of(unsigned channel) const { return priority_of_[channel]; }
  PacketIndex store(const Packet& packet, uint64_t cycle);
  Source::Queue& queue_of(const Packet& packet);
  static void pop(Source& source, Source::Queue& queue, PacketIndex next);
  void push_front(Source& source, Source::Queue& queue, PacketIndex first, PacketIndex last, unsigned count);
  PacketIndex& ring(LinkId link, unsigned channel, unsigned position);

  const Topology& topology_;
  FabricParameters parameters_;
  DeliveryListener& listener_;
  Accounting accounting_;
  std::array<uint8_t, kMaxVirtualChannels> priority_of_{};
  std::vector<Port> links_;
  std::vector<Switch> switches_;
  std::vector<Source> sources_;
  std::vector<PacketIndex> rings_;
  unsigned ring_size_ = 0;
  std::vector<PendingCredit> pending_credits_;
  unsigned pending_size_ = 0;
  std::vector<Packet> packets_;
  std::vector<PacketIndex> next_packet_;  ///< of a source queue, or of the free list
  PacketIndex free_packet_ = kNoPacket;
  TimingWheel quiet_;     ///< arrivals of quiet packets on free paths
  TimingWheel pressing_;  ///< all other events
  std::vector<Slot> slots_;
  /// By slot: a bit per switch that has to allocate, then a bit per source.
  std::vector<uint64_t> awake_;
  size_t awake_words_ = 0;
  uint64_t now_ = 0;
  uint32_t serial_ = 0;
  uint64_t in_flight_ = 0;
  bool report_links_ = false;

  std::array<Express, kMaxExpress> express_{};
  uint64_t idle_express_ = ~uint64_t{0};
  bool express_possible_ = false;
  std::vector<LinkId> routes_;  ///< by switch and destination
};

}  // namespace vesper::noc
