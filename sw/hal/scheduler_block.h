/// Scheduler block driver: its request FIFO.
#pragma once

#include <stdint.h>

#include "sw/abi/scheduler_block.h"

namespace vesper::hal {

class RequestFifo {
 public:
  explicit RequestFifo(uint64_t base) : base_(base) {}

  /// Whether a request can be sent. Reads the block only when what it told last is used up.
  [[nodiscard]] bool has_room();
  /// There must be room.
  void send(const abi::RequestWords& request);
  /// The block's interrupt, high while it has room.
  void enable_interrupt(bool on);

 private:
  uint64_t base_;
  uint32_t room_ = 0;
};

}  // namespace vesper::hal
