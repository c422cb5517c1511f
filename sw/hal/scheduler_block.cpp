#include "sw/hal/scheduler_block.h"

#include "sw/hal/mmio.h"

namespace vesper::hal {

namespace regs = abi::scheduler_block;

bool RequestFifo::has_room() {
  if (room_ == 0) room_ = read32(base_ + regs::kRoom);
  return room_ > 0;
}

void RequestFifo::send(const abi::RequestWords& request) {
  const auto* words = reinterpret_cast<const uint32_t*>(&request);
  for (uint32_t i = 0; i < sizeof request / 4; ++i) write32(base_ + regs::kRequest + 4 * i, words[i]);
  --room_;
}

void RequestFifo::enable_interrupt(bool on) {
  write32(base_ + regs::kControl, regs::kControlEnable | (on ? regs::kControlRoomInterrupt : 0));
}

}  // namespace vesper::hal
