#include "models/noc/timeline.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

namespace vesper::noc {

using core::LatencyPart;

void Timeline::add_to(core::Latency& latency, const core::ClockDomain& clock, uint64_t left_ps) const {
  uint64_t ready_ps = clock.edge(ready), sent_ps = clock.edge(sent), arrived_ps = clock.edge(arrived);
  uint64_t answer_arrived_ps = clock.edge(answer_arrived);
  uint64_t links = arrived_ps - clock.edge(arrived - waited) + answer_arrived_ps -
                   clock.edge(answer_arrived - answer_waited);
  uint64_t ways = (ready_ps - begun_ps) + (arrived_ps - sent_ps) + (answer_arrived_ps - answered_ps);
  uint64_t held = answered_ps - offered_ps;
  uint64_t unexplained = held - std::min(held, latency.sum());
  // A target may count its door itself.
  uint64_t at_door = std::min(taken_ps - offered_ps, unexplained);
  latency.add(LatencyPart::admission, sent_ps - ready_ps);
  latency.add(LatencyPart::network, ways - links);
  latency.add(LatencyPart::links, links);
  latency.add(LatencyPart::door, offered_ps - arrived_ps + at_door);
  latency.add(LatencyPart::port, left_ps - answer_arrived_ps);
  latency.add(LatencyPart::other, unexplained - at_door);
}

void LatencyTotals::add(size_t requester, const core::Latency& latency) {
  Total& total = totals_[requester];
  ++total.packets;
  for (size_t part = 0; part < core::kLatencyParts; ++part) total.ps[part] += latency.ps[part];
}

nlohmann::ordered_json LatencyTotals::report(const std::vector<std::string>& names) const {
  auto seconds = [](uint64_t ps) { return static_cast<double>(ps) * 1e-12; };
  nlohmann::ordered_json report = nlohmann::ordered_json::array();
  for (size_t requester = 0; requester < totals_.size(); ++requester) {
    const Total& total = totals_[requester];
    if (total.packets == 0) continue;
    nlohmann::ordered_json entry{
        {"name", names[requester]},
        {"packets", total.packets},
        {"sum_s", seconds(std::accumulate(total.ps.begin(), total.ps.end(), uint64_t{0}))}};
    for (size_t part = 0; part < core::kLatencyParts; ++part) {
      entry[std::string(name_of(static_cast<LatencyPart>(part))) + "_s"] = seconds(total.ps[part]);
    }
    report.push_back(std::move(entry));
  }
  return report;
}

}  // namespace vesper::noc
