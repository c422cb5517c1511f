/// DDR memory controller: a channel of DRAM behind NSU ports.
///
/// Models      four target ports (`port.0` ... `port.3`) with bounded request buffers; the core controller of
///             `controller.h` (policies `versal` and `frfcfs-drain`, address maps, page policies,
///             bank-accurate timing, refresh); controller pipeline, PHY and clock crossing as latencies
///             before and behind it.
/// Protocol    TLM-2.0 approximately timed: BEGIN_REQ is answered END_REQ at once while the port's buffer has
///             room, else when it has at one of the controller's next wake-ups; BEGIN_RESP comes at the exact
///             time of the last byte (read) or of acceptance (posted write). b_transport is a request like
///             any other and waits until it is answered. Beyond the capacity: TLM_ADDRESS_ERROR_RESPONSE.
/// Timing      a request enters the core `crossing_cycles + request_cycles` controller clocks (half the DRAM
///             clock) after BEGIN_REQ; read data leave `phy_clocks` DRAM clocks, `response_cycles` and
///             `crossing_cycles` after they left the DRAM, write answers `crossing_cycles` after acceptance.
///             In between, exact DRAM clocks. Idle read of a closed bank with the defaults: 16.25 + 30 +
///             13.75 + 10 + 3.75 = 73.75 ns, posted write 20.6 ns; with the NoC's 32 to 40 ns, 106-114 and
///             53-61 ns. AMD reports 100-120 and 50-60 ns for reads and writes seen from PL (Vivado design
///             tutorial 04, simulation).
/// Cost        one process, one event: woken for responses, and never while nothing is under way. Requests
///             reach the core only after their pipeline, so that the core may work ahead by that much.
/// Data        move only if `storage` is set or an accelerator is functional, and only of payloads that carry
///             some (PayloadPool): written when a request is taken, read when it is answered; and through
///             b_transport and transport_dbg (back door).
/// Errors      `faults` and `error_rate` make words read wrong (faults.h). With `ecc` a word with one
///             wrong bit is corrected, at no cost of its own: each read takes `ecc_clocks` longer, wrong
///             or not. One with two is answered TLM_GENERIC_ERROR_RESPONSE, when its data would have
///             come. Without `ecc` the wrong word is passed on, in its data where data move, and counts
///             as undetected. transport_dbg reads what was written.
/// Latency     a payload's core::Latency gets door (BEGIN_REQ to END_REQ), the parts of accounting.h, and as
///             service also the way in and out and all rounding; links, should the answer have waited for
///             the END_RESP of the one before. They sum to BEGIN_REQ to BEGIN_RESP, to the picosecond.
/// Leaves out  DMI, byte enables (refused); with ECC, that partial writes read and merge first (PG353).
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <queue>

#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "models/core/job_tag.h"
#include "models/core/latency.h"
#include "models/ddr/controller.h"
#include "models/ddr/faults.h"
#include "models/ddr/storage.h"
#include "models/ddr/trace.h"

namespace vesper::ddr {

class DdrController : public core::Ip {
 public:
  struct Properties {
    Part part;
    ControllerSettings controller;
    // AMD publishes the sum (see Timing), not how it is divided; the division below is an assumption: three
    // cycles for a two-flop synchroniser and its FIFO, ten and eight stages each way, PHY write and read
    // paths.
    uint32_t crossing_cycles = 3;
    uint32_t request_cycles = 10;
    uint32_t response_cycles = 8;
    uint32_t phy_clocks = 22;
    uint32_t port_packets = 32;  // PG313: an NSU holds 32 reads and 32 writes ...
    Bytes port_bytes = KiB(8);   // ... of at most 256 B
    Address first_address{0};
    bool storage = false;
    bool ecc = false;
    // AMD PG353 (soft controller of the same family): four DRAM clocks on every read, "whether errors are
    // detected/corrected or not"; PG313 states none for the hard one.
    uint32_t ecc_clocks = 4;
    std::vector<Fault> faults = {};
    ErrorRates error_rate = {};
    static void describe(Schema<Properties>& p);
  };

  DdrController(sc_core::sc_module_name name, const Properties& properties,
                const core::Environment& environment);

  /// Accounting, maps and counters.
  [[nodiscard]] const Controller& core() const { return *core_; }
  void report(core::RunReport& report) const override;
  [[nodiscard]] std::string waiting_for() const override;

 private:
  using Socket = tlm_utils::simple_target_socket_tagged<DdrController>;

  /// A request that is under way.
  struct Flight {
    tlm::tlm_generic_payload* payload = nullptr;
    sc_core::sc_event* done = nullptr;  ///< of a b_transport call
    uint64_t began = 0;                 ///< END_REQ
    uint64_t door = 0;                  ///< picoseconds from BEGIN_REQ to END_REQ
    uint64_t due = 0;                   ///< when the answer is there
    uint32_t port = 0;
    bool failed = false;
  };
  struct ErrorCounts {
    uint64_t corrected = 0;
    uint64_t uncorrectable = 0;
    uint64_t undetected = 0;
    void add(const ErrorCounts& other) {
      corrected += other.corrected;
      uncorrectable += other.uncorrectable;
      undetected += other.undetected;
    }
  };
  struct Response {
    uint64_t at;
    uint64_t order;
    uint32_t flight;
    bool operator>(const Response& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  struct Port {
    std::unique_ptr<Socket> socket;
    uint16_t observed = 0;                        ///< id for observers
    tlm::tlm_generic_payload* at_door = nullptr;  ///< BEGIN_REQ not yet answered
    uint64_t at_door_since = 0;
    tlm::tlm_generic_payload* answering = nullptr;  ///< BEGIN_RESP not yet answered
    std::deque<uint32_t> to_answer;                 ///< flights behind it
  };

  tlm::tlm_sync_enum forward(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  void blocking(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned debug(int port, tlm::tlm_generic_payload& payload);

  [[nodiscard]] bool decodes(const tlm::tlm_generic_payload& payload) const;
  [[nodiscard]] bool has_room(uint32_t port, const tlm::tlm_generic_payload& payload) const;
  void take_in(uint32_t port, tlm::tlm_generic_payload& payload, uint64_t since, sc_core::sc_event* done);
  [[nodiscard]] uint32_t new_flight();

  void work();  // SC_METHOD on wake_
  void catch_up();
  void collect();
  void account(const Completed& completed, const Flight& flight) const;
  void check(const Completed& completed, Flight& flight);
  void pass_on_wrong(uint32_t flight, tlm::tlm_generic_payload& payload, bool moves);
  void open_doors();
  void schedule();
  void respond(uint32_t flight);
  void send_response(uint32_t port, uint32_t flight);
  void finish(uint32_t flight);
  void copy(tlm::tlm_generic_payload& payload);

  [[nodiscard]] nlohmann::ordered_json task_report(uint32_t task) const;
  [[nodiscard]] static nlohmann::ordered_json json_of(const ErrorCounts& counts);
  [[nodiscard]] uint32_t reported(uint32_t slot) const;
  void report_interference(uint32_t task, core::RunReport& report) const;
  [[nodiscard]] uint64_t picoseconds_of(uint64_t before, uint64_t clocks) const {
    return clocks == 0 ? 0 : clock_.edge(before + clocks) - clock_.edge(before);
  }

  Properties properties_;
  core::ClockDomain clock_;
  std::vector<std::string> requesters_;
  std::unique_ptr<Controller> core_;
  observe::ObserverHub* observers_;
  std::unique_ptr<Trace> trace_;
  Storage storage_;
  std::unique_ptr<Faults> faults_;                    ///< null where nothing can be wrong
  std::vector<ErrorCounts> errors_;                   ///< by requester
  std::map<uint32_t, std::vector<WrongWord>> wrong_;  ///< by flight: words passed on as they are
  uint64_t request_ps_;
  uint64_t read_response_ps_;
  uint64_t write_response_ps_;
  std::vector<Port> ports_;
  std::vector<Flight> flights_;
  std::vector<uint32_t> free_flights_;
  std::priority_queue<Response, std::vector<Response>, std::greater<>> responses_;
  uint64_t order_ = 0;
  uint32_t doors_ = 0;  ///< payloads at a door
  uint64_t wake_at_ = UINT64_MAX;
  sc_core::sc_event wake_{"wake"};
};

}  // namespace vesper::ddr
