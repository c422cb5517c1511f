#include "models/noc/topology.h"

#include <numeric>
#include <stdexcept>

namespace vesper::noc {

LinkId Topology::add(Link link) {
  if (links_.size() >= kNone) throw std::length_error("a network has at most 65534 links");
  links_.push_back(link);
  return static_cast<LinkId>(links_.size() - 1);
}

LinkId Topology::connect(SwitchId a, SwitchId b) {
  LinkId forward = add({.from = a, .to = b});
  add({.from = b, .to = a});
  return forward;
}

EndpointId Topology::attach(SwitchId at) {
  auto endpoint = static_cast<EndpointId>(endpoints_.size());
  LinkId injection = add({.from = kNone, .to = at, .endpoint = endpoint});
  LinkId ejection = add({.from = at, .to = kNone, .endpoint = endpoint});
  endpoints_.push_back({at, injection, ejection});
  for (auto& table : routes_) table.push_back(kNone);
  set_route(at, endpoint, ejection);
  return endpoint;
}

void Topology::set_route(SwitchId at, EndpointId destination, LinkId link) {
  routes_[at][destination] = link;
}

unsigned Topology::switches_between(EndpointId source, EndpointId destination) const {
  SwitchId at = location(source);
  unsigned count = 1;
  for (LinkId link = route(at, destination); links_[link].to != kNone; link = route(at, destination)) {
    at = links_[link].to;
    if (++count > switches()) throw std::logic_error("routing tables lead in a circle");
  }
  return count;
}

namespace {

/// The links of a grid of switches, by direction, so that dimension-order routes are table look-ups.
struct Grid {
  Grid(Topology& topology, unsigned columns, unsigned rows)
      : east(size_t{columns} * rows, kNone), west(east), south(east), north(east) {
    for (unsigned y = 0; y < rows; ++y) {
      for (unsigned x = 0; x < columns; ++x) {
        unsigned at = y * columns + x;
        if (x + 1 < columns) join(topology, at, at + 1, east, west);
        if (y + 1 < rows) join(topology, at, at + columns, south, north);
      }
    }
  }
  static void join(Topology& topology, unsigned a, unsigned b, std::vector<LinkId>& there,
                   std::vector<LinkId>& back) {
    there[a] = topology.connect(static_cast<SwitchId>(a), static_cast<SwitchId>(b));
    back[b] = static_cast<LinkId>(there[a] + 1);
  }
  std::vector<LinkId> east, west, south, north;
};

}  // namespace

Topology make_mesh(unsigned columns, unsigned rows, const std::vector<SwitchId>& locations) {
  unsigned switches = columns * rows;
  Topology mesh(static_cast<SwitchId>(switches));
  Grid grid(mesh, columns, rows);
  for (SwitchId at : locations) mesh.attach(at);
  for (unsigned at = 0; at < switches; ++at) {
    for (EndpointId endpoint = 0; endpoint < mesh.endpoints(); ++endpoint) {
      unsigned to = mesh.location(endpoint);
      unsigned x = at % columns, y = at / columns, to_x = to % columns, to_y = to / columns;
      if (at == to) continue;
      LinkId link = x < to_x   ? grid.east[at]
                    : x > to_x ? grid.west[at]
                    : y < to_y ? grid.south[at]
                               : grid.north[at];
      mesh.set_route(static_cast<SwitchId>(at), endpoint, link);
    }
  }
  return mesh;
}

Topology make_mesh(unsigned columns, unsigned rows) {
  std::vector<SwitchId> each(size_t{columns} * rows);
  std::iota(each.begin(), each.end(), SwitchId{0});
  return make_mesh(columns, rows, each);
}

namespace {

/// Where a switch of the Versal layout stands.
struct Place {
  unsigned column;
  bool vertical;
  unsigned index;  ///< row in a column, or lane of the horizontal NoC
};

class VersalRouter {
 public:
  VersalRouter(Topology& topology, const VersalLayout& layout, unsigned columns, unsigned rows,
               unsigned lanes)
      : columns_(columns), rows_(rows), lanes_(lanes) {
    size_t switches = size_t{columns} * (rows + lanes);
    away_.assign(switches, kNone);
    towards_.assign(switches, kNone);
    next_lane_.assign(switches, kNone);
    previous_lane_.assign(switches, kNone);
    down_.assign(size_t{columns} * lanes, kNone);
    up_.assign(size_t{columns} * lanes, kNone);
    for (unsigned c = 0; c < columns; ++c) {
      for (unsigned r = 0; r + 1 < rows; ++r) {
        join(topology, layout.column_switch(c, r), layout.column_switch(c, r + 1));
      }
      for (unsigned l = 0; l < lanes; ++l) {
        down_[c * lanes + l] = topology.connect(layout.column_switch(c, 0), layout.row_switch(c, l));
        up_[c * lanes + l] = static_cast<LinkId>(down_[c * lanes + l] + 1);
        if (c + 1 < columns) join(topology, layout.row_switch(c, l), layout.row_switch(c + 1, l));
        if (l + 1 < lanes) join_lanes(topology, layout.row_switch(c, l), layout.row_switch(c, l + 1));
      }
    }
  }

  [[nodiscard]] Place place(SwitchId at) const {
    unsigned vertical = columns_ * rows_;
    if (at < vertical) return {at / rows_, true, at % rows_};
    return {(at - vertical) / lanes_, false, (at - vertical) % lanes_};
  }

  /// The link from `at` towards an endpoint at `to`; `lane` for flows that pick their lane by destination.
  [[nodiscard]] LinkId next(SwitchId at, SwitchId to, unsigned lane) const {
    Place here = place(at), there = place(to);
    if (!there.vertical) lane = there.index;
    if (here.vertical) {
      if (there.vertical && there.column == here.column) {
        return there.index > here.index ? away_[at] : towards_[at];
      }
      return here.index > 0 ? towards_[at] : down_[here.column * lanes_ + lane];
    }
    if (here.column != there.column) return there.column > here.column ? away_[at] : towards_[at];
    if (there.vertical) return up_[here.column * lanes_ + here.index];
    return there.index > here.index ? next_lane_[at] : previous_lane_[at];
  }

 private:
  void join(Topology& topology, SwitchId a, SwitchId b) {
    away_[a] = topology.connect(a, b);
    towards_[b] = static_cast<LinkId>(away_[a] + 1);
  }
  void join_lanes(Topology& topology, SwitchId a, SwitchId b) {
    next_lane_[a] = topology.connect(a, b);
    previous_lane_[b] = static_cast<LinkId>(next_lane_[a] + 1);
  }

  unsigned columns_, rows_, lanes_;
  std::vector<LinkId> next_lane_, previous_lane_;
  std::vector<LinkId> away_, towards_;  // to the next higher and the next lower switch of a column or lane
  std::vector<LinkId> down_, up_;       // between the foot of a column and a lane
};

}  // namespace

Topology VersalLayout::make(const std::vector<SwitchId>& locations) const {
  Topology topology(static_cast<SwitchId>(columns_ * (rows_ + lanes_)));
  VersalRouter router(topology, *this, columns_, rows_, lanes_);
  for (SwitchId at : locations) topology.attach(at);
  for (SwitchId at = 0; at < topology.switches(); ++at) {
    for (EndpointId to = 0; to < topology.endpoints(); ++to) {
      if (topology.location(to) != at) {
        topology.set_route(at, to, router.next(at, topology.location(to), to % lanes_));
      }
    }
  }
  return topology;
}

}  // namespace vesper::noc
