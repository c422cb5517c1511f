/// Where the tensors of live jobs lie: what a task's jobs must not share while they live side by side.
///
/// Models      a task's own memory serves one job at a time. A job that begins while another of its task is
///             unfinished (a policy that preempts a job by a later one of the same task) takes a copy of that
///             memory behind all tasks', which later jobs of the task use again. Weights are shared: they
///             stay in the task's own memory. A task whose memory is not known keeps all jobs in one place.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/core/environment.h"

namespace vesper::accelerator {

class JobMemory {
 public:
  explicit JobMemory(const core::Environment& environment);

  /// A job begins; nothing is done if it lives already.
  void begin(observe::JobId job);
  void end(observe::JobId job);
  /// What to add to the addresses of the job's inputs, outputs and partial tile; 0 for a job that did not
  /// begin.
  [[nodiscard]] uint64_t offset(observe::JobId job) const;

 private:
  struct Live {
    uint32_t job;
    uint64_t offset;
  };
  struct Task {
    core::MemoryRange own;
    std::vector<Live> live;
    std::vector<uint64_t> free = {0};  ///< offsets
  };
  std::vector<Task> tasks_;
  std::shared_ptr<core::SpareMemory> spare_;
};

}  // namespace vesper::accelerator
