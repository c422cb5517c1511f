/// A DMA engine behind an AXI memory port of programmable logic.
///
/// Models      2-D strided transfers cut into bursts at the port's burst length and at 4 KiB; one request a
///             cycle at most; a limited number of bursts outstanding; a data channel of the port's width that
///             carries a beat a cycle. A read burst is done when its last beat has come through the data
///             channel; a write burst is sent when its last beat has left, and done when it is answered.
/// Data        a transfer with `data` carries its bytes in its bursts; without, bursts move time and
///             addresses.
/// Timing      edges of the port's clock; memory answers when it answers. AXI4 channel rules (AMBA AXI, A3,
///             A5).
/// Errors      a burst answered with an error ends the simulation with a message that names all there is to
///             know, or, with `on_error` abandon, the transfer: no further burst is requested, those under
///             way are waited for, and the transfer is done, failed(). What its data then hold is undefined.
/// Latency     of a burst is from its request until it is done; what the port takes after the answer is
///             `port`.
/// Leaves out  reordering between read bursts of one port; byte enables.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <systemc>

#include "models/core/clock_domain.h"
#include "models/core/environment.h"
#include "models/core/payload_pool.h"
#include "platform/property/schema.h"

namespace vesper::dma {

struct AxiPort {
  uint32_t width_bits = 512;
  uint32_t burst_beats = 64;
  uint32_t outstanding_reads = 16;   // Vitis HLS default of m_axi num_read_outstanding (UG1399)
  uint32_t outstanding_writes = 16;  // Vitis HLS default of m_axi num_write_outstanding (UG1399)
  static void describe(Schema<AxiPort>& p);
  [[nodiscard]] uint32_t width_bytes() const { return width_bits / 8; }
  [[nodiscard]] uint32_t burst_bytes() const;
};

/// What an error response does.
enum class OnError : uint8_t { stop, abandon };
inline EnumNames<OnError> enum_names(OnError) {
  return {{OnError::stop, "stop"}, {OnError::abandon, "abandon"}};
}

/// `rows` rows of `row_bytes`, `stride` bytes from one to the next; on the near side, if there is one, they
/// lie without gaps from `data` on.
struct Descriptor {
  uint64_t address = 0;
  uint32_t row_bytes = 0;
  uint32_t rows = 0;
  uint64_t stride = 0;
  bool write = false;
  unsigned char* data = nullptr;
  [[nodiscard]] uint64_t bytes() const { return uint64_t{row_bytes} * rows; }
};

class DmaEngine : public sc_core::sc_module {
 public:
  /// `done` is called at the clock edge at which the last burst of a transfer is done.
  DmaEngine(sc_core::sc_module_name name, const AxiPort& port, Frequency clock,
            const core::Environment& environment, std::function<void()> done);

  tlm_utils::simple_initiator_socket_optional<DmaEngine> socket{"socket"};

  /// Starts a transfer `setup` cycles from the first edge at or after now. The engine must be idle.
  void start(const Descriptor& descriptor, const core::JobTag& tag, core::Cycles setup);
  [[nodiscard]] bool busy() const { return busy_; }
  /// Back door: moves bytes in no time; false where memory does not answer for all of them.
  bool move_now(bool write, uint64_t address, unsigned char* data, uint32_t bytes);
  void set_on_error(OnError reaction) { on_error_ = reaction; }
  /// The transfer that was started last met an error.
  [[nodiscard]] bool failed() const { return failed_; }
  /// Bursts answered with an error so far.
  [[nodiscard]] uint64_t errors() const { return errors_; }
  /// The port's id for observers.
  [[nodiscard]] uint16_t observed_port() const { return observed_port_; }
  [[nodiscard]] std::string waiting_for() const;

 private:
  struct Burst {
    uint64_t address;
    uint32_t bytes;
    uint64_t position;  ///< of its first byte within the transfer
  };
  struct Completion {
    core::Cycles at;
    tlm::tlm_generic_payload* payload;  ///< kept until then
  };

  void advance();
  void retire(core::Cycles now);
  void issue(core::Cycles now);
  void send(const Burst& burst);
  [[nodiscard]] Burst peek() const;
  void step_past(const Burst& burst);
  void wake_at(core::Cycles cycle);
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  void answered(tlm::tlm_generic_payload& payload);
  void give_up(tlm::tlm_generic_payload& payload);
  /// Beats that bytes at an address touch: the first and the last may be partly used (AXI4, A3.4.1).
  [[nodiscard]] core::Cycles beats(uint64_t address, uint32_t bytes) const {
    return (address + bytes - 1) / width_ - address / width_ + 1;
  }

  AxiPort port_;
  uint32_t width_;
  uint32_t burst_bytes_;
  core::ClockDomain clock_;
  observe::ObserverHub& observers_;
  uint16_t observed_port_;
  std::vector<std::string> requesters_;
  std::function<void()> done_;
  core::PayloadPool pool_;
  sc_core::sc_event wake_;

  Descriptor descriptor_;
  core::JobTag tag_;
  OnError on_error_ = OnError::stop;
  bool busy_ = false;
  bool failed_ = false;
  uint64_t errors_ = 0;
  uint32_t row_ = 0;  // next burst: row and offset within it
  uint32_t offset_ = 0;
  uint64_t unissued_ = 0;                              // bytes
  uint64_t unanswered_ = 0;                            // bytes
  uint32_t in_flight_ = 0;                             // bursts
  const tlm::tlm_generic_payload* blocked_ = nullptr;  // the request that waits for END_REQ
  core::Cycles next_issue_ = 0;
  core::Cycles channel_free_ = 0;
  bool write_in_channel_ = false;  // the next write burst's beats are on their way until next_issue_
  std::deque<Completion> completions_;
};

}  // namespace vesper::dma
