/// A scenario as bound and mapped SystemC modules, ready to run. One a process: a SystemC kernel cannot be
/// rebuilt.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/core/environment.h"
#include "platform/builder/lowered_task.h"
#include "platform/scenario/scenario.h"

namespace vesper::core {
class Ip;
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
  core::Environment environment_;
  Ips ips_;
};

/// GIC input that an instance's interrupt output is connected to, or none.
std::optional<uint32_t> interrupt_line(const scenario::Scenario& scenario, const std::string& output);

/// Names of all requesters of memory traffic: the tasks, then the traffic generators.
std::vector<std::string> requesters(const scenario::Scenario& scenario);

/// The file that a firmware property names: as it stands, or in the folder of the built firmware.
std::string firmware_path(const std::string& name);

}  // namespace vesper::builder
