/// A DRAM controller of one channel, without SystemC: requests in, times of their completion out.
///
/// Models      NSU ports with in-order request queues, a policy (class derived from Controller, chosen by
///             name) that admits and orders bursts, the constraints of the part (Device), refresh, and the
///             accounting of every clock waited.
/// Timing      in DRAM clocks, event-driven: a policy jumps to the next clock at which it can act, and all
///             that it does up to a given clock is one call of advance(). Nothing runs per clock, nothing is
///             allocated per burst, and idle time costs nothing.
/// Leaves out  controller, PHY and clock-crossing latency before and behind (see DdrController), data.
///
/// Use: submit() requests in order of time; advance(t) does everything before clock t; take_completed() hands
/// out completions; next_completion() bounds from below when the next one can be.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/ddr/accounting.h"
#include "models/ddr/address_map.h"
#include "models/ddr/bank_queues.h"
#include "models/ddr/burst_table.h"
#include "models/ddr/command_log.h"
#include "models/ddr/device.h"
#include "models/ddr/refresher.h"
#include "models/ddr/ring.h"

namespace vesper::ddr {

/// What happens to a row after its last queued hit: `open` keeps it until another row is needed, `closed`
/// closes it at once, `adaptive` closes it at once if another row of the bank is waited for (gem5's
/// open_adaptive).
enum class PagePolicy : uint8_t { open, closed, adaptive };
EnumNames<PagePolicy> enum_names(PagePolicy);

/// What a controller is made of; each policy's header comment says which of these it uses.
struct ControllerSettings {
  std::string policy = "versal";
  std::string map = "16R-2B-1BG-7C-1BG-3C";  ///< PG313's default for DDR4
  PagePolicy page = PagePolicy::open;
  static constexpr uint32_t kMaxPorts = 16;
  uint32_t ports = 4;        ///< NSU ports of a DDRMC (PG313)
  uint32_t outstanding = 0;  ///< bursts accepted and not answered; 0: as many as the queues hold
  uint32_t read_queue = 32;
  uint32_t write_queue = 32;
  uint32_t bank_queue = 8;  ///< entries a bank
  uint32_t row_hit_cap =
      0;  ///< hits a row serves while the bank's oldest entry waits for another; 0: the policy's own
  uint32_t write_high = 24;      ///< queued writes at which the bus turns to them
  uint32_t write_low = 8;        ///< and at which it turns back
  uint32_t response_clocks = 0;  ///< a read holds its buffer entry so much longer than its data take
  uint32_t grant_bursts = 4;     ///< bursts a port sends before another is considered
  uint32_t starvation = 256;     ///< clocks after which a waiting port goes before more urgent ones

  static void describe(Schema<ControllerSettings>& p);
};

struct Request {
  uint64_t address = 0;
  uint32_t bytes = 0;
  uint32_t port = 0;
  uint32_t task = 0;
  uint8_t urgency = 0;  ///< QoS class, 0 the most urgent
  bool write = false;
  uint64_t cookie = 0;  ///< the caller's own
};

/// An answered request: a read's last data are there, a write is accepted (it is posted).
struct Completed {
  Clock clock = 0;
  Clock arrival = 0;
  Clock accepted = 0;  ///< its first burst was accepted
  Request request;
  const Breakdown* parts = nullptr;  ///< where clock - arrival went; valid until the next call
};

class Controller {
 public:
  Controller(const Part& part, const ControllerSettings& settings);
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;
  virtual ~Controller() = default;

  /// A request reaches its port; `arrival` is not before the clock last given to advance(), and not before
  /// that of the port's last request.
  void submit(const Request& request, Clock arrival);
  /// Does all that happens before clock `before`.
  void advance(Clock before);
  /// A clock before which no completion can be that is not known yet; kNever when nothing is under way.
  [[nodiscard]] Clock next_completion() const;
  /// The clock of the first known completion, or kNever.
  [[nodiscard]] Clock first_known() const { return known_.empty() ? kNever : known_.front().clock; }
  /// The first known completion, if it is before clock `before`.
  bool take_completed(Clock before, Completed& out);

  /// Requests of a port that are not wholly accepted.
  [[nodiscard]] size_t queued(uint32_t port) const { return ports_[port].requests.size(); }
  /// Their bytes.
  [[nodiscard]] uint64_t queued_bytes(uint32_t port) const { return ports_[port].bytes; }
  [[nodiscard]] bool writes_under_way() const { return active_writes_ != 0; }
  /// Requests not answered.
  [[nodiscard]] size_t requests_under_way() const { return active_.size() + known_.size(); }
  [[nodiscard]] const Part& part() const { return part_; }
  [[nodiscard]] const AddressMap& map() const { return map_; }
  [[nodiscard]] const Accounting& accounting() const { return accounting_; }
  [[nodiscard]] uint64_t refreshes() const { return refresher_.count(); }
  [[nodiscard]] uint64_t commands() const { return commands_; }
  void set_log(CommandLog* log) { log_ = log; }

 protected:
  /// Does all that happens before `before`; the policy's part of advance().
  virtual void run(Clock before) = 0;
  /// A request reached a port at or after the clock reached.
  virtual void arrived(Clock arrival) = 0;

  /// The next port to take a burst from at `clock` among those whose head fits, or kNoPort.
  static constexpr uint32_t kNoPort = UINT32_MAX;
  [[nodiscard]] uint32_t choose_port(Clock clock, bool read_room, bool write_room);
  /// From when a burst may be taken, not before `from`.
  [[nodiscard]] Clock next_acceptance(Clock from, bool read_room, bool write_room) const;
  /// Takes the next burst of the port's first request at `clock`. Returns it, or kNoBurst if it joined one
  /// held or was answered from a held write, a clock later. Writes are posted: answered a clock later, too.
  /// With `keeps_order_`, reads join none, and one that finds its data in a held write comes back as
  /// `forwarded`.
  BurstIndex accept(uint32_t port, Clock clock);
  [[nodiscard]] bool head_writes(uint32_t port) const { return head_of(port).request.write; }
  [[nodiscard]] uint64_t head_block(uint32_t port) const { return head_of(port).next_block; }

  /// From when the limit of outstanding bursts lets another in, not before `from`; kNever while that is
  /// unknown.
  [[nodiscard]] Clock outstanding_room(Clock from);

  // Commands, with all that has to follow from them.
  void activate(uint32_t bank, uint32_t row, Clock clock);
  void precharge(uint32_t bank, Clock clock);
  /// The burst's read or write. Reads are to be answered by answer() afterwards; writes are gone.
  void transfer(BurstIndex burst, bool close, Clock clock);
  /// The read's data and those that joined it are complete at `clock`.
  void answer(BurstIndex burst, Clock clock);
  void refresh_step(const Refresher::Step& step);
  [[nodiscard]] bool closes(bool hits_left, bool others_left) const {
    return !hits_left &&
           (settings_.page == PagePolicy::closed || (settings_.page == PagePolicy::adaptive && others_left));
  }

  [[nodiscard]] const ControllerSettings& settings() const { return settings_; }
  [[nodiscard]] bool logging() const { return log_ != nullptr; }

  Part part_;
  ControllerSettings settings_;
  AddressMap map_;
  Device device_;
  Accounting accounting_;
  Refresher refresher_;
  BurstTable bursts_;
  uint64_t ports_waiting_ = 0;  ///< ports with a request
  bool keeps_order_ = false;    ///< the policy answers a port's reads in order

 private:
  struct State {
    Request request;
    uint64_t next_block = 0;
    uint32_t left_to_accept = 0;
    uint32_t left_to_answer = 0;
    uint32_t left_to_serve = 0;  ///< reads whose command was not issued
    uint32_t active_at = 0;      ///< position in active_
    Clock accepted = 0;
    Clock answered = 0;
    Account account;
  };
  struct Port {
    Ring<uint32_t> requests;  ///< those not wholly accepted, the first one in hand
    uint64_t bytes = 0;       ///< of those requests
    Clock granted = 0;        ///< when a burst was last taken
    [[nodiscard]] uint32_t first() const { return requests.front(); }
  };
  struct Known {
    Clock clock;
    uint64_t order;
    uint32_t request;
    bool operator>(const Known& other) const {
      return clock != other.clock ? clock > other.clock : order > other.order;
    }
  };

  [[nodiscard]] const State& head_of(uint32_t port) const { return requests_[ports_[port].first()]; }
  [[nodiscard]] bool fits(uint32_t port, Clock clock, bool read_room, bool write_room) const {
    const State& head = head_of(port);
    return head.account.arrival <= clock && (head.request.write ? write_room : read_room);
  }
  [[nodiscard]] uint32_t new_request();
  void answer_burst(uint32_t index, Clock clock);
  [[nodiscard]] BurstIndex forward(Burst& burst, Clock clock);
  /// A burst answered at acceptance, a clock later.
  void answer_at_once(State& state, uint32_t index, Clock clock);
  void log(CommandKind kind, uint32_t bank, uint32_t row, uint64_t block, Clock clock) {
    ++commands_;
    if (log_ != nullptr) log_->issued({kind, bank, row, block, clock});
  }
  [[nodiscard]] bool writes_about() const { return active_writes_ != 0 || bursts_.writes() != 0; }
  [[nodiscard]] Clock bound_of(const State& state) const;

  std::vector<State> requests_;
  std::vector<uint32_t> free_requests_;
  std::vector<uint32_t> active_;  ///< requests whose completion is not known
  uint32_t active_writes_ = 0;
  std::vector<Known> known_;  ///< heap of completions, earliest first
  std::vector<Port> ports_;
  // Clocks at which outstanding bursts are answered, each in order: those of reads, those answered at once.
  Ring<Clock> read_answers_, quick_answers_;
  uint32_t outstanding_ = 0;
  uint32_t granted_port_ = kNoPort;
  uint32_t grant_left_ = 0;
  Clock reached_ = 0;
  uint64_t completions_ = 0;
  uint64_t commands_ = 0;
  uint32_t handed_out_ = UINT32_MAX;
  CommandLog* log_ = nullptr;
};

// Policies are created by name.

using MakeController = std::unique_ptr<Controller> (*)(const Part&, const ControllerSettings&);

struct PolicyEntry {
  std::string name;
  std::string help;
  MakeController make = nullptr;
};

/// Throws std::invalid_argument with the names there are.
std::unique_ptr<Controller> make_controller(const Part& part, const ControllerSettings& settings);
const std::vector<PolicyEntry>& controller_policies();

struct PolicyRegistration {
  PolicyRegistration(const char* name, const char* help, MakeController make);
};

/// Registers a policy; stands in the policy's file.
#define VESPER_DDR_POLICY(Class, name, help)                                                   \
  static const ::vesper::ddr::PolicyRegistration registration_of_##Class {                     \
    name, help,                                                                                \
        [](const ::vesper::ddr::Part& part,                                                    \
           const ::vesper::ddr::ControllerSettings& settings) -> std::unique_ptr<Controller> { \
          return std::make_unique<Class>(part, settings);                                      \
        }                                                                                      \
  }

}  // namespace vesper::ddr
