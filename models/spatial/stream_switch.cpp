#include "models/spatial/stream_switch.h"

#include <algorithm>

#include "models/core/run_report.h"
#include "models/spatial/guarded.h"
#include "models/spatial/plan_of.h"

namespace vesper::spatial {

StreamSwitch::Place::Place(const std::string& place, StreamSwitch& owner)
    : name(place), in(("in_" + place).c_str()), out(("out_" + place).c_str()) {
  in.register_b_transport(&owner, &StreamSwitch::rows_written);
}

StreamSwitch::StreamSwitch(sc_core::sc_module_name module_name, const Properties& /*properties*/,
                           const core::Environment& environment)
    : Ip(module_name), plan_((plan_of(environment), environment.spatial)) {
  for (const Accelerator& accelerator : plan_->design().accelerators)
    places_.emplace_back(accelerator.name, *this);
  places_.emplace_back("images", *this);
  for (uint16_t task = 0; task < environment.tasks.size(); ++task) routes_.push_back(routes_of(task));
  if (environment.functional) check_ = std::make_unique<ResultCheck>(environment);
}

StreamSwitch::Routes StreamSwitch::routes_of(uint16_t task) const {
  const workload::Graph* graph = plan_->graph_of(task);
  if (graph == nullptr) return {};
  const auto outside = static_cast<uint16_t>(places_.size() - 1);
  Routes routes(graph->operators.size() + 1);
  for (size_t i = 0; i < routes.size(); ++i) {
    const auto op = static_cast<uint32_t>(i) - 1;  // 0 wraps to the input's number
    for (const Delivery& delivery : plan_->deliveries(task, op))
      routes[i].push_back(delivery.accelerator == Delivery::kOutside ? outside : delivery.accelerator);
  }
  return routes;
}

core::Endpoint StreamSwitch::endpoint(std::string_view name) {
  for (Place& place : places_) {
    if (name == "in." + place.name) return core::TargetEndpoint{&place.in};
    if (name != "out." + place.name) continue;
    return core::InitiatorEndpoint{[&place](core::TargetSocket& target) { place.out.bind(target); }};
  }
  return Ip::endpoint(name);
}

std::vector<std::string> StreamSwitch::endpoint_names() const {
  std::vector<std::string> names;
  for (const Place& place : places_) names.push_back("in." + place.name);
  for (const Place& place : places_) names.push_back("out." + place.name);
  return names;
}

void StreamSwitch::start_of_simulation() {
  for (const Routes& routes : routes_) {
    for (const std::vector<uint16_t>& route : routes) {
      for (uint16_t place : route) {
        if (places_[place].out.size() > 0) continue;
        throw InputError(
            fmt::format("{}: connect 'out.{}' to what takes its rows", name(), places_[place].name));
      }
    }
  }
}

void StreamSwitch::rows_written(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
  guarded(*this, [&] { deliver(payload, packet_of(payload)); });
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void StreamSwitch::deliver(tlm::tlm_generic_payload& payload, pl::StreamPacket& packet) {
  const Routes& routes = routes_.at(packet.job.task);
  const size_t index = packet.op + 1U;
  if (index >= routes.size() || routes[index].empty()) {
    throw core::SimulationError(
        fmt::format("rows of operator {} of task {}, which nothing takes", packet.op, packet.job.task));
  }
  if (check_) {
    check_->check(packet,
                  {reinterpret_cast<const std::byte*>(payload.get_data_ptr()), payload.get_data_length()});
  }
  uint64_t taken = packet.last_ps, done = packet.last_ps;
  for (uint16_t place : routes[index]) {
    sc_core::sc_time none = sc_core::SC_ZERO_TIME;
    places_[place].out->b_transport(payload, none);
    taken = std::max(taken, packet.taken_ps);
    done = std::max(done, packet.done_ps);
  }
  packet.taken_ps = taken;
  packet.done_ps = done;
}

void StreamSwitch::report(core::RunReport& report) const {
  if (check_) report.functional = check_->totals();
}

VESPER_IP(StreamSwitch, "stream_switch", "carries rows between the accelerators of a spatial design");

}  // namespace vesper::spatial
