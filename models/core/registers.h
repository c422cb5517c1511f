/// Memory-mapped register banks.
///
/// A peripheral declares its registers as members, each with name, offset, access and reset value, and
/// attaches callbacks in its constructor. Registers are 32 bits wide; a wider access is taken apart in order
/// of address. An unmapped offset answers TLM_ADDRESS_ERROR_RESPONSE, a write to a read-only register or a
/// read of a write-only one TLM_COMMAND_ERROR_RESPONSE, an access that is not whole aligned words
/// TLM_BURST_ERROR_RESPONSE. The debug transport reads all but registers that change when they are read
/// (no bytes), and writes as the bus does. The port takes no time of its own: the bus in front of it does.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <tlm>
#include <vector>

namespace vesper::core {

enum class Access : uint8_t { read_write, read_only, write_only };
constexpr Access read_write = Access::read_write;
constexpr Access read_only = Access::read_only;
constexpr Access write_only = Access::write_only;

class RegisterPort;

/// One register, or `count` alike at consecutive words. The callbacks get the index within the array.
class Register {
 public:
  Register(RegisterPort& port, std::string name, uint64_t offset, Access access, uint32_t reset = 0,
           uint32_t count = 1);

  /// Called for the value of a read; without it the stored value is read.
  Register& on_read(std::function<uint32_t(uint32_t index)> read) {
    read_ = std::move(read);
    return *this;
  }
  /// Reading it changes something: the debug transport does not read it.
  Register& changes_on_read() {
    changes_on_read_ = true;
    return *this;
  }
  /// Called after a write has been stored.
  Register& on_write(std::function<void(uint32_t value, uint32_t index)> write) {
    write_ = std::move(write);
    return *this;
  }

  [[nodiscard]] uint32_t value(uint32_t index = 0) const { return values_[index]; }
  void set(uint32_t value, uint32_t index = 0) { values_[index] = value; }
  void reset();
  /// What a read would give, without its consequences: as stored where reading changes something.
  [[nodiscard]] uint32_t peek(uint32_t index = 0) const {
    return read_ && !changes_on_read_ ? read_(index) : values_[index];
  }
  [[nodiscard]] uint32_t reset_value() const { return reset_; }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] uint64_t offset() const { return offset_; }
  [[nodiscard]] uint32_t count() const { return static_cast<uint32_t>(values_.size()); }

 private:
  friend class RegisterPort;
  std::string name_;
  uint64_t offset_;
  Access access_;
  uint32_t reset_;
  std::vector<uint32_t> values_;
  bool changes_on_read_ = false;
  std::function<uint32_t(uint32_t)> read_;
  std::function<void(uint32_t, uint32_t)> write_;
};

class RegisterPort {
 public:
  /// `size`: bytes of address space the bank takes.
  RegisterPort(const char* name, uint64_t size);

  tlm_utils::simple_target_socket_optional<RegisterPort> socket;

  [[nodiscard]] uint64_t size() const { return size_; }
  [[nodiscard]] std::span<Register* const> registers() const { return registers_; }

  /// A window of plain memory in the bank; `on_write(first byte, bytes)` is told of every write.
  void window(uint64_t offset, std::span<unsigned char> memory,
              std::function<void(uint64_t offset, uint64_t bytes)> on_write = {});
  void reset();
  /// Back door for the platform: writes as the bus would, in no time. Throws std::out_of_range where nothing
  /// is.
  void load(uint64_t offset, const void* data, size_t bytes);

 private:
  friend class Register;
  struct Window {
    uint64_t offset;
    std::span<unsigned char> memory;
    std::function<void(uint64_t, uint64_t)> on_write;
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned int transport_dbg(tlm::tlm_generic_payload& payload);
  [[nodiscard]] bool reading_changes(const tlm::tlm_generic_payload& payload) const;
  tlm::tlm_response_status access(tlm::tlm_generic_payload& payload);
  tlm::tlm_response_status access_window(Window& window, tlm::tlm_generic_payload& payload);
  tlm::tlm_response_status access_word(bool write, uint64_t address, unsigned char* data);

  uint64_t size_;
  std::vector<Register*> by_word_;  // register at each word below the highest one declared
  std::vector<Register*> registers_;
  std::vector<Window> windows_;
};

}  // namespace vesper::core
