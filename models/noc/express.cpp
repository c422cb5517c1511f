// Packets on free paths: one look at the path instead of events at every switch.
//
// While nothing else wants its links, a packet's flits follow each other through the network in cycles that
// are known when it starts: it is granted link h `injection_cycles + (h - 1) x hop_cycles` after the first,
// its flits in a row. So only its end is an event. Packets behind it in its source's queue that go the same
// way share its reservation. As soon as another packet asks for one of those links, the packets and those
// that follow them are put into the buffers, links and credits where the switches would have brought them by
// then, and go on hop by hop.

#include <algorithm>
#include <bit>
#include <limits>

#include "models/noc/fabric.h"

namespace vesper::noc {
namespace {

/// The next channel of the set after `last`, in turn.
uint8_t channel_after(VcSet set, unsigned last) {
  auto above = static_cast<VcSet>(set & ~(bit_of(last) | (bit_of(last) - 1)));
  return static_cast<uint8_t>(std::countr_zero(above != 0 ? above : set));
}

}  // namespace

/// Only if a buffer covers all grants whose credits may be on their way, those of packets just before
/// included: then free links stay free of credit stalls, and credits need not be followed.
void Fabric::find_whether_express_is_possible() {
  unsigned loop = std::max(parameters_.hop_cycles, parameters_.injection_cycles) + parameters_.credit_cycles;
  express_possible_ = loop + 2 * parameters_.grant_flits - 2 <= parameters_.buffer_flits;
}

bool Fabric::start_express(Source& source, Source::Queue& queue, LinkId link, unsigned most, bool alone,
                           uint64_t cycle) {
  PacketIndex packet = queue.front;
  unsigned flits = packets_[packet].flits;
  if (!express_possible_ || idle_express_ == 0 || queue.left != 0 || flits > most) return false;
  auto id = static_cast<unsigned>(std::countr_zero(idle_express_));
  Express& express = express_[id];
  express.flits = static_cast<uint16_t>(flits);
  express.packet = packet;
  express.packets = 1;
  express.start = express.reserved_from = cycle;
  express.links[0] = link;
  express.channels[0] = static_cast<uint8_t>(queue.channel);
  if (!find_free_path(express, cycle)) return false;
  if (alone) couple(express, queue, cycle);
  if (express_start(express, express.length - 1U) + express.flits >= cycle + TimingWheel::kSlots)
    return false;
  express.valid = true;
  ++express.serial;
  idle_express_ &= idle_express_ - 1;
  source.express = static_cast<uint8_t>(id);
  for (unsigned i = 0; i < express.packets; ++i) pop(source, queue, next_packet_[queue.front]);
  links_[link].last_channel = express.channels[0];
  links_[link].busy_until = cycle + express.flits;
  reserve(id);
  return true;
}

/// Adds the packets behind the first that go the same way, as far as the receiver has room for them.
void Fabric::couple(Express& express, const Source::Queue& queue, uint64_t cycle) {
  if (queue.size == 1) return;
  const Packet& first = packets_[express.packet];
  if ((first.channels & (first.channels - 1)) != 0) return;
  LinkId exit_link = topology_.ejection(first.destination);
  Port& exit = links_[exit_link];
  collect_credits(exit_link, exit, cycle);
  unsigned room = exit.held ? exit.credits[express.channels[0]] : kMaxExpressFlits;
  PacketIndex last = express.packet;
  while (express.packets < queue.size && express.packets < std::numeric_limits<uint8_t>::max()) {
    const Packet& next = packets_[next_packet_[last]];
    bool same =
        next.destination == first.destination && next.channels == first.channels && next.task == first.task;
    if (!same || express.flits + next.flits > std::min(room, kMaxExpressFlits)) return;
    last = next_packet_[last];
    ++express.packets;
    express.flits = static_cast<uint16_t>(express.flits + next.flits);
  }
}

/// Calls with each packet and its first cycle on the first link.
template <class Visit>
void Fabric::for_each_packet(const Express& express, Visit visit) const {
  PacketIndex packet = express.packet;
  uint64_t start = express.start;
  for (unsigned i = express.packets; i != 0; --i) {
    PacketIndex next = next_packet_[packet];
    unsigned flits = packets_[packet].flits;
    visit(packet, start);
    start += flits;
    packet = next;
  }
}

unsigned Fabric::unsent(const Express& express, uint64_t cycle) const {
  if (!express.valid || express.start + express.flits <= cycle) return 0;
  unsigned count = 0;
  for_each_packet(express, [&](PacketIndex, uint64_t start) { count += start > cycle ? 1 : 0; });
  return count;
}

/// Packets that the source has not begun to send by `cycle` go back to the front of its queue.
void Fabric::uncouple(Express& express, uint64_t cycle) {
  unsigned back = unsent(express, cycle);
  if (back == 0) return;
  PacketIndex first = kNoPacket, last = kNoPacket;
  unsigned flits = 0;
  for_each_packet(express, [&](PacketIndex packet, uint64_t start) {
    if (start <= cycle) return;
    if (first == kNoPacket) first = packet;
    last = packet;
    flits += packets_[packet].flits;
  });
  for (unsigned hop = 0; hop < express.length; ++hop) {
    Port& port = links_[express.links[hop]];
    uint64_t end = express_start(express, hop) + express.flits;
    if (port.reserved_until == end) port.reserved_until -= flits;
    if (port.held) {
      unsigned channel = express.channels[hop];
      port.credits[channel] = static_cast<uint16_t>(port.credits[channel] + flits);
    }
    if (accounting_.enabled()) {
      uint64_t from = express_start(express, hop) - express.start + express.reserved_from;
      accounting_.retract(express.links[hop], packets_[first].task, from, flits);
    }
  }
  express.flits = static_cast<uint16_t>(express.flits - flits);
  express.packets = static_cast<uint8_t>(express.packets - back);
  links_[express.links[0]].busy_until = express.start + express.flits;
  Source::Queue& queue = queue_of(packets_[first]);
  push_front(sources_[packets_[first].source], queue, first, last, back);
  wake_source(packets_[first].source, express.start + express.flits);
}

/// The source alternates between queues packet by packet, so that one in another queue waits for the packet
/// being sent alone.
void Fabric::give_way(EndpointId source, const Source::Queue& queue, uint64_t cycle) {
  Express& express = express_[sources_[source].express];
  if (!express.valid || express.links[0] != topology_.injection(source)) return;
  if (&queue_of(packets_[express.packet]) != &queue) uncouple(express, cycle);
}

bool Fabric::find_free_path(Express& express, uint64_t cycle) {
  const Packet& packet = packets_[express.packet];
  for (unsigned hop = 0; hop < kMaxExpressLinks; ++hop) {
    LinkId link = express.links[hop];
    unsigned channel = express.channels[hop];
    uint64_t from = express_start(express, hop);
    if (!is_free(link, channel, express.flits, from, cycle)) return false;
    const Port& port = links_[link];
    if (port.to == kNone) {
      express.length = static_cast<uint8_t>(hop + 1);
      return true;
    }
    if (hop + 1 == kMaxExpressLinks) return false;
    express.links[hop + 1] = routes_[port.to * sources_.size() + packet.destination];
    express.channels[hop + 1] = channel_after(packet.channels, port.output_channel[channel]);
  }
  return false;
}

bool Fabric::is_free(LinkId link, unsigned channel, unsigned flits, uint64_t from, uint64_t cycle) {
  Port& port = links_[link];
  if (port.silent || port.inside != 0 || port.allocated != 0 || port.busy_until > from ||
      port.read_until > from)
    return false;
  if (port.reserved_by != 0 && port.reserved_until > from) return false;
  unsigned needed = port.held ? flits : parameters_.buffer_flits;
  if (port.credits[channel] < needed) collect_credits(link, port, cycle);
  return port.credits[channel] >= needed;
}

void Fabric::reserve(unsigned id) {
  const Express& express = express_[id];
  const Packet& packet = packets_[express.packet];
  for (unsigned hop = 0; hop < express.length; ++hop) {
    LinkId link = express.links[hop];
    Port& port = links_[link];
    uint64_t start = express_start(express, hop);
    port.reserved_by |= uint64_t{1} << id;
    if (port.from != kNone) ++switches_[port.from].reservations;
    port.reserved_until = start + express.flits;
    unsigned channel = express.channels[hop];
    if (port.held) port.credits[channel] = static_cast<uint16_t>(port.credits[channel] - express.flits);
    if (accounting_.enabled()) accounting_.sent(link, packet.task, packet.serial, start, express.flits);
    if (report_links_) {
      slots_[TimingWheel::slot(start)].express_grants.push_back(
          {static_cast<uint8_t>(id), static_cast<uint8_t>(hop), express.serial});
      if (hop != 0) pressing_.mark(start);
    }
  }
  expect_end(id);
}

/// Of the first packet on the last link.
void Fabric::expect_end(unsigned id) {
  const Express& express = express_[id];
  uint64_t end = express_start(express, express.length - 1U) + packets_[express.packet].flits - 1;
  slots_[TimingWheel::slot(end)].express_ends.push_back(static_cast<uint8_t>(id));
  (packets_[express.packet].quiet ? quiet_ : pressing_).mark(end);
}

void Fabric::end_express(unsigned id) {
  Express& express = express_[id];
  if (express.valid) {
    unsigned last = express.length - 1U;
    PacketIndex packet = express.packet;
    unsigned flits = packets_[packet].flits;
    uint64_t tail = express_start(express, last) + flits - 1 + parameters_.hop_cycles;
    note_wait(express.links[0], packet, express.start + flits - 1);
    if (--express.packets != 0) {
      express.packet = next_packet_[packet];
      express.start += flits;
      express.flits = static_cast<uint16_t>(express.flits - flits);
      expect_end(id);
      return finish(packet, express.channels[last], tail);
    }
    leave_path(id);
    finish(packet, express.channels[last], tail);
  }
  idle_express_ |= uint64_t{1} << id;
}

void Fabric::leave_path(unsigned id) {
  Express& express = express_[id];
  express.valid = false;
  for (unsigned hop = 0; hop < express.length; ++hop) {
    clear_reservation(express.links[hop], id);
    Port& port = links_[express.links[hop]];
    unsigned channel = express.channels[hop];
    if (hop + 1U < express.length && port.queued[channel] == 0)
      port.output_channel[channel] = express.channels[hop + 1];
  }
}

void Fabric::tell_express_grant(ExpressGrant grant, uint64_t cycle) {
  const Express& express = express_[grant.express];
  if (!express.valid || express.serial != grant.serial) return;
  uint64_t lead = express_start(express, grant.hop) - express.start, end = 0;
  for_each_packet(express, [&](PacketIndex packet, uint64_t start) {
    if (start + lead <= cycle) end = start + lead + packets_[packet].flits;
  });
  if (end <= cycle) return;
  uint64_t next = std::min(end, cycle + parameters_.grant_flits);
  listener_.link_used(express.links[grant.hop], cycle, static_cast<unsigned>(next - cycle));
  if (next == express.start + lead + express.flits) return;
  slots_[TimingWheel::slot(next)].express_grants.push_back(grant);
  pressing_.mark(next);
}

/// Takes back the reservations of links that packets at the switch ask for.
void Fabric::end_reservations(const Switch& at, uint64_t cycle) {
  for (unsigned inputs = at.filled; inputs != 0; inputs &= inputs - 1) {
    const Port& in = links_[at.inputs[static_cast<size_t>(std::countr_zero(inputs))]];
    for (unsigned filled = in.filled; filled != 0; filled &= filled - 1) {
      LinkId link = in.output_link[static_cast<size_t>(std::countr_zero(filled))];
      if (links_[link].reserved_by != 0) revoke(link, cycle);
    }
  }
}

void Fabric::revoke(LinkId contested, uint64_t cycle) {
  const Port& port = links_[contested];
  if (cycle >= port.reserved_until) return;
  for (uint64_t set = port.reserved_by; (set &= port.reserved_by) != 0; set &= set - 1) {
    auto id = static_cast<unsigned>(std::countr_zero(set));
    const Express& express = express_[id];
    auto hop = static_cast<unsigned>(std::find(express.links.begin(), express.links.end(), contested) -
                                     express.links.begin());
    if (express_start(express, hop) + express.flits > cycle) {
      resume_hop_by_hop(id, contested, cycle);
    }
  }
}

/// What of the packet has been granted the link by the end of `cycle`; on the contested link, before it.
unsigned Fabric::express_granted(const Express& express, unsigned hop, LinkId contested,
                                 uint64_t cycle) const {
  uint64_t start = express_start(express, hop);
  uint64_t end = express.links[hop] == contested ? cycle : cycle + 1;
  if (end <= start) return 0;
  uint64_t grant = parameters_.grant_flits;
  return static_cast<unsigned>(std::min<uint64_t>(express.flits, ((end - 1 - start) / grant + 1) * grant));
}

void Fabric::resume_hop_by_hop(unsigned id, LinkId contested, uint64_t cycle) {
  Express& express = express_[id];
  uncouple(express, cycle);
  express.valid = false;
  for (unsigned hop = 0; hop < express.length; ++hop) clear_reservation(express.links[hop], id);
  Express one = express;
  for_each_packet(express, [&](PacketIndex packet, uint64_t start) {
    one.packet = packet;
    one.start = start;
    one.flits = packets_[packet].flits;
    restore_packet(one, contested, cycle);
  });
  revoke_followers(express, cycle);
}

void Fabric::restore_packet(const Express& one, LinkId contested, uint64_t cycle) {
  unsigned passed = 0;  // links that the whole packet has been granted
  for (unsigned hop = 0; hop < one.length; ++hop) {
    restore_link(one, hop, contested, cycle);
    if (express_granted(one, hop, contested, cycle) == one.flits) passed = hop + 1;
  }
  if (passed != 0) {
    note_wait(one.links[0], one.packet, one.start + one.flits - 1);
    packets_[one.packet].due = express_start(one, passed) + one.flits - 1;
  }
  unsigned last = one.length - 1U;
  if (express_granted(one, last, contested, cycle) != one.flits) return;
  finish(one.packet, one.channels[last], express_start(one, last) + one.flits - 1 + parameters_.hop_cycles);
}

/// The packets behind on a link counted on this one to flow on.
void Fabric::revoke_followers(const Express& express, uint64_t cycle) {
  for (unsigned hop = 0; hop < express.length; ++hop) {
    const Port& port = links_[express.links[hop]];
    uint64_t start = express_start(express, hop);
    for (uint64_t set = port.reserved_by; (set &= port.reserved_by) != 0; set &= set - 1) {
      auto id = static_cast<unsigned>(std::countr_zero(set));
      const Express& other = express_[id];
      auto at = static_cast<unsigned>(std::find(other.links.begin(), other.links.end(), express.links[hop]) -
                                      other.links.begin());
      if (express_start(other, at) > start) resume_hop_by_hop(id, kNone, cycle);
    }
  }
}

void Fabric::restore_link(const Express& express, unsigned hop, LinkId contested, uint64_t cycle) {
  LinkId link = express.links[hop];
  Port& port = links_[link];
  uint64_t start = express_start(express, hop);
  unsigned granted = express_granted(express, hop, contested, cycle);
  if (accounting_.enabled()) {
    accounting_.retract(link, packets_[express.packet].task, start - express.start + express.reserved_from,
                        express.flits - granted);
  }
  if (port.held) {
    unsigned channel = express.channels[hop];
    port.credits[channel] = static_cast<uint16_t>(port.credits[channel] + express.flits - granted);
  }
  if (granted == 0) return;
  if (report_links_ && link != contested && cycle < start + express.flits &&
      (cycle - start) % parameters_.grant_flits == 0) {
    listener_.link_used(link, cycle, static_cast<unsigned>(start + granted - cycle));
  }
  bool whole = granted == express.flits;  // then others may have followed
  port.busy_until = whole ? std::max(port.busy_until, start + granted) : start + granted;
  if (!whole) port.allocated |= bit_of(express.channels[hop]);
  restore_credits(express, hop, granted, contested, cycle);
  if (hop == 0 && !whole) restore_source(express, granted);
  if (port.to == kNone) return;
  unsigned forwarded = express_granted(express, hop + 1, contested, cycle);
  if (forwarded < express.flits) ++port.inside;
  restore_buffer(express, hop, restore_arrivals(express, hop, granted, cycle), forwarded, cycle);
}

/// Credits come back `credit_cycles` after a grant of the next link, or after the arrival at an endpoint.
void Fabric::restore_credits(const Express& express, unsigned hop, unsigned granted, LinkId contested,
                             uint64_t cycle) {
  LinkId link = express.links[hop];
  Port& port = links_[link];
  if (port.held) return;
  unsigned channel = express.channels[hop];
  bool ends = port.to == kNone;
  unsigned left = ends ? granted : express_granted(express, hop + 1, contested, cycle);
  uint64_t first =
      ends ? express_start(express, hop) + parameters_.hop_cycles : express_start(express, hop + 1);
  unsigned grant = parameters_.grant_flits;
  uint64_t credits = port.credits[channel] - granted;
  for (unsigned sent = 0; sent < left; sent += grant) {
    unsigned flits = std::min(grant, left - sent);
    uint64_t at = first + sent + parameters_.credit_cycles;
    if (at <= cycle) {
      credits += flits;
    } else {
      return_credit(port, link, channel, flits, cycle, at);
    }
  }
  port.credits[channel] = static_cast<uint16_t>(credits);
}

/// Flits on the link become arrivals to come; returns the flits that have arrived.
unsigned Fabric::restore_arrivals(const Express& express, unsigned hop, unsigned granted, uint64_t cycle) {
  unsigned grant = parameters_.grant_flits, arrived = 0;
  uint64_t first = express_start(express, hop + 1);
  for (unsigned sent = 0; sent < granted; sent += grant) {
    unsigned flits = std::min(grant, granted - sent);
    uint64_t at = first + sent;
    if (at <= cycle) {
      arrived += flits;
      continue;
    }
    slots_[TimingWheel::slot(at)].arrivals.push_back(
        {express.links[hop], express.channels[hop], sent == 0, static_cast<uint16_t>(flits), express.packet});
    pressing_.mark(at);
  }
  return arrived;
}

void Fabric::restore_buffer(const Express& express, unsigned hop, unsigned arrived, unsigned forwarded,
                            uint64_t cycle) {
  LinkId link = express.links[hop];
  Port& in = links_[link];
  unsigned channel = express.channels[hop];
  uint64_t next = express_start(express, hop + 1) + forwarded;
  if (forwarded > 0) {
    in.read_until = std::max(in.read_until, next);
    in.granted[channel] = cycle;
    if (in.queued[channel] == 0) in.output_channel[channel] = express.channels[hop + 1];
    switches_[in.to].granted[links_[express.links[hop + 1]].output][in.input] = cycle;
  }
  if (arrived == 0 || forwarded == express.flits) return;
  ring(link, channel, in.first[channel] + in.queued[channel]) = express.packet;
  if (in.queued[channel]++ == 0) {
    make_foremost(in, channel, express.packet);
    in.left[channel] = static_cast<uint16_t>(express.flits - forwarded);
    if (forwarded > 0) in.unrouted &= static_cast<VcSet>(~bit_of(channel));
  }
  if (arrived == forwarded) return;
  in.buffered[channel] = static_cast<uint16_t>(in.buffered[channel] + arrived - forwarded);
  in.filled |= bit_of(channel);
  switches_[in.to].filled |= 1U << in.input;
  wake_switch(in.to, std::max(cycle + 1, next));
}

/// The rest of the packet goes back to the front of its source's queue.
void Fabric::restore_source(const Express& express, unsigned granted) {
  const Packet& packet = packets_[express.packet];
  Source::Queue& queue = queue_of(packet);
  push_front(sources_[packet.source], queue, express.packet, express.packet, 1);
  queue.left = static_cast<uint16_t>(express.flits - granted);
  queue.channel = express.channels[0];
  wake_source(packet.source, express.start + granted);
}

}  // namespace vesper::noc
