/// What NMUs and NSUs share: a place on the network and packets that arrive there.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <systemc>
#include <tlm>

#include "models/noc/timeline.h"
#include "models/noc/topology.h"

namespace vesper::noc {

class Noc;

inline constexpr uint32_t kChopBytes = 256;  // AMD PG313: transfers are chopped at 256 B
inline constexpr uint32_t kFlitBytes = 16;   // AMD PG313: 128-bit links

/// A part of a payload that travels as one packet and reaches the target as a payload of its own.
struct Chunk {
  tlm::tlm_generic_payload* payload = nullptr;
  uint32_t transaction = 0;
  EndpointId nmu = 0;
  EndpointId nsu = 0;
  uint16_t bytes = 0;
  uint16_t task = 0;
  bool write = false;
  bool last = false;     ///< its answer is the last one of its payload to be sent
  uint8_t channels = 0;  ///< virtual channels of its request and its response
  uint8_t channel = 0;   ///< virtual channel on which the request reached the NSU
  enum class Stage : uint8_t { request, nsu, target, answer_kept, answer };
  Stage stage = Stage::request;
  bool abandoned = false;  ///< its payload was answered without it
  Timeline time;

  /// AMD PG313, Packetization Overhead: a write has a header flit, a read response has none.
  [[nodiscard]] uint16_t request_flits() const { return static_cast<uint16_t>(write ? 1 + data_flits() : 1); }
  [[nodiscard]] uint16_t response_flits() const { return static_cast<uint16_t>(write ? 1 : data_flits()); }

 private:
  [[nodiscard]] uint32_t data_flits() const { return (bytes + kFlitBytes - 1) / kFlitBytes; }
};

class Unit : public sc_core::sc_module {
 public:
  Unit(sc_core::sc_module_name module_name, Noc& noc, std::string endpoint)
      : sc_module(module_name), noc_(noc), endpoint_(std::move(endpoint)) {}

  /// A packet that belongs to chunk `chunk` arrived in cycle Noc::cycle(), or a wake-up the unit asked for
  /// (kWakeUp). Done in the order of cycles but maybe later than at their time: concerns the network alone.
  virtual void handle(uint32_t /*chunk*/) {}
  /// The same at its time, for what concerns the initiator or target at the socket.
  virtual void meet(uint32_t chunk) = 0;
  [[nodiscard]] virtual bool idle() const = 0;

  static constexpr uint32_t kWakeUp = std::numeric_limits<uint32_t>::max();
  static constexpr uint32_t kTimer = kWakeUp - 1;
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  [[nodiscard]] EndpointId id() const { return id_; }
  void set_id(EndpointId id) { id_ = id; }

 protected:
  Noc& noc_;

 private:
  std::string endpoint_;
  EndpointId id_ = 0;
};

}  // namespace vesper::noc
