#include "sw/hal/accelerator.h"

#include <stddef.h>

#include "sw/hal/mmio.h"
#include "sw/hal/panic.h"

namespace vesper::hal {

namespace regs = abi::kernel_manager;

Accelerator::Accelerator(uint64_t base) : base_(base) {
  uint32_t id = read32(at(regs::kId));
  if (id != regs::kIdValue) panic("no kernel manager there, its id register reads", id);
}

void Accelerator::enable_feedback_interrupt() { write32(at(regs::kControl), regs::kControlInterruptEnable); }

void Accelerator::issue(const policy::Instruction& instruction) {
  uint32_t flags = (instruction.preempt ? abi::kInstructionPreempt : 0) |
                   (instruction.resume ? abi::kInstructionResume : 0);
  write32(at(regs::kInstruction),
          instruction.task | static_cast<uint32_t>(instruction.last_task) << 8 | flags);
  write32(at(regs::kInstruction + 4), instruction.job);
  if (instruction.preempt) write32(at(regs::kInstruction + 8), instruction.last_region);
  write32(at(regs::kInstruction + 12), instruction.region);
}

bool Accelerator::feedback_waits() const { return (read32(at(regs::kStatus)) & regs::kStatusFeedback) != 0; }

uint32_t Accelerator::monitored() const {
  return read32(at(regs::kFeedback + offsetof(abi::FeedbackWords, monitor)));
}

void Accelerator::pop_feedback() { write32(at(regs::kFeedbackPop), 1); }

}  // namespace vesper::hal
