/// What the control logic of a scheduler block costs: an interface, one implementation a file, registered by
/// name. Turns what a policy's structures did (policy::Work) into cycles. SystemC-free.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/core/clock_domain.h"
#include "platform/property/schema.h"
#include "schedulers/policy/policy.h"

namespace vesper::scheduler {

/// Cycles that the operators of a compute unit take, for micro-architectures that have one. No published
/// figures: assumed, for half and single precision in programmable logic at 200 MHz.
struct ComputeUnit {
  uint32_t look_up = 1;
  uint32_t convert = 1;
  uint32_t multiply = 3;
  uint32_t add = 3;
  uint32_t compare = 1;
  uint32_t initiation_interval = 1;
  static void describe(Schema<ComputeUnit>& p) {
    p("look_up", &ComputeUnit::look_up, "cycles to read FIFO entry and tables").between(1, 32);
    p("convert", &ComputeUnit::convert, "cycles to subtract times and make the difference a number")
        .between(1, 32);
    p("multiply", &ComputeUnit::multiply, "cycles of a multiplication").between(1, 32);
    p("add", &ComputeUnit::add, "cycles of an addition or a subtraction").between(1, 32);
    p("compare", &ComputeUnit::compare, "cycles to compare with the least score so far").between(1, 32);
    p("initiation_interval", &ComputeUnit::initiation_interval, "cycles from one score to the next")
        .between(1, 64);
  }
};

/// The cost in cycles of each turn of the block's loop that finds something in its channel. More work never
/// takes fewer cycles.
class MicroArchitecture {
 public:
  MicroArchitecture() = default;
  MicroArchitecture(const MicroArchitecture&) = delete;
  MicroArchitecture& operator=(const MicroArchitecture&) = delete;
  virtual ~MicroArchitecture() = default;

  /// Whether the loop looks at one channel a cycle; if not, it sees at once which of them have something.
  [[nodiscard]] virtual bool polls() const { return true; }
  /// No cost at all: everything that waits in an instant is handled in that instant.
  [[nodiscard]] virtual bool instantaneous() const { return false; }
  /// Jobs that the largest queue holds that can be built so.
  [[nodiscard]] virtual uint16_t most_jobs() const { return policy::kPublishedJobs; }
  /// From reading the feedback to the flag that allows an issue.
  [[nodiscard]] virtual core::Cycles feedback(const policy::Work& work) const = 0;
  /// From reading the FIFO to the job being ready.
  [[nodiscard]] virtual core::Cycles release(const policy::Work& work) const = 0;
  /// From the check of a queue of `queued` jobs to the instruction; `dequeued`: the job's last region, so
  /// that it leaves the queue.
  [[nodiscard]] virtual core::Cycles issue(const policy::Work& work, uint32_t queued,
                                           bool dequeued) const = 0;
  /// Most cycles from the end of a feedback's turn to the instruction of that pass of the loop, and from a
  /// job's entry in its FIFO to its being ready, with at most one ready job of each of `tasks`.
  [[nodiscard]] virtual core::Cycles worst_pass(uint32_t tasks) const = 0;
};

struct MicroArchitectureInfo {
  std::string name;
  std::string help;
  std::unique_ptr<MicroArchitecture> (*make)(const ComputeUnit& unit);
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

/// Registers a micro-architecture, constructed from a ComputeUnit, under its scenario name; stands in the
/// class's .cpp.
#define VESPER_MICRO_ARCHITECTURE(Class, name, help)                                               \
  static const ::vesper::scheduler::MicroArchitectureRegistration vesper_registration_of_##Class { \
    {                                                                                              \
      name, help,                                                                                  \
          [](const ::vesper::scheduler::ComputeUnit& unit)                                         \
              -> std::unique_ptr<::vesper::scheduler::MicroArchitecture> {                         \
            return std::make_unique<Class>(unit);                                                  \
          }                                                                                        \
    }                                                                                              \
  }

}  // namespace vesper::scheduler
