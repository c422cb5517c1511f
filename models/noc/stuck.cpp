// Switches that stop, and where packets stand.

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "models/noc/fabric.h"

namespace vesper::noc {
void Fabric::silence(SwitchId id) {
  switches_[id].silent = true;
  for (LinkId link : switches_[id].outputs) {
    links_[link].silent = true;
    revoke(link, now_);
  }
}

std::optional<Fabric::Place> Fabric::find(EndpointId source, uint32_t cookie) {
  auto wanted = [&](PacketIndex packet) {
    return packets_[packet].source == source && packets_[packet].cookie == cookie;
  };
  if (auto buffer = find_foremost_buffer(wanted)) {
    Place place{.at = links_[buffer->first].to};
    find_holder(place, buffer->first, buffer->second);
    return place;
  }
  for (const Source::Queue& queue : sources_[source].queues) {
    PacketIndex packet = queue.front;
    for (unsigned i = 0; i < queue.size; ++i, packet = next_packet_[packet]) {
      if (!wanted(packet)) continue;
      Place place;
      LinkId link = topology_.injection(source);
      auto channel = static_cast<unsigned>(std::countr_zero(packets_[packet].channels));
      if (!has_room(link, channel)) find_holder(place, link, channel);
      return place;
    }
  }
  return std::nullopt;
}

/// The link and channel of the buffer that holds the packet, of several the furthest on its way.
template <class Wanted>
std::optional<std::pair<LinkId, unsigned>> Fabric::find_foremost_buffer(Wanted wanted) {
  std::vector<std::pair<LinkId, unsigned>> holding;
  for (LinkId link = 0; link < topology_.link_count(); ++link) {
    const Port& port = links_[link];
    if (port.to == kNone) continue;
    for (unsigned channel = 0; channel < kMaxVirtualChannels; ++channel) {
      for (unsigned i = 0; i < port.queued[channel]; ++i) {
        if (wanted(ring(link, channel, port.first[channel] + i))) holding.emplace_back(link, channel);
      }
    }
  }
  for (auto [link, channel] : holding) {
    bool first =
        links_[link].queued[channel] != 0 && wanted(ring(link, channel, links_[link].first[channel]));
    LinkId next = first ? links_[link].output_link[channel] : LinkId{kNone};
    if (std::ranges::none_of(holding, [&](const auto& other) { return other.first == next; }))
      return std::pair{link, channel};
  }
  return std::nullopt;
}

/// Follows what the foremost packet of a buffer waits for: the rest of itself, the packet that has its output
/// channel, or the full buffer behind that.
void Fabric::find_holder(Place& place, LinkId link, unsigned channel) {
  for (size_t step = 0; step < links_.size() * kMaxVirtualChannels; ++step) {
    const Port& port = links_[link];
    if ((port.filled & bit_of(channel)) == 0) {  // the rest of its packet has not come
      place.held_at = port.from;
      if (port.from == kNone || !find_owner(port.from, link, bit_of(channel), link, channel)) return;
      continue;
    }
    place.held_at = port.to;
    LinkId next = port.output_link[channel];
    if ((port.unrouted & bit_of(channel)) != 0) {
      VcSet wanted = packets_[ring(link, channel, port.first[channel])].channels;
      if ((wanted & ~links_[next].allocated) != 0 || !find_owner(port.to, next, wanted, link, channel))
        return;
      continue;
    }
    channel = port.output_channel[channel];
    if (has_room(next, channel)) return;
    if (links_[next].to == kNone) {
      place.held_by = topology_.links()[next].endpoint;
      return;
    }
    link = next;
  }
}

/// The buffer whose foremost packet has one of the channels of the output.
bool Fabric::find_owner(SwitchId at, LinkId output, VcSet channels, LinkId& link, unsigned& channel) const {
  for (LinkId input : switches_[at].inputs) {
    const Port& port = links_[input];
    for (unsigned vc = 0; vc < kMaxVirtualChannels; ++vc) {
      bool owns = port.queued[vc] != 0 && (port.unrouted & bit_of(vc)) == 0 &&
                  port.output_link[vc] == output && (channels & bit_of(port.output_channel[vc])) != 0;
      if (!owns) continue;
      link = input;
      channel = vc;
      return true;
    }
  }
  return false;
}

bool Fabric::has_room(LinkId link, unsigned channel) {
  collect_credits(link, links_[link], now_);
  return links_[link].credits[channel] != 0;
}

}  // namespace vesper::noc
