/// What the scheduler firmware takes from the end of a region to the next instruction, with so many jobs
/// queued.
///
/// Jobs of equal regions are released together; after kFirstCounted decisions all are queued. Where no job
/// ends, the means of the next kCounted decisions are taken, else the next decision alone, at which `jobs`
/// are queued (a few less near kMostJobs).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vesper::test {

enum class Regions : uint8_t {
  more_to_come,  ///< no job ends while decisions are counted
  all_last       ///< every decision hands out the only region of a job, which leaves the queue
};

enum class Core : uint8_t {
  counting,    ///< a nanosecond an instruction, register accesses in no time: times are instructions
  of_platform  ///< scenarios/platforms/vck190.yaml
};

struct DecisionCase {
  std::string policy;
  std::string parameters;  ///< of the policy, as a YAML map without its braces
  uint32_t jobs = 1;       ///< at most kMostJobs
  Regions regions = Regions::more_to_come;
  Core core = Core::counting;
};

struct DecisionCost {
  uint64_t deciding_ps = 0;  ///< in the policy alone
  uint64_t all_ps = 0;       ///< interrupt, feedback, decision, issue

  /// Of Core::counting.
  [[nodiscard]] uint64_t deciding_instructions() const { return deciding_ps / 1000; }
  [[nodiscard]] uint64_t all_instructions() const { return all_ps / 1000; }
};

constexpr uint32_t kMostJobs = 512;  // that the firmware's queue holds
constexpr uint32_t kFirstCounted = 5;
constexpr uint32_t kCounted = 40;

/// Simulates in a process of its own. Throws std::runtime_error when that fails.
DecisionCost decision_cost(const DecisionCase& of);

/// The names of all registered policies, sorted.
std::vector<std::string> policy_names();

}  // namespace vesper::test
