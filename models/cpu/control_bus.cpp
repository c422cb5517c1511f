#include "models/cpu/control_bus.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace vesper::cpu {

VESPER_IP(ControlBus, "control_bus", "routes CPU accesses to memory-mapped registers");

void ControlBus::Properties::describe(Schema<Properties>& p) {
  p("read_latency", &Properties::read_latency, "time a register read takes");
  p("write_latency", &Properties::write_latency, "time a posted register write takes");
}

ControlBus::ControlBus(sc_core::sc_module_name name, const Properties& properties, const core::Environment&)
    : Ip(name),
      read_latency_(core::to_time(properties.read_latency.ps)),
      write_latency_(core::to_time(properties.write_latency.ps)) {
  cpu.register_b_transport(this, &ControlBus::b_transport);
  cpu.register_transport_dbg(this, &ControlBus::transport_dbg);
  expose("cpu", cpu);
}

void ControlBus::map(uint64_t base, uint64_t size, core::TargetSocket& target,
                     const std::string& target_name) {
  if (size == 0 || base + size - 1 < base) {
    throw std::invalid_argument(
        fmt::format("{}: {} at {:#x} takes {:#x} bytes", name(), target_name, base, size));
  }
  auto above = std::ranges::upper_bound(mappings_, base, {}, &Mapping::base);
  const Mapping* clash = nullptr;
  if (above != mappings_.end() && above->base - base < size) clash = &*above;
  if (above != mappings_.begin() && base - std::prev(above)->base < std::prev(above)->size)
    clash = &*std::prev(above);
  if (clash != nullptr) {
    throw std::invalid_argument(fmt::format("{}: {} at {:#x}..{:#x} overlaps {} at {:#x}..{:#x}", name(),
                                            target_name, base, base + (size - 1), clash->name, clash->base,
                                            clash->base + (clash->size - 1)));
  }
  auto index = static_cast<unsigned>(mappings_.size());
  mappings_.insert(above, {base, size, index, target_name});
  banks_.bind(target);
}

const ControlBus::Mapping* ControlBus::decode(uint64_t address, uint64_t bytes) const {
  auto above = std::ranges::upper_bound(mappings_, address, {}, &Mapping::base);
  if (above == mappings_.begin()) return nullptr;
  const Mapping& mapping = *std::prev(above);
  uint64_t offset = address - mapping.base;
  return offset < mapping.size && bytes <= mapping.size - offset ? &mapping : nullptr;
}

void ControlBus::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  delay += payload.is_read() ? read_latency_ : write_latency_;
  if (delay != sc_core::SC_ZERO_TIME) wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  uint64_t address = payload.get_address();
  const Mapping* mapping = decode(address, payload.get_data_length());
  if (mapping == nullptr) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  payload.set_address(address - mapping->base);
  banks_[static_cast<int>(mapping->index)]->b_transport(payload, delay);
  payload.set_address(address);
}

unsigned int ControlBus::transport_dbg(tlm::tlm_generic_payload& payload) {
  uint64_t address = payload.get_address();
  const Mapping* mapping = decode(address, payload.get_data_length());
  if (mapping == nullptr) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return 0;
  }
  payload.set_address(address - mapping->base);
  unsigned int done = banks_[static_cast<int>(mapping->index)]->transport_dbg(payload);
  payload.set_address(address);
  return done;
}

}  // namespace vesper::cpu
