#include "models/noc/fabric.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace vesper::noc {
namespace {

bool single(unsigned set) { return (set & (set - 1)) == 0; }

void require(bool condition, const char* message) {
  if (!condition) throw std::invalid_argument(message);
}

void check(const FabricParameters& p) {
  require(p.virtual_channels >= 1 && p.virtual_channels <= kMaxVirtualChannels, "1 to 8 virtual channels");
  require(p.buffer_flits >= 1 && p.buffer_flits <= 128, "a buffer holds 1 to 128 flits");
  require(p.grant_flits >= 1 && p.grant_flits <= 64, "a grant is 1 to 64 flits");
  require(p.hop_cycles >= 1 && p.hop_cycles <= 64, "a hop takes 1 to 64 cycles");
  require(p.injection_cycles >= 1 && p.injection_cycles <= 64, "injection takes 1 to 64 cycles");
  require(p.credit_cycles >= 1 && p.credit_cycles <= 64, "a credit takes 1 to 64 cycles");
}

/// The least recently granted of a non-empty set.
template <class Set, class Times>
unsigned least_recent(Set set, const Times& granted) {
  auto best = static_cast<unsigned>(std::countr_zero(set));
  for (set = static_cast<Set>(set & (set - 1)); set != 0; set = static_cast<Set>(set & (set - 1))) {
    auto next = static_cast<unsigned>(std::countr_zero(set));
    if (granted[next] < granted[best]) best = next;
  }
  return best;
}

}  // namespace

Fabric::Fabric(const Topology& topology, const FabricParameters& parameters, DeliveryListener& listener)
    : topology_(topology),
      parameters_(parameters),
      listener_(listener),
      links_(topology.links().size()),
      switches_(topology.switches()),
      sources_(topology.endpoints()),
      ring_size_(std::bit_ceil(parameters.buffer_flits + 1)),
      slots_(TimingWheel::kSlots) {
  check(parameters_);
  for (unsigned priority = 0; priority < parameters_.priorities.size(); ++priority) {
    for (unsigned vc = 0; vc < kMaxVirtualChannels; ++vc) {
      if ((parameters_.priorities[priority] & bit_of(vc)) != 0)
        priority_of_[vc] = static_cast<uint8_t>(priority);
    }
  }
  // A link gets at most one credit a cycle back, one a channel from a receiver that releases them, so that
  // never more than this many are on their way.
  pending_size_ = std::bit_ceil(std::max(parameters_.hop_cycles + parameters_.credit_cycles + 2,
                                         kMaxVirtualChannels * (parameters_.credit_cycles + 1)));
  pending_credits_.resize(links_.size() * pending_size_);
  rings_.resize(links_.size() * kMaxVirtualChannels * ring_size_);
  for (LinkId id = 0; id < topology.link_count(); ++id) {
    const Link& link = topology.links()[id];
    Port& port = links_[id];
    port.from = link.from;
    port.to = link.to;
    port.credits.fill(static_cast<uint16_t>(parameters_.buffer_flits));
    if (link.to != kNone) {
      port.input = static_cast<uint8_t>(switches_[link.to].inputs.size());
      switches_[link.to].inputs.push_back(id);
    }
    if (link.from != kNone) {
      port.output = static_cast<uint8_t>(switches_[link.from].outputs.size());
      switches_[link.from].outputs.push_back(id);
      switches_[link.from].granted.emplace_back();
    }
  }
  for (const Switch& at : switches_) {
    require(at.inputs.size() <= kMaxPorts && at.outputs.size() <= kMaxPorts, "a switch has at most 16 ports");
  }
  for (Source& source : sources_) source.queues.resize(parameters_.priorities.size() * kStreams);
  find_whether_express_is_possible();
  for (SwitchId at = 0; at < topology.switches(); ++at) {
    for (EndpointId to = 0; to < topology.endpoints(); ++to) routes_.push_back(topology.route(at, to));
  }
  awake_words_ = (switches_.size() + sources_.size() + 63) / 64;
  awake_.resize(TimingWheel::kSlots * awake_words_);
}

size_t Fabric::queued_at(EndpointId endpoint) const {
  size_t count = 0;
  for (const Source::Queue& queue : sources_[endpoint].queues) count += queue.size;
  const Express& express = express_[sources_[endpoint].express];
  return count + (express.links[0] == topology_.injection(endpoint) ? unsent(express, now_) : 0);
}

Fabric::PacketIndex Fabric::store(const Packet& packet, uint64_t cycle) {
  if (free_packet_ == kNoPacket) {
    packets_.emplace_back();
    next_packet_.push_back(kNoPacket);
    free_packet_ = static_cast<PacketIndex>(packets_.size() - 1);
  }
  PacketIndex index = free_packet_;
  free_packet_ = std::exchange(next_packet_[index], kNoPacket);
  Packet& stored = packets_[index] = packet;
  stored.channels &= static_cast<VcSet>((1U << parameters_.virtual_channels) - 1);
  stored.waited = 0;
  stored.serial = ++serial_;
  stored.due = cycle + stored.flits - 1;
  return index;
}

void Fabric::inject(const Packet& packet, uint64_t cycle) {
  if (cycle > now_) run_until(cycle - 1);  // events of the last cycle run may have been added
  PacketIndex index = store(packet, cycle);
  Source::Queue& queue = queue_of(packet);
  give_way(packet.source, queue, cycle);
  (queue.size++ == 0 ? queue.front : next_packet_[queue.back]) = index;
  queue.back = index;
  Source& source = sources_[packet.source];
  source.filled |= 1U << (&queue - source.queues.data());
  ++in_flight_;
  wake_source(packet.source, std::max(cycle, links_[topology_.injection(packet.source)].busy_until));
}

Fabric::Source::Queue& Fabric::queue_of(const Packet& packet) {
  unsigned priority = priority_of(static_cast<unsigned>(std::countr_zero(packet.channels)));
  return sources_[packet.source].queues[priority * kStreams + packet.stream];
}

void Fabric::pop(Source& source, Source::Queue& queue, PacketIndex next) {
  queue.front = next;
  queue.channel = -1;
  if (--queue.size == 0) source.filled &= ~(1U << (&queue - source.queues.data()));
}

void Fabric::push_front(Source& source, Source::Queue& queue, PacketIndex first, PacketIndex last,
                        unsigned count) {
  next_packet_[last] = queue.front;
  queue.front = first;
  if (queue.size == 0) queue.back = last;
  queue.size += count;
  source.filled |= 1U << (&queue - source.queues.data());
}

void Fabric::hold(EndpointId endpoint, unsigned flits) {
  Port& port = links_[topology_.ejection(endpoint)];
  port.held = true;
  port.credits.fill(static_cast<uint16_t>(flits));
}

void Fabric::release(EndpointId endpoint, uint8_t channel, unsigned flits, uint64_t cycle) {
  LinkId link = topology_.ejection(endpoint);
  const Port& port = links_[link];
  uint64_t at = cycle + parameters_.credit_cycles;
  for (unsigned i = port.pending; i-- != 0;) {
    PendingCredit& credit = pending_credit(link, port.first_pending + i);
    if (credit.at != at) break;
    if (credit.channel != channel) continue;
    credit.flits = static_cast<uint16_t>(credit.flits + flits);
    return;
  }
  return_credit(links_[link], link, channel, flits, cycle, at);
}

void Fabric::run_until(uint64_t cycle) {
  for (uint64_t next = next_event(); next <= cycle; next = next_event()) {
    now_ = next;
    handle(next);
  }
  now_ = cycle;
}

void Fabric::handle(uint64_t cycle) {
  Slot& slot = slots_[TimingWheel::slot(cycle)];
  uint64_t* awake = &awake_[TimingWheel::slot(cycle) * awake_words_];
  for (const Arrival& arrival : slot.arrivals) arrive(arrival, awake);
  slot.arrivals.clear();
  pressing_.clear(cycle);
  quiet_.clear(cycle);
  for (size_t word = 0; word < awake_words_; ++word) {
    for (uint64_t bits = std::exchange(awake[word], 0); bits != 0; bits &= bits - 1) {
      size_t bit = word * 64 + static_cast<size_t>(std::countr_zero(bits));
      if (bit < switches_.size()) {
        allocate_switch(static_cast<SwitchId>(bit), cycle);
      } else {
        serve_source(static_cast<EndpointId>(bit - switches_.size()), cycle);
      }
    }
  }
  for (ExpressGrant grant : slot.express_grants) tell_express_grant(grant, cycle);
  slot.express_grants.clear();
  for (uint8_t id : slot.express_ends) end_express(id);
  slot.express_ends.clear();
}

Fabric::PacketIndex& Fabric::ring(LinkId link, unsigned channel, unsigned position) {
  return rings_[(size_t{link} * kMaxVirtualChannels + channel) * ring_size_ + (position & (ring_size_ - 1))];
}

void Fabric::wake_sender(LinkId link, uint64_t cycle) {
  if (links_[link].from != kNone) {
    wake_switch(links_[link].from, cycle);
  } else {
    wake_source(topology_.links()[link].endpoint, cycle);
  }
}

void Fabric::collect_credits(LinkId link, Port& port, uint64_t cycle) {
  if (port.pending == 0) return;
  const PendingCredit* ring = &pending_credit(link, 0);
  unsigned first = port.first_pending, left = port.pending;
  do {
    const PendingCredit& credit = ring[first & (pending_size_ - 1)];
    if (credit.at > cycle) break;
    port.credits[credit.channel] = static_cast<uint16_t>(port.credits[credit.channel] + credit.flits);
    ++first;
  } while (--left != 0);
  port.first_pending = static_cast<uint16_t>(first);
  port.pending = static_cast<uint16_t>(left);
}

/// Whether a channel has credit, all that is due counted if there is less than `wanted`. If not, the sender
/// is woken when there is.
inline bool Fabric::has_credit(Port& port, LinkId link, unsigned channel, unsigned wanted, uint64_t cycle) {
  if (port.credits[channel] >= wanted) return true;
  collect_credits(link, port, cycle);
  if (port.credits[channel] != 0) return true;
  await_credit(link, channel);
  return false;
}

void Fabric::await_credit(LinkId link, unsigned channel) {
  Port& port = links_[link];
  for (unsigned i = 0; i < port.pending; ++i) {
    const PendingCredit& credit = pending_credit(link, port.first_pending + i);
    if (credit.channel == channel) return wake_sender(link, credit.at);
  }
  port.starved |= bit_of(channel);
}

/// `awake` is of the current cycle, in which the switch has not been served yet.
inline void Fabric::arrive(const Arrival& arrival, uint64_t* awake) {
  Port& in = links_[arrival.link];
  Switch& at = switches_[in.to];
  unsigned channel = arrival.channel;
  at.filled |= 1U << in.input;
  awake[in.to / 64] |= uint64_t{1} << (in.to % 64);
  in.buffered[channel] = static_cast<uint16_t>(in.buffered[channel] + arrival.flits);
  in.filled |= bit_of(channel);
  if (!arrival.head) return;
  ring(arrival.link, channel, in.first[channel] + in.queued[channel]) = arrival.packet;
  if (in.queued[channel]++ == 0) make_foremost(in, channel, arrival.packet);
}

void Fabric::make_foremost(Port& in, unsigned channel, PacketIndex packet) {
  in.packet[channel] = packet;
  in.left[channel] = packets_[packet].flits;
  in.unrouted |= bit_of(channel);
  in.output_link[channel] = routes_[in.to * sources_.size() + packets_[packet].destination];
}

/// Whether the foremost packet of a channel asks for its link in this cycle. If not, the switch is woken when
/// it may.
inline bool Fabric::is_candidate(Port& in, unsigned channel, uint64_t cycle) {
  LinkId link = in.output_link[channel];
  Port& out = links_[link];
  if ((in.unrouted & bit_of(channel)) != 0 && !allocate_channel(in, out, channel, cycle)) return false;
  if (out.busy_until > cycle) {
    wake_switch(in.to, out.busy_until);
    return false;
  }
  // Lost to another header: it asks for the link all the same, as it cannot know in time.
  if ((in.unrouted & bit_of(channel)) != 0) return true;
  return has_credit(out, link, in.output_channel[channel], parameters_.grant_flits, cycle);
}

inline VcSet Fabric::candidates(Port& in, uint64_t cycle) {
  VcSet set = 0;
  for (unsigned filled = in.filled; filled != 0; filled &= filled - 1) {
    auto channel = static_cast<unsigned>(std::countr_zero(filled));
    if (is_candidate(in, channel, cycle)) set |= bit_of(channel);
  }
  return set;
}

/// One packet waits at the switch: no allocation needed to find who goes.
inline void Fabric::pass_alone(Switch& at, LinkId link, uint64_t cycle) {
  Port& in = links_[link];
  if (in.read_until > cycle) return wake_switch(in.to, in.read_until);
  auto channel = static_cast<unsigned>(std::countr_zero(in.filled));
  if (!is_candidate(in, channel, cycle)) return;
  at.granted[links_[in.output_link[channel]].output][in.input] = cycle;
  send(in, link, channel, cycle);
}

inline void Fabric::request(const Switch& at, unsigned input, VcSet set, Requests& requests) {
  const Port& in = links_[at.inputs[input]];
  auto channel = static_cast<unsigned>(std::countr_zero(set));
  if (!single(set)) {
    requests.retry = true;
    channel = first_of(at, input, set);
  }
  unsigned output = links_[in.output_link[channel]].output;
  unsigned priority = priority_of(channel);
  auto mask = static_cast<uint16_t>(1U << output);
  requests.channel[input] = static_cast<uint8_t>(channel);
  bool contested = (requests.outputs & mask) != 0;
  if (contested && priority > requests.priority[output]) return;
  if (!contested || priority < requests.priority[output]) requests.inputs[output] = 0;
  requests.inputs[output] = static_cast<uint16_t>(requests.inputs[output] | (1U << input));
  requests.priority[output] = static_cast<uint8_t>(priority);
  requests.outputs |= mask;
}

unsigned Fabric::first_of(const Switch& at, unsigned input, VcSet set) const {
  auto first = static_cast<unsigned>(std::countr_zero(set));
  for (unsigned others = set & (set - 1U); others != 0; others &= others - 1) {
    auto other = static_cast<unsigned>(std::countr_zero(others));
    if (precedes(at, input, other, first)) first = other;
  }
  return first;
}

inline bool Fabric::grant(Switch& at, unsigned output, const Requests& requests, uint64_t cycle) {
  unsigned input = least_recent(requests.inputs[output], at.granted[output]);
  LinkId link = at.inputs[input];
  const Port& in = links_[link];
  if (in.read_until > cycle || links_[at.outputs[output]].busy_until > cycle) return false;
  if ((in.unrouted & bit_of(requests.channel[input])) != 0) return false;
  at.granted[output][input] = cycle;
  send(links_[link], link, requests.channel[input], cycle);
  return true;
}

void Fabric::allocate_switch(SwitchId id, uint64_t cycle) {
  Switch& at = switches_[id];
  if (at.filled == 0 || at.silent) return;
  if (at.reservations != 0) end_reservations(at, cycle);
  if (single(at.filled)) {
    LinkId link = at.inputs[static_cast<size_t>(std::countr_zero(at.filled))];
    if (single(links_[link].filled)) return pass_alone(at, link, cycle);
  }
  Requests established, fresh;
  unsigned below_first = at.filled & ((1U << at.first_input) - 1);
  // From `first_input` on, then from 0.
  for (uint64_t inputs = at.filled - below_first + (uint64_t{below_first} << kMaxPorts); inputs != 0;
       inputs &= inputs - 1) {
    unsigned input = static_cast<unsigned>(std::countr_zero(inputs)) % kMaxPorts;
    Port& in = links_[at.inputs[input]];
    if (in.read_until > cycle) {
      wake_switch(id, in.read_until);
      continue;
    }
    VcSet unrouted = in.unrouted;
    VcSet set = candidates(in, cycle);
    // Output channels are given to the inputs in turn.
    if (in.unrouted != unrouted) at.first_input = input + 1;
    if (VcSet old = set & static_cast<VcSet>(~unrouted); old != 0) request(at, input, old, established);
    if (VcSet young = set & unrouted; young != 0) request(at, input, young, fresh);
  }
  if (established.outputs == 0 && fresh.outputs == 0) return;
  for (unsigned outputs = established.outputs; outputs != 0; outputs &= outputs - 1) {
    grant(at, static_cast<unsigned>(std::countr_zero(outputs)), established, cycle);
  }
  for (unsigned outputs = fresh.outputs; outputs != 0; outputs &= outputs - 1) {
    established.retry |= !grant(at, static_cast<unsigned>(std::countr_zero(outputs)), fresh, cycle);
  }
  if (established.retry || fresh.retry) wake_switch(id, cycle + 1);
}

/// Of two channels of an input: the more urgent, then the one whose output the input was granted longer ago,
/// then the one granted longer ago itself.
bool Fabric::precedes(const Switch& at, unsigned input, unsigned a, unsigned b) const {
  const Port& in = links_[at.inputs[input]];
  if (priority_of(a) != priority_of(b)) return priority_of(a) < priority_of(b);
  unsigned output_a = links_[in.output_link[a]].output, output_b = links_[in.output_link[b]].output;
  uint64_t granted_a = at.granted[output_a][input], granted_b = at.granted[output_b][input];
  return granted_a != granted_b ? granted_a < granted_b : in.granted[a] < in.granted[b];
}

/// Separable allocation: a header asks for one of the output channels that were free when the cycle began, in
/// turn, and loses if an earlier one in this cycle asked for the same. False if none was free.
bool Fabric::allocate_channel(Port& in, Port& out, unsigned channel, uint64_t cycle) {
  if (out.allocation_cycle != cycle) {
    out.allocation_cycle = cycle;
    out.allocated_now = 0;
  }
  const Packet& packet = packets_[in.packet[channel]];
  VcSet free = packet.channels & static_cast<VcSet>(~out.allocated | out.allocated_now);
  if (free == 0) return false;
  VcSet last = bit_of(in.output_channel[channel]);
  auto above = static_cast<VcSet>(free & ~(last | (last - 1)));
  auto chosen = static_cast<uint8_t>(std::countr_zero(above != 0 ? above : free));
  if ((out.allocated_now & bit_of(chosen)) != 0) return true;
  out.allocated_now |= bit_of(chosen);
  out.allocated |= bit_of(chosen);
  in.output_channel[channel] = chosen;
  in.unrouted &= static_cast<VcSet>(~bit_of(channel));
  return true;
}

void Fabric::send(Port& in, LinkId in_link, unsigned channel, uint64_t cycle) {
  LinkId out_link = in.output_link[channel];
  unsigned out_channel = in.output_channel[channel];
  Port& out = links_[out_link];
  Switch& at = switches_[in.to];
  PacketIndex packet = in.packet[channel];
  unsigned left = in.left[channel], buffered = in.buffered[channel];
  unsigned flits = std::min({parameters_.grant_flits, buffered, left, unsigned{out.credits[out_channel]}});
  bool head = left == packets_[packet].flits, tail = left == flits;
  in.granted[channel] = cycle;
  in.read_until = cycle + flits;
  in.left[channel] = static_cast<uint16_t>(left - flits);
  in.buffered[channel] = static_cast<uint16_t>(buffered - flits);
  if (buffered == flits) {
    in.filled &= static_cast<VcSet>(~bit_of(channel));
    if (in.filled == 0) at.filled &= ~(1U << in.input);
  }
  return_credit(in, in_link, channel, flits, cycle, cycle + parameters_.credit_cycles);
  // Whoever else waits here asks again when the port or the link is free.
  if (at.filled != 0) wake_switch(in.to, cycle + flits);
  if (tail) leave(in, in_link, channel);
  pass(out, out_link, {packet, out_channel, flits, head, tail}, cycle);
}

void Fabric::leave(Port& in, LinkId in_link, unsigned channel) {
  --in.inside;
  ++in.first[channel];
  if (--in.queued[channel] != 0) make_foremost(in, channel, ring(in_link, channel, in.first[channel]));
}

[[gnu::always_inline]] inline void Fabric::pass(Port& out, LinkId link, Flits sent, uint64_t cycle) {
  out.busy_until = cycle + sent.flits;
  out.credits[sent.channel] = static_cast<uint16_t>(out.credits[sent.channel] - sent.flits);
  if (accounting_.enabled()) {
    const Packet& packet = packets_[sent.packet];
    accounting_.sent(link, packet.task, packet.serial, cycle, sent.flits);
  }
  if (sent.tail) {
    out.allocated &= static_cast<VcSet>(~bit_of(sent.channel));
    note_wait(link, sent.packet, cycle + sent.flits - 1);
  }
  if (report_links_) listener_.link_used(link, cycle, sent.flits);
  if (out.to != kNone) {
    if (sent.head) ++out.inside;
    uint64_t at = cycle + (out.from != kNone ? parameters_.hop_cycles : parameters_.injection_cycles);
    slots_[TimingWheel::slot(at)].arrivals.push_back({link, static_cast<uint8_t>(sent.channel), sent.head,
                                                      static_cast<uint16_t>(sent.flits), sent.packet});
    pressing_.mark(at);
    return;
  }
  if (!out.held) {
    return_credit(out, link, sent.channel, sent.flits, cycle,
                  cycle + parameters_.hop_cycles + parameters_.credit_cycles);
  }
  if (sent.tail) finish(sent.packet, sent.channel, cycle + parameters_.hop_cycles + sent.flits - 1);
}

/// The last flit of the packet leaves by the link in cycle `tail`.
void Fabric::note_wait(LinkId link, PacketIndex index, uint64_t tail) {
  Packet& packet = packets_[index];
  uint64_t wait = tail - packet.due;
  if (wait != 0 && accounting_.enabled()) {
    accounting_.waited(link, packet.task, packet.serial, wait, packet.due + 1 - packet.flits, tail + 1);
  }
  packet.waited += static_cast<uint32_t>(wait);
  packet.due = tail + (links_[link].from != kNone ? parameters_.hop_cycles : parameters_.injection_cycles);
}

void Fabric::finish(PacketIndex packet, unsigned channel, uint64_t tail) {
  --in_flight_;
  Packet delivered = packets_[packet];
  next_packet_[packet] = std::exchange(free_packet_, packet);
  listener_.delivered(delivered, static_cast<uint8_t>(channel), tail);
}

void Fabric::serve_source(EndpointId id, uint64_t cycle) {
  Source& source = sources_[id];
  LinkId link = topology_.injection(id);
  const Port& out = links_[link];
  if (out.busy_until > cycle) return wake_source(id, out.busy_until);
  unsigned waiting = 0;
  Source::Queue* queue = choose_queue(source, link, waiting, cycle);
  if (queue == nullptr) return;
  queue->served = cycle;
  unsigned most = waiting > 1 ? parameters_.grant_flits : kMaxInjectedRun;
  if (!start_express(source, *queue, link, most, waiting == 1, cycle))
    send_front(source, *queue, link, most, cycle);
  if (source.filled != 0) wake_source(id, out.busy_until);
}

/// Of the queues whose front packet can go on, the most urgent and then the one served longest ago.
Fabric::Source::Queue* Fabric::choose_queue(Source& source, LinkId link, unsigned& waiting, uint64_t cycle) {
  Source::Queue* chosen = nullptr;
  size_t chosen_priority = 0;
  for (uint32_t filled = source.filled; filled != 0; filled &= filled - 1) {
    auto i = static_cast<size_t>(std::countr_zero(filled));
    Source::Queue& queue = source.queues[i];
    ++waiting;
    if (!choose_channel(queue, link, cycle)) continue;
    if (chosen != nullptr && (i / kStreams > chosen_priority || queue.served >= chosen->served)) continue;
    chosen = &queue;
    chosen_priority = i / kStreams;
  }
  return chosen;
}

void Fabric::send_front(Source& source, Source::Queue& queue, LinkId link, unsigned most, uint64_t cycle) {
  Port& out = links_[link];
  PacketIndex packet = queue.front;
  auto channel = static_cast<unsigned>(queue.channel);
  bool head = queue.left == 0;
  if (head) {
    queue.left = packets_[packet].flits;
    out.allocated |= bit_of(channel);
  }
  unsigned flits = std::min<unsigned>({most, queue.left, out.credits[channel]});
  queue.left = static_cast<uint16_t>(queue.left - flits);
  bool tail = queue.left == 0;
  if (tail) {
    pop(source, queue, std::exchange(next_packet_[packet], kNoPacket));
    out.last_channel = static_cast<uint8_t>(channel);
  }
  pass(out, link, {packet, channel, flits, head, tail}, cycle);
}

/// Whether the packet in front has a channel with credit; a new one takes the next such channel in turn.
bool Fabric::choose_channel(Source::Queue& queue, LinkId link, uint64_t cycle) {
  Port& out = links_[link];
  if (queue.left != 0) return has_credit(out, link, static_cast<unsigned>(queue.channel), queue.left, cycle);
  unsigned flits = packets_[queue.front].flits;
  unsigned allowed = packets_[queue.front].channels & ~unsigned{out.allocated};
  // From the one after `last_channel` on, then from 0.
  unsigned below = allowed & ((2U << out.last_channel) - 1);
  for (allowed += (below << kMaxVirtualChannels) - below; allowed != 0; allowed &= allowed - 1) {
    unsigned channel = static_cast<unsigned>(std::countr_zero(allowed)) % kMaxVirtualChannels;
    if (!has_credit(out, link, channel, flits, cycle)) continue;
    queue.channel = static_cast<int>(channel);
    return true;
  }
  return false;
}

}  // namespace vesper::noc
