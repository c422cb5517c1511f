/// Switches, links and endpoints of a network, and the static routing tables that join them.
///
/// Models      any directed graph of switches; a mesh with one endpoint a switch; a Versal-like layout of
///             vertical columns (where PL units attach) on a horizontal row (where memory controllers and the
///             CPU attach).
/// Routing     one output per (switch, destination), fixed when the topology is made: X before Y on a mesh;
///             down the column, along the row, across its lanes, up the column on the Versal layout. Neither
///             has cyclic channel dependences, so no deadlock.
/// Leaves out  adaptive routing, and the physical lanes of the horizontal NoC beyond the `lanes` it is given.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace vesper::noc {

using SwitchId = uint16_t;
using LinkId = uint16_t;
using EndpointId = uint16_t;
inline constexpr uint16_t kNone = std::numeric_limits<uint16_t>::max();

/// A directed link. A link without source switch comes from an endpoint, one without destination leads to it.
struct Link {
  SwitchId from = kNone;
  SwitchId to = kNone;
  EndpointId endpoint = kNone;
};

class Topology {
 public:
  explicit Topology(SwitchId switches) : routes_(switches) {}

  /// Adds links in both directions; the first leads from `a` to `b`.
  LinkId connect(SwitchId a, SwitchId b);
  /// Adds an endpoint at a switch, with a link in (`injection`) and a link out (`ejection`).
  EndpointId attach(SwitchId at);
  /// The packets at `at` for `destination` leave by `link`.
  void set_route(SwitchId at, EndpointId destination, LinkId link);

  [[nodiscard]] SwitchId switches() const { return static_cast<SwitchId>(routes_.size()); }
  [[nodiscard]] EndpointId endpoints() const { return static_cast<EndpointId>(endpoints_.size()); }
  [[nodiscard]] const std::vector<Link>& links() const { return links_; }
  [[nodiscard]] LinkId link_count() const { return static_cast<LinkId>(links_.size()); }
  [[nodiscard]] SwitchId location(EndpointId endpoint) const { return endpoints_[endpoint].at; }
  [[nodiscard]] LinkId injection(EndpointId endpoint) const { return endpoints_[endpoint].injection; }
  [[nodiscard]] LinkId ejection(EndpointId endpoint) const { return endpoints_[endpoint].ejection; }
  [[nodiscard]] LinkId route(SwitchId at, EndpointId destination) const { return routes_[at][destination]; }
  /// Switches on the way from one endpoint to another, both ends counted.
  [[nodiscard]] unsigned switches_between(EndpointId source, EndpointId destination) const;

 private:
  struct Endpoint {
    SwitchId at;
    LinkId injection;
    LinkId ejection;
  };
  LinkId add(Link link);

  std::vector<Link> links_;
  std::vector<Endpoint> endpoints_;
  std::vector<std::vector<LinkId>> routes_;
};

/// A mesh of `columns` x `rows` switches (row-major) with an endpoint at each switch of `locations`, routed X
/// before Y.
Topology make_mesh(unsigned columns, unsigned rows, const std::vector<SwitchId>& locations);
/// The same with one endpoint at every switch.
Topology make_mesh(unsigned columns, unsigned rows);

/// A Versal-like layout: `columns` vertical NoCs of `rows` switches, on `lanes` parallel horizontal rows of
/// one switch a column; neighbouring lanes are joined. Switches are numbered by `column_switch` and
/// `row_switch`.
class VersalLayout {
 public:
  VersalLayout(unsigned columns, unsigned rows, unsigned lanes)
      : columns_(columns), rows_(rows), lanes_(lanes) {}
  /// Row 0 is next to the horizontal NoC.
  [[nodiscard]] SwitchId column_switch(unsigned column, unsigned row) const {
    return static_cast<SwitchId>(column * rows_ + row);
  }
  [[nodiscard]] SwitchId row_switch(unsigned column, unsigned lane) const {
    return static_cast<SwitchId>(columns_ * rows_ + column * lanes_ + lane);
  }
  /// The topology with an endpoint at each switch of `locations`, in order. A flow keeps to the lane of the
  /// end that is on the horizontal NoC; between two columns it takes the lane of its destination's number.
  [[nodiscard]] Topology make(const std::vector<SwitchId>& locations) const;

 private:
  unsigned columns_, rows_, lanes_;
};

}  // namespace vesper::noc
