#include "models/cpu/debug_access.h"

#include <algorithm>

namespace vesper::cpu {

bool Cpu::DebugAccess::read_register(unsigned number, std::span<std::byte> value) {
  return cpu_.core_->read_register(number, value);
}

bool Cpu::DebugAccess::write_register(unsigned number, std::span<const std::byte> value) {
  return cpu_.core_->write_register(number, value);
}

bool Cpu::DebugAccess::read_memory(uint64_t address, std::span<std::byte> bytes) {
  if (const std::byte* memory = private_memory(address, bytes.size())) {
    std::copy_n(memory, bytes.size(), bytes.begin());
    return true;
  }
  return transport(tlm::TLM_READ_COMMAND, address, bytes.data(), bytes.size());
}

bool Cpu::DebugAccess::write_memory(uint64_t address, std::span<const std::byte> bytes) {
  if (std::byte* memory = private_memory(address, bytes.size())) {
    std::ranges::copy(bytes, memory);
    cpu_.core_->memory_written(address, bytes.size());
    return true;
  }
  std::vector<std::byte> data(bytes.begin(), bytes.end());
  return transport(tlm::TLM_WRITE_COMMAND, address, data.data(), data.size());
}

std::byte* Cpu::DebugAccess::private_memory(uint64_t address, size_t bytes) {
  const uint64_t offset = address - cpu_.properties_.memory_base.value;
  const std::span<std::byte> memory = cpu_.memory();
  return offset < memory.size() && bytes <= memory.size() - offset ? memory.data() + offset : nullptr;
}

bool Cpu::DebugAccess::transport(tlm::tlm_command command, uint64_t address, std::byte* bytes, size_t count) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(bytes));
  payload.set_data_length(static_cast<unsigned>(count));
  payload.set_streaming_width(static_cast<unsigned>(count));
  return cpu_.bus->transport_dbg(payload) == count;
}

void Cpu::DebugAccess::set_breakpoint(uint64_t address, bool set) {
  cpu_.core_->debug_points().set_breakpoint(address, set);
}

void Cpu::DebugAccess::set_watchpoint(const Watchpoint& watchpoint, bool set) {
  cpu_.core_->debug_points().set_watchpoint(watchpoint, set);
}

void Cpu::DebugAccess::step(uint64_t begin, uint64_t end) { cpu_.core_->debug_points().step(begin, end); }

}  // namespace vesper::cpu
