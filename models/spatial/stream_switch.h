/// Streams between the accelerators of a design: every operator's rows go to all whose products take them.
///
/// Models      wires and FIFOs that the design's plan lays from accelerator to accelerator and to the image
///             DMA (Plan::deliveries): what comes in at any place goes out at all places that take it.
/// Timing      none of its own. A packet is taken when the last of its receivers has, and done likewise.
/// Functional  each delivered result is compared, row by row, with what the network's reference computation
///             gives (models/pl/graph_reference.h), bit for bit; a difference ends the simulation and names
///             operator, row and column.
/// Endpoints   `in.<accelerator>`, `out.<accelerator>` of each accelerator of the design; `in.images`,
///             `out.images` for the image DMA.
/// Leaves out  routing and its congestion.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <memory>

#include "models/core/ip.h"
#include "models/spatial/plan.h"
#include "models/spatial/result_check.h"
#include "models/spatial/stream_port.h"

namespace vesper::spatial {

class StreamSwitch : public core::Ip {
 public:
  struct Properties {
    static void describe(Schema<Properties>& /*p*/) {}
  };
  StreamSwitch(sc_core::sc_module_name name, const Properties& properties,
               const core::Environment& environment);

  core::Endpoint endpoint(std::string_view name) override;
  [[nodiscard]] std::vector<std::string> endpoint_names() const override;
  void report(core::RunReport& report) const override;

 private:
  using In = tlm_utils::simple_target_socket_optional<StreamSwitch>;
  using Out = tlm_utils::simple_initiator_socket_optional<StreamSwitch>;
  struct Place {
    Place(const std::string& place, StreamSwitch& owner);
    std::string name;
    In in;
    Out out;
  };
  /// By 1 + number of the operator, 0 the input: numbers of places.
  using Routes = std::vector<std::vector<uint16_t>>;

  void start_of_simulation() override;
  [[nodiscard]] Routes routes_of(uint16_t task) const;
  void rows_written(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void deliver(tlm::tlm_generic_payload& payload, pl::StreamPacket& packet);

  const std::shared_ptr<const Plan> plan_;
  std::deque<Place> places_;    // the accelerators by number, then the image DMA
  std::vector<Routes> routes_;  // by task
  std::unique_ptr<ResultCheck> check_;
};

}  // namespace vesper::spatial
