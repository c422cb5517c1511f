#include "models/noc/topology.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <utility>

namespace vesper::noc {
namespace {

TEST(Mesh, RoutesTakeTheFewestSwitches) {
  Topology mesh = make_mesh(4, 3);
  for (EndpointId a = 0; a < 12; ++a) {
    for (EndpointId b = 0; b < 12; ++b) {
      unsigned dx = a % 4 > b % 4 ? a % 4 - b % 4 : b % 4 - a % 4;
      unsigned dy = a / 4 > b / 4 ? a / 4 - b / 4 : b / 4 - a / 4;
      EXPECT_EQ(mesh.switches_between(a, b), dx + dy + 1);
    }
  }
}

TEST(Mesh, GoesAlongXBeforeY) {
  Topology mesh = make_mesh(3, 3);
  SwitchId at = mesh.links()[mesh.route(0, 8)].to;
  EXPECT_EQ(at, 1);
  at = mesh.links()[mesh.route(2, 8)].to;
  EXPECT_EQ(at, 5);
}

/// Whether the channel dependences of all routes are free of cycles (Dally and Seitz): then no deadlock.
bool acyclic(const Topology& topology) {
  size_t links = topology.links().size();
  std::vector<std::set<LinkId>> next(links);
  for (EndpointId a = 0; a < topology.endpoints(); ++a) {
    for (EndpointId b = 0; b < topology.endpoints(); ++b) {
      LinkId link = topology.injection(a);
      while (topology.links()[link].to != kNone) {
        LinkId following = topology.route(topology.links()[link].to, b);
        next[link].insert(following);
        link = following;
      }
    }
  }
  enum class State : uint8_t { fresh, open, done };
  std::vector<State> state(links, State::fresh);
  std::function<bool(LinkId)> visit = [&](LinkId link) {
    if (state[link] != State::fresh) return state[link] == State::done;
    state[link] = State::open;
    for (LinkId following : next[link]) {
      if (!visit(following)) return false;
    }
    state[link] = State::done;
    return true;
  };
  for (LinkId link = 0; link < links; ++link) {
    if (!visit(link)) return false;
  }
  return true;
}

TEST(Mesh, HasNoCyclicDependences) { EXPECT_TRUE(acyclic(make_mesh(4, 4))); }

TEST(VersalLayout, ConnectsEverySwitchWithEveryOtherWithoutCyclicDependences) {
  VersalLayout layout(4, 3, 4);
  std::vector<SwitchId> locations;
  for (SwitchId at = 0; at < 4 * (3 + 4); ++at) locations.push_back(at);
  Topology topology = layout.make(locations);
  for (EndpointId a = 0; a < topology.endpoints(); ++a) {
    for (EndpointId b = 0; b < topology.endpoints(); ++b) EXPECT_LE(topology.switches_between(a, b), 14U);
  }
  EXPECT_TRUE(acyclic(topology));
}

TEST(VersalLayout, AColumnUnitReachesAMemoryPortDownItsColumnAndAlongThePortsLane) {
  VersalLayout layout(4, 3, 4);
  Topology topology = layout.make({layout.column_switch(2, 2), layout.row_switch(0, 3)});
  EXPECT_EQ(topology.switches_between(0, 1), 3U + 3U);
  EXPECT_EQ(topology.switches_between(1, 0), 3U + 3U);
}

}  // namespace
}  // namespace vesper::noc
