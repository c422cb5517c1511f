/// The control bus: routes the CPU's accesses to memory-mapped registers.
///
/// Models      one decoder; the address map is what `map` was told. An access must lie within one mapping.
/// Timing      a read occupies the CPU for `read_latency` and samples the register at its end; a posted write
///             occupies it for `write_latency` and reaches the register at its end. Time a target adds comes
///             on top. Defaults from a comparable part, as no figure for the VCK190 is published (100 ns, 40
///             ns).
/// Decode      an address in no mapping answers TLM_ADDRESS_ERROR_RESPONSE, after the latency.
/// Leaves out  several writes in flight, byte enables, DMI.
#pragma once

#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "models/core/ip.h"
#include "platform/property/schema.h"

namespace vesper::cpu {

class ControlBus : public core::Ip {
 public:
  struct Properties {
    Duration read_latency = ns(100);
    Duration write_latency = ns(40);
    static void describe(Schema<Properties>& p);
  };

  ControlBus(sc_core::sc_module_name name, const Properties& properties,
             const core::Environment& environment);

  tlm_utils::simple_target_socket<ControlBus> cpu{"cpu"};

  /// Routes `size` bytes from `base` to `target`, whose addresses begin at 0. Throws std::invalid_argument,
  /// naming both, when the range is empty, wraps or overlaps another.
  void map(uint64_t base, uint64_t size, core::TargetSocket& target, const std::string& target_name);

 private:
  struct Mapping {
    uint64_t base;
    uint64_t size;
    unsigned index;
    std::string name;
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned int transport_dbg(tlm::tlm_generic_payload& payload);
  [[nodiscard]] const Mapping* decode(uint64_t address, uint64_t bytes) const;

  tlm_utils::multi_passthrough_initiator_socket<ControlBus, 32, tlm::tlm_base_protocol_types, 0,
                                                sc_core::SC_ZERO_OR_MORE_BOUND>
      banks_{"banks"};
  sc_core::sc_time read_latency_;
  sc_core::sc_time write_latency_;
  std::vector<Mapping> mappings_;  // sorted by base
};

}  // namespace vesper::cpu
