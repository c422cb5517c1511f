/// On-chip memory for the activations of as many jobs as are interwoven. SystemC-free.
///
/// Models      one buffer a job from its first layer to its last. When a job needs one and none is free,
///             the buffer used least recently is given up: its job's activations, the output of its last
///             layer, are stored to memory, and loaded back when that job goes on.
/// Leaves out  what a network keeps longer than to the next layer (residual connections); inputs of first
///             and outputs of last layers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "platform/observe/observer.h"

namespace vesper::npu {

/// The output of a layer where it lies in memory.
struct Activations {
  observe::JobId job;
  uint32_t layer = 0;
  uint64_t address = 0;
  uint32_t bytes = 0;
};

class ActivationBuffers {
 public:
  explicit ActivationBuffers(size_t count) : count_(count) {}

  struct Swap {
    std::optional<Activations> store, load;
  };
  /// A layer of the job is next: what has to be moved before.
  Swap enter(observe::JobId job);
  /// A layer of the job ended and left this.
  void leave(const Activations& output);
  /// The job's last layer ended.
  void release(observe::JobId job);

 private:
  size_t count_;
  std::vector<Activations> on_chip_;  ///< by use, the latest last
  std::map<observe::JobId, Activations> in_memory_;
};

}  // namespace vesper::npu
