/// Sending and receiving of StreamPackets (models/pl/stream.h).
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>

#include "models/pl/stream.h"

namespace vesper::spatial {

/// The packet of a payload that came through a stream socket; throws std::logic_error when it has none.
inline pl::StreamPacket& packet_of(tlm::tlm_generic_payload& payload) {
  auto* packet = payload.get_extension<pl::StreamPacket>();
  if (packet == nullptr) throw std::logic_error("a payload without a StreamPacket");
  return *packet;
}

/// A payload with its packet, used again and again.
class StreamCall {
 public:
  StreamCall() { payload_.set_extension(&packet); }
  ~StreamCall() { payload_.clear_extension(&packet); }
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  pl::StreamPacket packet;

  template <class Socket>
  void write(Socket& socket, std::span<std::byte> data = {}, uint64_t address = 0) {
    transport(socket, tlm::TLM_WRITE_COMMAND, address, data);
  }
  template <class Socket>
  void read(Socket& socket, std::span<std::byte> data, uint64_t address = 0) {
    transport(socket, tlm::TLM_READ_COMMAND, address, data);
  }
  [[nodiscard]] bool is_ok() const { return payload_.is_response_ok(); }

 private:
  template <class Socket>
  void transport(Socket& socket, tlm::tlm_command command, uint64_t address, std::span<std::byte> data) {
    payload_.set_command(command);
    payload_.set_address(address);
    payload_.set_data_ptr(reinterpret_cast<unsigned char*>(data.data()));
    payload_.set_data_length(static_cast<unsigned>(data.size()));
    payload_.set_streaming_width(static_cast<unsigned>(data.size()));
    payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload_, delay);
  }

  tlm::tlm_generic_payload payload_;
};

}  // namespace vesper::spatial
