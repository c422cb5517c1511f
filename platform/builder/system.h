/// A scenario as bound and mapped SystemC modules, ready to run. One a process: a SystemC kernel cannot be
/// rebuilt.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/core/environment.h"
#include "platform/builder/delta_watch.h"
#include "platform/builder/lowered_task.h"
#include "platform/scenario/scenario.h"

namespace vesper::core {
class Ip;
struct Guards;
struct RunReport;
}  // namespace vesper::core

namespace vesper::builder {

class System {
 public:
  /// Builds every instance, maps register banks on the control bus, makes the connections, writes programs
  /// into the metadata tables and firmware, boot information and tables of estimates into CPU memory. Throws
  /// InputError when the platform does not fit together. The observers outlive the system.
  System(const scenario::Scenario& scenario, const std::vector<LoweredTask>& tasks,
         observe::ObserverHub& observers);
  ~System();
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  /// Ends the elaboration and runs the first delta cycles of time 0, so that what does not fit together is
  /// found.
  void elaborate();
  /// Runs until the given time (picoseconds) or until a failure. Throws core::SimulationError with its
  /// message.
  void run_until(uint64_t ps);

  /// For the watchdog: what IPs and guarded connections wait for, in order of the platform; whether none
  /// does; and whether nothing is left to happen.
  [[nodiscard]] std::string waiting_for() const;
  [[nodiscard]] bool idle() const;
  [[nodiscard]] bool starved() const;

  /// Whether any IP or the policy comes from a plug-in.
  [[nodiscard]] bool has_plugins() const { return !origins_.empty() || !environment_.policy.plugin.empty(); }

  /// What the IPs counted, in order of the platform.
  [[nodiscard]] core::RunReport report() const;

  using Ips = std::vector<std::pair<std::string, std::unique_ptr<core::Ip>>>;
  /// By name, in order of the platform.
  [[nodiscard]] const Ips& ips() const { return ips_; }
  /// Null when there is none.
  [[nodiscard]] core::Ip* find(const std::string& instance) const;

 private:
  class Assembly;
  void advance(uint64_t by_ps);
  /// " of plug-in libfoo.so", or nothing for an IP of Vesper's own.
  [[nodiscard]] std::string origin_of(const std::string& instance) const;
  /// The failure of a process, by its hierarchical name, with its plug-in if it has one.
  [[nodiscard]] std::string blame(const std::string& process, const std::string& message) const;

  /// " mine of plug-in libfoo.so, ..."
  [[nodiscard]] std::string plugin_instances() const;
  /// What was asked of or by plug-ins and has had no answer for long, each after a semicolon.
  [[nodiscard]] std::string unanswered() const;
  [[noreturn]] void fail_at_one_instant() const;

  core::Environment environment_;
  Ips ips_;
  std::map<std::string, std::string> origins_;  ///< the plug-ins of those instances that come from one
  std::unique_ptr<core::Guards> guards_;
  DeltaWatch deltas_;
};

/// GIC input that an instance's interrupt output is connected to, or none.
std::optional<uint32_t> interrupt_line(const scenario::Scenario& scenario, const std::string& output);

/// Names of all requesters of memory traffic: the tasks, then the traffic generators.
std::vector<std::string> requesters(const scenario::Scenario& scenario);

/// The file that a firmware property names: beside the file `where` it is written, as it stands, or of the
/// firmware that comes with Vesper.
std::string firmware_path(const std::string& name, const Location& where = {});

}  // namespace vesper::builder
