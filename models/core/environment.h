/// What every IP may know of the system it is built into. SystemC-free.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/observe/observer.h"
#include "schedulers/policy/job.h"

namespace vesper::spatial {
class Plan;
}

namespace vesper::core {

/// A release: the job becomes ready at `release` and is due at `deadline` (absolute, picoseconds).
struct Release {
  uint64_t release = 0;
  uint64_t deadline = 0;
  uint32_t weight = 0;    ///< importance of this job; 0: its task's
  uint64_t isolated = 0;  ///< its true time alone on the accelerator, for metrics; 0: its task's estimate
  uint64_t order = 0;     ///< over all tasks: of jobs that wait, an ideal scheduler takes the least first
  bool warm_up = false;   ///< counts in no figure
};

/// What the input of one job makes of one layer.
struct LayerSample {
  uint64_t time_ps = 0;  ///< the layer takes so long; 0: what the accelerator makes of its shape and sparsity
  double sparsity = 0;   ///< fraction of zeros among its outputs, 0 .. 1
};

/// What the inputs of a task's jobs do to its layers: samples of a request stream. Outlives the simulation.
class JobSamples {
 public:
  JobSamples() = default;
  JobSamples(const JobSamples&) = delete;
  JobSamples& operator=(const JobSamples&) = delete;
  virtual ~JobSamples() = default;

  /// Of each layer of job number `job`; of a job that is not known, none.
  [[nodiscard]] virtual std::span<const LayerSample> layers(uint32_t job) const = 0;
  /// By number of the job the true seconds left at the start of each of its regions, for the oracle; null
  /// where they are not known.
  [[nodiscard]] virtual const policy::TrueTimes* true_left() const = 0;
};

struct MemoryRange {
  uint64_t first = 0;
  uint64_t bytes = 0;
};

/// Memory behind all tasks' own, handed out once and for good.
struct SpareMemory {
  uint64_t next = 0;
  uint64_t take(uint64_t bytes) {
    next += bytes;
    return next - bytes;
  }
};

/// What is estimated of each region of a task; null where nothing is.
using EstimateTable = std::shared_ptr<const std::vector<policy::RegionEstimate>>;

/// A task as schedulers and the release module see it.
struct TaskInfo {
  std::string name;
  uint32_t priority = 0;  ///< fixed priority, 0 the most urgent
  uint32_t regions = 0;   ///< non-preemptive regions a job has
  uint64_t relative_deadline = 0;
  uint64_t isolated_estimate = 0;  ///< execution time alone, picoseconds
  /// The next release in order of time, or none: the arrival process of the task.
  std::function<std::optional<Release>()> next_release;
  MemoryRange tensors;           ///< of the task and of one job of it; empty if not known
  uint32_t weight = 1;           ///< importance, for policies that weigh jobs; 0: each job brings its own
  EstimateTable estimates = {};  ///< `regions` of them
  std::shared_ptr<const JobSamples> samples = {};  ///< null: all jobs are alike
  std::string accelerator = {};  ///< instance that its regions run on; empty where it has none
};

struct PolicyChoice {
  std::string name;
  std::vector<double> parameters;  ///< in the order the policy declares them
};

struct Environment {
  observe::ObserverHub* observers = nullptr;
  std::vector<TaskInfo> tasks;
  /// Names of all that JobTag::task can stand for: the tasks, then traffic generators and the CPU.
  std::vector<std::string> requesters;
  PolicyChoice policy;
  uint32_t queue_capacity = policy::kPublishedJobs;  ///< ready jobs that the scheduler holds
  bool static_level_in_firmware = false;  ///< scheduler.placement: bi_level; firmware takes releases
  bool burst_memory = false;  ///< memory.fidelity: bursts travel NoC and DDR; else fixed transfer times
  bool functional = false;    ///< memory keeps what is written: an accelerator computes
  /// The design of spatial accelerators and what runs on it; null without.
  std::shared_ptr<const spatial::Plan> spatial = {};
  std::shared_ptr<SpareMemory> spare_memory = std::make_shared<SpareMemory>();
  uint64_t seed = 1;

  /// JobTag::task of a requester; throws std::invalid_argument when there is none of that name.
  [[nodiscard]] uint16_t requester_of(std::string_view name) const {
    auto it = std::ranges::find(requesters, name);
    if (it == requesters.end()) {
      throw std::invalid_argument("'" + std::string(name) + "' is not listed under 'traffic'");
    }
    return static_cast<uint16_t>(it - requesters.begin());
  }
};

}  // namespace vesper::core
