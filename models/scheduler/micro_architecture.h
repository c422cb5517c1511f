/// What the control logic of a scheduler block costs: an interface, one implementation a file, registered by
/// name. Turns what a policy's structures did (policy::Work) into cycles. SystemC-free.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/core/clock_domain.h"
#include "schedulers/policy/policy.h"

namespace vesper::scheduler {

/// The cost in cycles of each turn of the block's loop that finds something in its channel. More work never
/// takes fewer cycles.
class MicroArchitecture {
 public:
  MicroArchitecture() = default;
  MicroArchitecture(const MicroArchitecture&) = delete;
  MicroArchitecture& operator=(const MicroArchitecture&) = delete;
  virtual ~MicroArchitecture() = default;

  /// No cost at all: everything that waits in an instant is handled in that instant.
  [[nodiscard]] virtual bool instantaneous() const { return false; }
  /// Jobs that the largest queue holds that can be built so.
  [[nodiscard]] virtual uint16_t most_jobs() const { return policy::kPublishedJobs; }
  /// From reading the feedback to the flag that allows an issue.
  [[nodiscard]] virtual core::Cycles feedback(const policy::Work& work) const = 0;
  /// From reading the FIFO to the job being ready.
  [[nodiscard]] virtual core::Cycles release(const policy::Work& work) const = 0;
  /// From the check of the queue to the instruction; `dequeued`: the job's last region, so that it leaves the
  /// queue.
  [[nodiscard]] virtual core::Cycles issue(const policy::Work& work, bool dequeued) const = 0;
};

struct MicroArchitectureInfo {
  std::string name;
  std::string help;
  std::unique_ptr<MicroArchitecture> (*make)();
};

/// The registered micro-architectures.
std::vector<MicroArchitectureInfo>& micro_architectures();
/// Null when there is none of that name.
const MicroArchitectureInfo* find_micro_architecture(const std::string& name);

struct MicroArchitectureRegistration {
  explicit MicroArchitectureRegistration(MicroArchitectureInfo info) {
    micro_architectures().push_back(std::move(info));
  }
};

/// Registers a micro-architecture under its scenario name; stands in the class's .cpp.
#define VESPER_MICRO_ARCHITECTURE(Class, name, help)                                               \
  static const ::vesper::scheduler::MicroArchitectureRegistration vesper_registration_of_##Class { \
    {                                                                                              \
      name, help, []() -> std::unique_ptr<::vesper::scheduler::MicroArchitecture> {                \
        return std::make_unique<Class>();                                                          \
      }                                                                                            \
    }                                                                                              \
  }

}  // namespace vesper::scheduler
