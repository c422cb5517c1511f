/// The base of every IP: a SystemC module whose sockets and lines can be found by name, so that a platform is
/// wholly described by its configuration.
///
///     class Uart : public Ip {
///      public:
///       struct Properties { ...; static void describe(Schema<Properties>&); };
///       Uart(sc_core::sc_module_name name, const Properties& properties, const Environment& environment);
///       RegisterPort regs{"regs", 0x1000};
///       InterruptOut interrupt{"interrupt"};
///     };
///     VESPER_IP(Uart, "uart", "PL011-like serial port");    // in the .cpp
///
/// The constructor exposes its endpoints: `expose(regs)`, `expose("interrupt", interrupt)`, ...
#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <systemc>
#include <tlm>
#include <variant>
#include <vector>

#include "models/core/environment.h"
#include "models/core/interrupt.h"
#include "models/core/registers.h"
#include "models/core/registry.h"

namespace vesper::core {

struct RunReport;

using TargetSocket = tlm::tlm_base_target_socket_b<32>;

/// An initiator socket of any kind: binding is all that a builder does with it.
struct InitiatorEndpoint {
  std::function<void(TargetSocket&)> bind;
};
struct TargetEndpoint {
  TargetSocket* socket = nullptr;
};
/// What a connection can end at.
using Endpoint = std::variant<InitiatorEndpoint, TargetEndpoint, InterruptOut*, InterruptIn*>;

class Ip : public sc_core::sc_module {
 public:
  /// The endpoint called `name`; throws std::out_of_range with the names there are. Override where endpoints
  /// are numbered (`gic.32`, `noc.pl.3`).
  virtual Endpoint endpoint(std::string_view name);
  /// Names of the exposed endpoints, for references and errors.
  [[nodiscard]] virtual std::vector<std::string> endpoint_names() const;
  /// The register bank that the builder maps at the instance's `base`, or null.
  [[nodiscard]] RegisterPort* register_bank() const { return bank_; }
  /// Called once all connections are made, before simulation starts.
  virtual void connected() {}
  /// Adds what this IP counted to the report of a run.
  virtual void report(RunReport& /*report*/) const {}
  /// For a watchdog's report: what this IP is waiting for, or empty when it is idle.
  [[nodiscard]] virtual std::string waiting_for() const { return ""; }
  /// Whether it waits for nothing that has to come.
  [[nodiscard]] virtual bool idle() const { return waiting_for().empty(); }
  /// For a report of all states: what neither registers nor signals tell of this IP, or empty.
  [[nodiscard]] virtual std::string state() const { return ""; }

 protected:
  explicit Ip(sc_core::sc_module_name name) : sc_module(name) {}

  void expose(RegisterPort& bank);
  void expose(const std::string& name, InterruptOut& line) { endpoints_[name] = &line; }
  void expose(const std::string& name, InterruptIn& line) { endpoints_[name] = &line; }
  void expose(const std::string& name, TargetSocket& socket) { endpoints_[name] = TargetEndpoint{&socket}; }
  template <class Socket>
  requires(!std::derived_from<Socket, TargetSocket>) void expose(const std::string& name, Socket& socket) {
    endpoints_[name] = InitiatorEndpoint{[&socket](TargetSocket& target) { socket.bind(target); }};
  }

 private:
  std::map<std::string, Endpoint, std::less<>> endpoints_;
  RegisterPort* bank_ = nullptr;
};

/// Joins two endpoints, in either order: initiator to target, interrupt output to input. Throws
/// std::invalid_argument with a message when they do not fit.
void connect(const Endpoint& a, const Endpoint& b);

/// Simulated time as the platform's integer picoseconds.
inline uint64_t now_ps() { return sc_core::sc_time_stamp().value(); }
/// A picosecond count as SystemC time.
inline sc_core::sc_time to_time(uint64_t ps) { return sc_core::sc_time::from_value(ps); }

}  // namespace vesper::core
