/// A memory without banks: a latency and a bandwidth, behind the ports of the DDR controller.
///
/// Models      four ports in front of one data bus, first come, first served over all ports.
/// Protocol    approximately timed: END_REQ at once, BEGIN_RESP when the bytes have passed.
/// Timing      a request is answered `latency` after the bus has carried it; the bus carries `bandwidth`.
/// Errors      outside of `size` bytes from `first_address`: TLM_ADDRESS_ERROR_RESPONSE.
/// Leaves out  data, refresh, direction changes, bounded buffers.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <memory>
#include <vector>

#include "models/core/ip.h"

namespace flat_memory {

class FlatMemory : public vesper::core::Ip {
 public:
  struct Properties {
    vesper::Address first_address{0x8'0000'0000};
    vesper::Bytes size = vesper::KiB(8 << 20);
    vesper::Bandwidth bandwidth{25'600'000'000};  // DDR4-3200, 64 bits, all of it
    vesper::Duration latency = vesper::ns(60);
    static void describe(vesper::Schema<Properties>& p);
  };

  FlatMemory(sc_core::sc_module_name name, const Properties& properties, const vesper::core::Environment&);

  [[nodiscard]] std::string waiting_for() const override;

 private:
  using Socket = tlm_utils::simple_target_socket_tagged_optional<FlatMemory>;
  using Payload = tlm::tlm_generic_payload;
  struct Request {
    int port;
    Payload* payload;
    uint64_t due;
  };

  tlm::tlm_sync_enum forward(int port, Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void blocking(int port, Payload& payload, sc_core::sc_time& delay);
  bool check(Payload& payload) const;
  uint64_t carried(uint32_t bytes);
  void answer();

  Properties properties_;
  std::vector<std::unique_ptr<Socket>> ports_;
  std::deque<Request> requests_;
  uint64_t bus_free_ = 0;
  sc_core::sc_event due_{"due"};
};

}  // namespace flat_memory
