#include "models/core/registers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace vesper::core {

Register::Register(RegisterPort& port, std::string name, uint64_t offset, Access access, uint32_t reset,
                   uint32_t count)
    : name_(std::move(name)), offset_(offset), access_(access), reset_(reset), values_(count, reset) {
  size_t first = offset / 4;
  if (offset % 4 != 0 || offset + 4ULL * count > port.size_) {
    throw std::logic_error(fmt::format("register {} at {:#x} is outside its bank", name_, offset));
  }
  if (port.by_word_.size() < first + count) port.by_word_.resize(first + count, nullptr);
  for (size_t word = first; word < first + count; ++word) {
    if (port.by_word_[word] != nullptr) {
      throw std::logic_error(fmt::format("registers {} and {} overlap", name_, port.by_word_[word]->name()));
    }
    port.by_word_[word] = this;
  }
  port.registers_.push_back(this);
}

void Register::reset() { std::ranges::fill(values_, reset_); }

RegisterPort::RegisterPort(const char* name, uint64_t size) : socket(name), size_(size) {
  socket.register_b_transport(this, &RegisterPort::b_transport);
  socket.register_transport_dbg(this, &RegisterPort::transport_dbg);
}

void RegisterPort::window(uint64_t offset, std::span<unsigned char> memory,
                          std::function<void(uint64_t, uint64_t)> on_write) {
  windows_.push_back({offset, memory, std::move(on_write)});
}

void RegisterPort::reset() {
  for (Register* bank_register : registers_) bank_register->reset();
}

void RegisterPort::load(uint64_t offset, const void* data, size_t bytes) {
  std::vector<unsigned char> copy(bytes);
  std::memcpy(copy.data(), data, bytes);
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  payload.set_address(offset);
  payload.set_data_ptr(copy.data());
  payload.set_data_length(static_cast<unsigned int>(bytes));
  if (access(payload) != tlm::TLM_OK_RESPONSE) {
    throw std::out_of_range(fmt::format("{} bytes at offset {:#x} of {}", bytes, offset, socket.name()));
  }
}

void RegisterPort::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
  payload.set_response_status(access(payload));
}

unsigned int RegisterPort::transport_dbg(tlm::tlm_generic_payload& payload) {
  const tlm::tlm_response_status status =
      reading_changes(payload) ? tlm::TLM_COMMAND_ERROR_RESPONSE : access(payload);
  payload.set_response_status(status);
  return status == tlm::TLM_OK_RESPONSE ? payload.get_data_length() : 0;
}

bool RegisterPort::reading_changes(const tlm::tlm_generic_payload& payload) const {
  if (!payload.is_read()) return false;
  return std::ranges::any_of(registers_, [&](const Register* one) {
    const bool overlaps = one->offset_ < payload.get_address() + payload.get_data_length() &&
                          payload.get_address() < one->offset_ + 4 * one->values_.size();
    return one->changes_on_read_ && overlaps;
  });
}

tlm::tlm_response_status RegisterPort::access(tlm::tlm_generic_payload& payload) {
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_OK_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  uint64_t address = payload.get_address();
  for (Window& candidate : windows_) {
    if (address >= candidate.offset && address < candidate.offset + candidate.memory.size()) {
      return access_window(candidate, payload);
    }
  }
  if (address % 4 != 0 || payload.get_data_length() % 4 != 0) return tlm::TLM_BURST_ERROR_RESPONSE;
  for (uint32_t done = 0; done < payload.get_data_length(); done += 4) {
    tlm::tlm_response_status status =
        access_word(payload.is_write(), address + done, payload.get_data_ptr() + done);
    if (status != tlm::TLM_OK_RESPONSE) return status;
  }
  return tlm::TLM_OK_RESPONSE;
}

tlm::tlm_response_status RegisterPort::access_window(Window& window, tlm::tlm_generic_payload& payload) {
  uint64_t first = payload.get_address() - window.offset;
  uint64_t bytes = payload.get_data_length();
  if (bytes > window.memory.size() - first) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (payload.is_read()) {
    std::memcpy(payload.get_data_ptr(), window.memory.data() + first, bytes);
  } else {
    std::memcpy(window.memory.data() + first, payload.get_data_ptr(), bytes);
    if (window.on_write) window.on_write(first, bytes);
  }
  return tlm::TLM_OK_RESPONSE;
}

tlm::tlm_response_status RegisterPort::access_word(bool write, uint64_t address, unsigned char* data) {
  size_t word = address / 4;
  Register* target = word < by_word_.size() ? by_word_[word] : nullptr;
  if (target == nullptr) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  auto index = static_cast<uint32_t>((address - target->offset_) / 4);
  uint32_t value = 0;
  if (write) {
    if (target->access_ == read_only) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    std::memcpy(&value, data, sizeof value);
    target->values_[index] = value;
    if (target->write_) target->write_(value, index);
  } else {
    if (target->access_ == write_only) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    value = target->read_ ? target->read_(index) : target->values_[index];
    std::memcpy(data, &value, sizeof value);
  }
  return tlm::TLM_OK_RESPONSE;
}

}  // namespace vesper::core
